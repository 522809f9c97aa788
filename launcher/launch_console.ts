/**
 * The launcher's own terminal, or the pipes in its place.
 *
 * @module
 */

import type { Interrupts } from "../common/interrupts.ts";
import { linesOf, type OutputStream, type Say } from "./child.ts";
import { LineWriter, prefixer } from "./output.ts";

/** Where the launcher reads lines and prints them. */
export interface LaunchConsole {
  /** Whether a person sits at both ends. */
  readonly isTerminal: boolean;
  /** Whether lines may be coloured. */
  readonly colour: boolean;
  /** Lines of input up to its end. Can be iterated once. */
  lines(): AsyncIterable<string>;
  /** Prints one line that is safe for a terminal; above the line that is being typed, if there is one. */
  print(line: string, stream: OutputStream): void;
  /** Resolves when all lines are written. */
  flush(): Promise<void>;
}

/**
 * The console of this process. On a terminal, lines are edited with a history; its Ctrl-C, and a reader of the
 * output who goes away, as `head` does, are wishes to end. When it is disposed of, all lines are written and the
 * terminal is as it was before.
 */
export function processConsole(interrupts: Interrupts): LaunchConsole & AsyncDisposable {
  const isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const end = (): void => interrupts.request();
  const stdout = new LineWriter(Deno.stdout, end);
  const stderr = new LineWriter(Deno.stderr, end);
  const flush = async (): Promise<void> => {
    await Promise.all([stdout.flush(), stderr.flush()]);
  };
  let editor: { prompt(keepsCursor?: boolean): void; close(): void } | undefined;

  async function* editedLines(): AsyncGenerator<string> {
    const readline = await import("node:readline");
    const { stdin: input, stdout: output } = await import("node:process");
    const lines = readline.createInterface({ input, output, terminal: true });
    editor = lines;
    lines.on("SIGINT", end);
    // Without a listener Ctrl-Z would send this process a signal, for which it has no permission.
    lines.on("SIGTSTP", () => {});
    lines.prompt();
    for await (const line of lines) {
      yield line;
      lines.prompt();
    }
    editor = undefined;
  }

  return {
    isTerminal,
    colour: Deno.stdout.isTerminal() && !Deno.noColor,
    lines: () => isTerminal ? editedLines() : linesOf(Deno.stdin.readable),
    print(line, stream) {
      if (editor === undefined) return (stream === "stdout" ? stdout : stderr).writeLine(line);
      stdout.writeLine(`\r\x1b[J${line}`);
      stdout.flush().then(() => editor?.prompt(true));
    },
    flush,
    async [Symbol.asyncDispose]() {
      const open = editor;
      editor = undefined;
      open?.close();
      await flush();
    },
  };
}

/** Prints what these speakers say, each line behind the name of who said it. */
export function transcript(console: LaunchConsole, speakers: readonly string[]): Say {
  const prefixed = prefixer(speakers, console.colour);
  return (speaker, line, stream) => console.print(prefixed(speaker, line), stream);
}

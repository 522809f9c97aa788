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
  return new ProcessConsole(interrupts);
}

class ProcessConsole implements LaunchConsole, AsyncDisposable {
  readonly isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  readonly colour = Deno.stdout.isTerminal() && !Deno.noColor;
  readonly #interrupts: Interrupts;
  readonly #writers: Record<OutputStream, LineWriter>;
  #editor: { prompt(keepsCursor: boolean): void; close(): void } | undefined;

  constructor(interrupts: Interrupts) {
    this.#interrupts = interrupts;
    const end = (): void => interrupts.request();
    this.#writers = {
      stdout: new LineWriter(Deno.stdout, end),
      stderr: new LineWriter(Deno.stderr, end),
    };
  }

  lines(): AsyncIterable<string> {
    return this.isTerminal ? this.#edited() : linesOf(Deno.stdin.readable);
  }

  async *#edited(): AsyncGenerator<string> {
    const readline = await import("node:readline");
    const { stdin, stdout } = await import("node:process");
    const editor = readline.createInterface({ input: stdin, output: stdout, terminal: true });
    this.#editor = editor;
    editor.on("SIGINT", () => this.#interrupts.request());
    // Without a listener Ctrl-Z would send this process a signal, for which it has no permission.
    editor.on("SIGTSTP", () => {});
    editor.prompt();
    for await (const line of editor) {
      yield line;
      editor.prompt();
    }
    this.#editor = undefined;
  }

  print(line: string, stream: OutputStream): void {
    if (this.#editor === undefined) return this.#writers[stream].writeLine(line);
    this.#writers.stdout.writeLine(`\r\x1b[J${line}`);
    this.#writers.stdout.flush().then(() => this.#editor?.prompt(true));
  }

  async flush(): Promise<void> {
    await Promise.all([this.#writers.stdout.flush(), this.#writers.stderr.flush()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const editor = this.#editor;
    this.#editor = undefined;
    editor?.close();
    await this.flush();
  }
}

/** Prints what these speakers say, each line behind the name of who said it. */
export function transcript(console: LaunchConsole, speakers: readonly string[]): Say {
  const prefixed = prefixer(speakers, console.colour);
  return (speaker, line, stream) => console.print(prefixed(speaker, line), stream);
}

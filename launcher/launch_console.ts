/**
 * The launcher's own terminal, or the pipes in its place.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import type { OutputStream } from "./child.ts";
import type { Interrupts } from "../common/interrupts.ts";
import { LineWriter } from "./output.ts";

/** Where the launcher reads lines and prints them. */
export interface LaunchConsole {
  /** Whether a person sits at both ends. */
  readonly isTerminal: boolean;
  /** Whether lines may be coloured. */
  readonly colour: boolean;
  /** Lines of input up to its end. Can be iterated once. */
  lines(): AsyncIterable<string>;
  /** Prints one line that is safe for a terminal. */
  print(line: string, stream: OutputStream): void;
  /** Resolves when all lines are written. */
  flush(): Promise<void>;
  /** Resolves when all lines are written; the terminal is as it was before. */
  close(): Promise<void>;
}

/**
 * The console of this process.
 *
 * On a terminal lines are edited with a history (`node:readline`), and what is printed meanwhile appears above
 * the line being typed. A reader of the output who goes away, as `head` does, is a wish to end.
 */
export class ProcessConsole implements LaunchConsole {
  /** Whether a person sits at both ends. */
  readonly isTerminal: boolean;
  /** Whether lines may be coloured: on a terminal, unless `NO_COLOR` is set. */
  readonly colour: boolean;
  readonly #interrupts: Interrupts;
  readonly #writers: Record<OutputStream, LineWriter>;
  #prompt: { redraw(): void; close(): void } | undefined;

  /**
   * Takes the terminal or the pipes of this process.
   *
   * @param interrupts Gets what the terminal's keys ask for.
   */
  constructor(interrupts: Interrupts) {
    this.isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
    this.colour = Deno.stdout.isTerminal() && !Deno.noColor;
    this.#interrupts = interrupts;
    const end = (): void => interrupts.request();
    this.#writers = {
      stdout: new LineWriter(Deno.stdout, end),
      stderr: new LineWriter(Deno.stderr, end),
    };
  }

  /** Lines of input up to its end. */
  lines(): AsyncIterable<string> {
    return this.isTerminal ? this.#edited() : pipedLines();
  }

  async *#edited(): AsyncGenerator<string> {
    const readline = await import("node:readline");
    const { stdin, stdout } = await import("node:process");
    const editor = readline.createInterface({ input: stdin, output: stdout, terminal: true });
    this.#prompt = { redraw: () => editor.prompt(true), close: () => editor.close() };
    editor.on("SIGINT", () => this.#interrupts.request());
    // Without a listener Ctrl-Z would send this process a signal, for which it has no permission.
    editor.on("SIGTSTP", () => {});
    editor.prompt();
    for await (const line of editor) {
      yield line;
      editor.prompt();
    }
    this.#prompt = undefined;
  }

  /** Prints one line, above what is being typed. */
  print(line: string, stream: OutputStream): void {
    if (this.#prompt === undefined || !this.isTerminal) {
      this.#writers[stream].writeLine(line);
      return;
    }
    this.#writers.stdout.write(`\r\x1b[J${line}\n`);
    this.#writers.stdout.flush().then(() => this.#prompt?.redraw());
  }

  /** Gives the terminal back and writes what is left. */
  async close(): Promise<void> {
    const prompt = this.#prompt;
    this.#prompt = undefined;
    prompt?.close();
    await this.flush();
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    await Promise.all([this.#writers.stdout.flush(), this.#writers.stderr.flush()]);
  }
}

function pipedLines(): AsyncIterable<string> {
  return Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
}

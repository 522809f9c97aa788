/**
 * A child process whose lines are heard and that is asked to end through its input or by a signal.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { messageOf, StartError } from "../common/errors.ts";
import type { End, Member } from "./chat.ts";
import type { Command } from "./commands.ts";

/** Which of two streams a line belongs to. */
export type OutputStream = "stdout" | "stderr";

/** Takes a line that somebody has printed, without its end. */
export type Say = (speaker: string, line: string, stream: OutputStream) => void;

/** Who gets a process's lines, how long it may take to end, and whether it has this process's terminal. */
export type ChildOptions = Readonly<{ say: Say; graceMs: number; inTerminal?: boolean }>;

/**
 * A process at the far end of pipes, or in this process's terminal, where only its standard error is heard.
 *
 * Guarantees: in pipes it has a process group of its own, so that the terminal's Ctrl-C and hang-up reach the
 * launcher alone, which ends its children in order; only this process holds the writing end of its input, so that
 * the input ends however this process ends.
 */
export class Child implements Member {
  /** The speaker of its lines. */
  readonly name: string;
  /** Resolves when it has ended and all its lines were handed over. */
  readonly ended: Promise<End>;
  readonly #options: ChildOptions;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** Starts the process. Throws a `StartError` if that cannot be done. */
  constructor(name: string, { program, args }: Command, options: ChildOptions) {
    const { inTerminal = false } = options;
    const stdio = inTerminal ? "inherit" : "piped";
    try {
      this.#process = new Deno.Command(program, {
        args: [...args],
        stdin: stdio,
        stdout: stdio,
        stderr: "piped",
        detached: !inTerminal,
        // Deno colours its own errors even in a pipe, unless told not to.
        env: inTerminal ? {} : { NO_COLOR: "1" },
      }).spawn();
    } catch (error) {
      throw new StartError(`Cannot run ${program}: ${reason(error)}`);
    }
    this.name = name;
    this.#options = options;
    const heard = [this.#hearAll("stderr")];
    if (!inTerminal) {
      this.#input = this.#process.stdin.getWriter();
      heard.push(this.#hearAll("stdout"));
    }
    this.ended = Promise.all([this.#process.status, ...heard])
      .then(([{ code }]) => ({ status: code, words: [] }));
  }

  async #hearAll(stream: OutputStream): Promise<void> {
    for await (const line of linesOf(this.#process[stream])) this.hear(line, stream);
  }

  /** Takes a line that it has printed. */
  protected hear(line: string, stream: OutputStream): void {
    this.#options.say(this.name, line, stream);
  }

  /** Writes a line to its input; resolves when the pipe took it. Does nothing if the process has ended. */
  async writeLine(line: string): Promise<void> {
    await this.#input?.write(new TextEncoder().encode(line + "\n")).catch(() => {});
  }

  /** Ends its input (in a terminal: sends SIGTERM) and gives it time; then kills it. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.kill(), this.#options.graceMs);
    if (this.#input === undefined) this.#signal("SIGTERM");
    else await this.#input.close().catch(() => {});
    await this.ended;
    clearTimeout(timer);
  }

  /** Kills it. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch {
      // It has ended before.
    }
  }
}

/** The lines of a stream; what is left without a line end at the end counts as one. */
export function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<string> {
  return stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such program";
  if (error instanceof Deno.errors.NotCapable) return "it is not in --allow-run";
  return messageOf(error);
}

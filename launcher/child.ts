/**
 * A child process whose lines are heard and that ends when its input ends.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { messageOf, StartError } from "../common/errors.ts";
import type { Command } from "./commands.ts";

/** Which of a child's two streams a line came on. */
export type OutputStream = "stdout" | "stderr";

/** How a {@linkcode Child} is run. */
export interface ChildOptions {
  /** Called for each line, without its end, in the order of each stream. */
  onLine: (line: string, stream: OutputStream) => void;
}

/** An exit status, or 128 + the signal's number, as a shell would say it. */
export type ExitStatus = number;

/**
 * A process at the far end of three pipes.
 *
 * Guarantees:
 * 1. It has a process group of its own: the terminal's Ctrl-C and hang-up reach the launcher alone, which ends its
 *    children in order. Only this process holds the writing end of its input, so that end of input reaches it however
 *    this process ends.
 * 2. `ended` resolves after the last line was handed over; it never rejects.
 * 3. Writing to a child that has ended does nothing.
 */
export class Child {
  /** Resolves when the process has ended and all its lines were handed over. */
  readonly ended: Promise<ExitStatus>;
  /** The process id. */
  readonly pid: number;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #hasEnded = false;
  #inputClosed = false;

  /**
   * Starts the process.
   *
   * @throws {StartError} If it cannot be started.
   */
  constructor(command: Command, options: ChildOptions) {
    try {
      this.#process = new Deno.Command(command.program, {
        args: [...command.args],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
        // Deno colours its own errors even in a pipe, unless told not to.
        env: { NO_COLOR: "1" },
        detached: true,
      }).spawn();
    } catch (error) {
      throw new StartError(`Cannot run ${command.program}: ${reason(error)}`);
    }
    this.pid = this.#process.pid;
    this.#input = this.#process.stdin.getWriter();
    const listen = (stream: OutputStream): Promise<void> =>
      eachLine(this.#process[stream], (line) => options.onLine(line, stream));
    this.ended = Promise.all([this.#process.status, listen("stdout"), listen("stderr")])
      .then(([status]) => status.code)
      .finally(() => this.#hasEnded = true);
  }

  /** Whether it has ended and all its lines were handed over. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Writes a line to its input; resolves when the pipe took it. */
  async writeLine(line: string): Promise<void> {
    if (this.#inputClosed) return;
    try {
      await this.#input.write(new TextEncoder().encode(line + "\n"));
    } catch {
      this.#inputClosed = true; // it has ended, or reads no more: `ended` tells
    }
  }

  /** Ends its input: asks it to finish. */
  async closeInput(): Promise<void> {
    if (this.#inputClosed) return;
    this.#inputClosed = true;
    try {
      await this.#input.close();
    } catch {
      // It has closed its side before.
    }
  }

  /** Ends its input and gives it time; then kills it. Resolves with its status. */
  async stop(graceMs: number): Promise<ExitStatus> {
    const timer = setTimeout(() => this.kill(), graceMs);
    try {
      await this.closeInput();
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills it at once. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended before.
    }
  }
}

/** Hands over each line of a stream; what is left without a line end at the end counts as one. */
export async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) onLine(line);
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such program";
  if (error instanceof Deno.errors.NotCapable) return "it is not in --allow-run";
  return messageOf(error);
}

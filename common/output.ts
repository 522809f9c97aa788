/**
 * Writing to standard output and standard error, whole and in order.
 *
 * @module
 */

import { StartError, systemWords } from "./errors.ts";

/** Where bytes go: `Deno.stdout`, `Deno.stderr`. */
export interface SyncSink {
  /** Writes some of the bytes and says how many. */
  writeSync(bytes: Uint8Array): number;
}

/** Where bytes go without keeping the caller: `Deno.stdout`, `Deno.stderr`. */
export interface AsyncSink {
  /** Writes some of the bytes and resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Milliseconds to wait for a terminal or pipe that is set to refuse instead of to block. */
const RETRY_MS = 2;

const encoder = new TextEncoder();

/**
 * Writes all of a text. It waits for a reader that is slow.
 *
 * @throws {Deno.errors.BrokenPipe} If nobody reads any more.
 * @throws {StartError} If it cannot be written for another reason: one line.
 */
export function writeText(sink: SyncSink, text: string): void {
  let bytes = encoder.encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(sink.writeSync(bytes));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      if (!(error instanceof Deno.errors.WouldBlock)) {
        const name = sink === Deno.stderr ? "error" : "output";
        throw new StartError(`Cannot write to standard ${name}: ${systemWords(error)}`, {
          cause: error,
        });
      }
      // Whoever shares the stream may have made it non-blocking.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/**
 * Writes a line as a whole.
 *
 * @param line Without its end.
 * @param sink Where to.
 * @default {Deno.stdout}
 * @throws {Deno.errors.BrokenPipe | StartError} As {@linkcode writeText} does.
 */
export function printLine(line: string, sink: SyncSink = Deno.stdout): void {
  writeText(sink, line + "\n");
}

/**
 * Writes a line beside everything else: the program goes on while a pipe is full, and also if nobody reads any more.
 *
 * @param line Without its end.
 * @returns Resolves when it is written or cannot be.
 */
export async function printLineLater(line: string, sink: AsyncSink = Deno.stdout): Promise<void> {
  let bytes = encoder.encode(line + "\n");
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(await sink.write(bytes));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/**
 * Waits for something that may never come.
 *
 * @param ms How long at most.
 */
export async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

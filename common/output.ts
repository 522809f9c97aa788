/**
 * Writing to standard output and standard error, whole and in order.
 *
 * @module
 */

/** Where bytes go: `Deno.stdout`, `Deno.stderr`. */
export interface SyncSink {
  /** Writes some of the bytes and says how many. */
  writeSync(bytes: Uint8Array): number;
}

/** Milliseconds to wait for a terminal or pipe that is set to refuse instead of to block. */
const RETRY_MS = 2;

const encoder = new TextEncoder();

/**
 * Writes all of a text. It waits for a reader that is slow.
 *
 * @throws {Deno.errors.BrokenPipe} If nobody reads any more.
 */
export function writeText(sink: SyncSink, text: string): void {
  let bytes = encoder.encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(sink.writeSync(bytes));
    } catch (error) {
      // Whoever shares the stream may have made it non-blocking.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
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
 * @throws {Deno.errors.BrokenPipe} If nobody reads any more.
 */
export function printLine(line: string, sink: SyncSink = Deno.stdout): void {
  writeText(sink, line + "\n");
}

/**
 * Lines on their way to a console that may not take them.
 *
 * @module
 */

import { type AsyncSink, atMost } from "../../common/output.ts";
import { LineQueue } from "./line_queue.ts";

/** Options of {@linkcode BackgroundWriter}. */
export interface BackgroundWriterOptions {
  /** Makes the line that says how many lines were dropped. */
  notice: (dropped: number) => string;
  /**
   * How many bytes may wait.
   *
   * @default {1 MiB}
   */
  maxBytes?: number;
}

const MAX_BYTES = 1024 * 1024;
/** So much goes out in one write. */
const BATCH_BYTES = 64 * 1024;
/** Milliseconds to wait for a terminal or pipe that is set to refuse instead of to block. */
const RETRY_MS = 10;

/**
 * Writes lines in order, and never keeps the caller: one write at a time is under way, beside the event loop. What
 * does not fit into the queue meanwhile is dropped and counted, and a line says how many that were as soon as half of
 * the queue is free again. A sink that fails costs what waits for it and is tried again with the next line.
 */
export class BackgroundWriter {
  readonly #sink: AsyncSink;
  readonly #notice: (dropped: number) => string;
  readonly #maxBytes: number;
  readonly #queue: LineQueue;
  #dropped = 0;
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();

  /** Makes a writer with nothing to write. */
  constructor(sink: AsyncSink, { notice, maxBytes = MAX_BYTES }: BackgroundWriterOptions) {
    this.#sink = sink;
    this.#notice = notice;
    this.#maxBytes = maxBytes;
    this.#queue = new LineQueue(maxBytes);
  }

  /** Writes a line, given without its end, or counts it as dropped. */
  add(line: string): void {
    // Not one line into each gap: what is there has to be read without a notice between any two.
    if (this.#isCatchingUp() || !this.#queue.add(line)) {
      this.#dropped++;
      return;
    }
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#writing = this.#write();
  }

  /**
   * Waits until all is written or cannot be.
   *
   * @param ms How long at most.
   */
  async drained(ms: number): Promise<void> {
    if (this.#isWriting) await atMost(ms, this.#writing);
  }

  #isCatchingUp(): boolean {
    return this.#dropped > 0 && this.#queue.bytes > this.#maxBytes / 2;
  }

  /** Says that it has ended in the turn in which it finds nothing more: a line that comes later begins another one. */
  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      try {
        this.#queue.take(await this.#sink.write(this.#queue.next(BATCH_BYTES)));
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          continue;
        }
        this.#dropped += this.#queue.clear();
        break;
      }
      if (this.#dropped === 0 || this.#isCatchingUp()) continue;
      if (this.#queue.add(this.#notice(this.#dropped))) this.#dropped = 0;
    }
    this.#isWriting = false;
  }
}

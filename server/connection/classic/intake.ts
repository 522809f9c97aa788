/**
 * The bytes of a connection that are not served yet.
 *
 * @module
 */

import type { ByteSource } from "../../../common/link.ts";
import type { Begun, LineReaderOptions } from "../../../common/wire/lines.ts";

/** How an {@linkcode Intake} reads: as a `LineReader` does. */
export type IntakeOptions = Pick<LineReaderOptions, "onBytes" | "onHeld" | "beforeReading">;

/** A quiet connection holds this much; it takes any usual object. */
const MIN_BUFFER_BYTES = 512;

/** One read takes no more, so that no connection's backlog keeps the others waiting for long. */
const MAX_READ_BYTES = 8_192;

/** What any connection may hold without being counted for it. */
const FEW_BYTES = 512;

/**
 * Reads a connection into one buffer, from whose start its owner takes what it understands.
 *
 * Guarantees:
 * 1. Nothing is read unless it is asked for, and one read at a time.
 * 2. What is held is what was read and not taken: its owner bounds it. The buffer is at most four times as large.
 */
export class Intake {
  readonly #source: ByteSource;
  readonly #options: IntakeOptions;
  #buffer = new Uint8Array(MIN_BUFFER_BYTES);
  #length = 0;
  /** The read that is under way, or whose bytes nobody has taken yet. */
  #ahead: Promise<number | null> | undefined;
  /** Where its bytes come to stand. */
  #readAt = 0;
  #lastCount = 0;
  #heldBytes = 0;

  /** Holds nothing; see {@linkcode IntakeOptions}. */
  constructor(source: ByteSource, options: IntakeOptions = {}) {
    this.#source = source;
    this.#options = options;
  }

  /** What was read and not taken. Valid until the next call. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Begins the next read, unless it is under way: see `LineReader.ahead`. */
  ahead(): Promise<number | null> {
    return this.#ahead ??= this.#read();
  }

  /**
   * Adds what the next read brings to {@linkcode Intake.bytes}.
   *
   * @returns `false` at the end of input. Rejects if the read fails.
   */
  async more(): Promise<boolean> {
    const pause = this.#lastCount > 0 && this.#options.beforeReading?.(this.#lastCount);
    if (pause) await pause;
    const count = await this.ahead();
    this.#ahead = undefined;
    if (count === null) return false;
    this.#lastCount = count;
    // Something may have been taken while they were read.
    this.#buffer.copyWithin(this.#length, this.#readAt, this.#readAt + count);
    this.#length += count;
    this.#options.onBytes?.(count);
    this.#hold(this.#length);
    return true;
  }

  /** The first `count` bytes are taken. */
  take(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#hold(this.#length);
    const isIdle = this.#ahead === undefined && this.#length <= MIN_BUFFER_BYTES / 2;
    if (isIdle && this.#buffer.length > MAX_READ_BYTES) {
      const rest = this.bytes;
      this.#buffer = new Uint8Array(MIN_BUFFER_BYTES);
      this.#buffer.set(rest);
    }
  }

  /** Gives away the buffer with all that is in it; another reader reads on. Not while a read is under way. */
  handOver(): Begun {
    const given = { buffer: this.#buffer, count: this.#length };
    this.#length = 0;
    this.#hold(0);
    return given;
  }

  #read(): Promise<number | null> {
    if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(4 * this.#length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#readAt = this.#length;
    return this.#source.read(this.#buffer.subarray(this.#length, this.#length + MAX_READ_BYTES));
  }

  #hold(bytes: number): void {
    const counted = bytes > FEW_BYTES ? bytes : 0;
    if (counted === this.#heldBytes) return;
    this.#options.onHeld?.(counted - this.#heldBytes);
    this.#heldBytes = counted;
  }
}

/**
 * One connection's writer: bounded, ordered, one system call for all that a turn gathered.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { LIMITS } from "./limits.ts";
import type { Encoder } from "./slab_encoder.ts";

/** Where bytes go: the writing half of a `Deno.Conn`. */
export interface ByteSink {
  /** Writes some bytes from the start of the buffer; resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** How an {@linkcode Outbox} behaves. */
export interface OutboxOptions {
  /**
   * Bytes that may wait.
   *
   * @default {1048576}
   */
  maxBytes?: number;
  /** Called when the outbox becomes full, and again only after it has been half empty. */
  onFull?: () => void;
  /** Called when the outbox, once full, is half empty again. */
  onRoomy?: () => void;
  /**
   * Says when what was queued is written: calls `flush` soon. What is not urgent, an answer, may wait longer
   * to leave together with something else.
   *
   * @default {queueMicrotask}
   */
  schedule?: (flush: () => void, isUrgent: boolean) => void;
  /**
   * Makes bytes of what is written; may be shared by many connections.
   *
   * @default {new TextEncoder()}
   */
  encoder?: Encoder;
  /** Called once if a write fails; nothing is written any more. */
  onError?: (error: unknown) => void;
}

const NOTHING = new Uint8Array(0);

/** So many UTF-16 units are worth a write of their own: waiting would fill the queue and save nothing. */
const MUCH = 16_384;

/**
 * The queue of frames for one connection and its only writer.
 *
 * Guarantees:
 * 1. Frames go out in the order in which they were put, each whole.
 * 2. `put` never waits. Frames put before the scheduled flush leave in one `write` (unless there are very many),
 *    and so do all that gather while a write is under way.
 * 3. No more than `maxBytes` wait, the answers given by `putAnswer` aside; a frame that is larger than
 *    `maxBytes` is taken by an empty outbox only.
 * 4. A letter put along with a frame is either written with it or handed back by `close`.
 *
 * @typeParam Letter What is to be rescued if a frame cannot be written.
 */
export class Outbox<Letter = never> {
  readonly #sink: ByteSink;
  readonly #maxBytes: number;
  readonly #options: OutboxOptions;
  readonly #schedule: (flush: () => void, isUrgent: boolean) => void;
  readonly #encoder: Encoder;
  /** Frames not yet handed to a write. */
  #pending = "";
  /** Offsets in the stream of bytes since the start. */
  #putBytes = 0;
  #writtenBytes = 0;
  /** Letters that are not written yet, oldest first, with the offset at which their frame ends. */
  readonly #letters: { end: number; letter: Letter }[] = [];
  /** What is being written. */
  #bytes: Uint8Array = NOTHING;
  /** A write is under way: what is put now goes out behind it. */
  #isWriting = false;
  /** A flush is scheduled; an urgent one, that is. */
  #isScheduled = false;
  #isScheduledUrgently = false;
  #isFull = false;
  #isClosed = false;
  #waiters: (() => void)[] = [];

  /**
   * Makes an empty outbox.
   *
   * @param sink The connection.
   * @param options See {@linkcode OutboxOptions}.
   */
  constructor(sink: ByteSink, options: OutboxOptions = {}) {
    this.#sink = sink;
    this.#maxBytes = options.maxBytes ?? LIMITS.maxQueueBytes;
    this.#options = options;
    this.#schedule = options.schedule ?? ((flush) => queueMicrotask(flush));
    this.#encoder = options.encoder ?? new TextEncoder();
  }

  /** Bytes that are not written yet. */
  get queuedBytes(): number {
    return this.#putBytes - this.#writtenBytes;
  }

  /** Whether the outbox was full and has not been half empty since. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Takes a frame, or says that there is no room.
   *
   * @param frame A line with its end.
   * @param letter Handed back by `close` if the frame is not written.
   * @returns `false` if the outbox is full or closed; nothing has happened then.
   */
  put(frame: string, letter?: Letter): boolean {
    if (this.#isClosed) return false;
    const bytes = Buffer.byteLength(frame);
    const queued = this.queuedBytes;
    if (queued > 0 && queued + bytes > this.#maxBytes) {
      this.#becomeFull();
      return false;
    }
    this.#append(frame, bytes, true);
    if (letter !== undefined) this.#letters.push({ end: this.#putBytes, letter });
    return true;
  }

  /**
   * Takes an answer even if there is no room, since every request must have one. The caller keeps the outbox
   * bounded: it serves no further request of this connection before {@linkcode Outbox.roomy}.
   */
  putAnswer(frame: string): void {
    if (this.#isClosed) return;
    this.#append(frame, Buffer.byteLength(frame), false);
    if (this.queuedBytes > this.#maxBytes) this.#becomeFull();
  }

  /** Resolves as soon as the outbox is not full (or is closed). */
  async roomy(): Promise<void> {
    while (this.#isFull && !this.#isClosed) await this.#progress();
  }

  /** Resolves when all is written, or the outbox is closed. */
  async drained(): Promise<void> {
    while (this.queuedBytes > 0 && !this.#isClosed) await this.#progress();
  }

  /** Writes no more and hands back the letters that were not written. The second call hands back none. */
  close(): Letter[] {
    this.#isClosed = true;
    this.#pending = "";
    this.#wake();
    return this.#letters.splice(0).map(({ letter }) => letter);
  }

  #append(frame: string, bytes: number, isUrgent: boolean): void {
    this.#pending += frame;
    this.#putBytes += bytes;
    if (this.#isWriting) return;
    if (this.#pending.length >= MUCH) return this.#flush();
    if (this.#isScheduledUrgently || (this.#isScheduled && !isUrgent)) return;
    this.#isScheduled = true;
    this.#isScheduledUrgently = isUrgent;
    this.#schedule(this.#flush, isUrgent);
  }

  readonly #flush = (): void => {
    this.#isScheduled = this.#isScheduledUrgently = false;
    if (!this.#isWriting && this.#pending !== "") this.#write();
  };

  #write(): void {
    this.#isWriting = true;
    this.#bytes = this.#encoder.encode(this.#pending);
    this.#pending = "";
    this.#writeBytes();
  }

  /** Goes by callbacks: an async function would allocate three times as much for each write. */
  #writeBytes(): void {
    this.#sink.write(this.#bytes).then(this.#onWritten, this.#onFailed);
  }

  readonly #onWritten = (count: number): void => {
    if (this.#isClosed) return;
    this.#writtenBytes += count;
    if (count < this.#bytes.length) {
      this.#bytes = this.#bytes.subarray(count);
      this.#writeBytes();
    } else if (this.#pending !== "") {
      this.#write();
    } else {
      this.#isWriting = false;
    }
    this.#settle();
  };

  readonly #onFailed = (error: unknown): void => {
    if (!this.#isClosed) this.#options.onError?.(error);
  };

  /** After a write: forgets letters that are out, and says so if there is room again. */
  #settle(): void {
    let written = 0;
    while (this.#letters[written] && this.#letters[written]!.end <= this.#writtenBytes) written++;
    if (written > 0) this.#letters.splice(0, written);
    if (this.#isFull && this.queuedBytes <= this.#maxBytes / 2) {
      this.#isFull = false;
      this.#options.onRoomy?.();
    }
    this.#wake();
  }

  #becomeFull(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#options.onFull?.();
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

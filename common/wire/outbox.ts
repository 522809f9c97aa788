/**
 * One connection's writer: bounded, ordered, one system call for all that a turn gathered.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { LIMITS } from "../limits.ts";
import type { ByteSink } from "../link.ts";

/** How an {@linkcode Outbox} behaves. */
export interface OutboxOptions {
  /**
   * Bytes that may wait.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number;
  /** Called when the outbox becomes full, and again only after it has been half empty. */
  onFull?(): void;
  /** Called when the outbox, once full, is half empty again. */
  onRoomy?(): void;
  /**
   * Says when what was queued is written: calls `flush` soon. What is not urgent, an answer, may wait longer
   * to leave together with something else.
   *
   * @default {queueMicrotask}
   */
  readonly schedule?: (flush: () => void, isUrgent: boolean) => void;
  /** Called with the bytes of each write that is done. */
  onWritten?(bytes: number): void;
  /** Called once if a write fails; nothing is written any more. */
  onError?(error: unknown): void;
  /**
   * Told how many bytes more the outbox holds, or less: what is being written, and what waits for that. Frames that
   * wait just for their flush are not counted yet.
   */
  readonly memory?: { add(bytes: number): void };
}

const NOTHING = new Uint8Array(0);
const ENCODER = new TextEncoder();

/** The most bytes of UTF-8 that a UTF-16 unit takes. */
const MAX_BYTES_PER_UNIT = 3;

/** UTF-16 units that are worth a write of their own: waiting for more would fill the queue and save nothing. */
const MUCH = 16_384;

/** UTF-16 units that are written as one text; more is written in parts, so that progress shows. */
const MAX_TEXT = 2 * MUCH;

/**
 * The queue of frames for one connection and its only writer.
 *
 * Guarantees:
 * 1. Frames go out in the order in which they were put, each whole.
 * 2. `put` never waits. Frames put before the scheduled flush leave in one `write` (unless there are very many),
 *    and so do all that gather while a write is under way.
 * 3. No more than `maxBytes` wait, the answers given by `putAnswer` aside; a frame that is larger than
 *    `maxBytes` is taken by an empty outbox only.
 * 4. {@linkcode Outbox.framesWritten} frames were written whole: the first ones, and perhaps more of a write that is under
 *    way.
 */
export class Outbox {
  readonly #sink: ByteSink;
  readonly #maxBytes: number;
  readonly #options: OutboxOptions;
  readonly #schedule: (flush: () => void, isUrgent: boolean) => void;
  readonly #memory: { add(bytes: number): void } | undefined;
  /** Bytes that the memory was told of. */
  #heldBytes = 0;
  /** Frames not yet handed to a write. */
  #pending = "";
  /** How many of its first units were counted, and their bytes. */
  #countedUnits = 0;
  #countedBytes = 0;
  /** Bytes that are being written. */
  #leftBytes = 0;
  /** They themselves, unless they are written as a text. */
  #rest: Uint8Array = NOTHING;
  /** A write is under way: what is put now goes out behind it. */
  #isWriting = false;
  /** An urgent flush is scheduled, or one for answers: at most one of each, however much is put. */
  #isScheduledUrgently = false;
  #isScheduledForAnswers = false;
  /** Frames since the beginning: put, handed to a write, written. */
  #framesPut = 0;
  #framesBegun = 0;
  #framesWritten = 0;
  /** The answer that was counted last, and its bytes. */
  #lastAnswer = "";
  #lastAnswerBytes = 0;
  #isFull = false;
  #isClosed = false;
  /** Made when somebody waits for the first time. */
  #waiters: (() => void)[] | undefined;

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
    this.#memory = options.memory;
  }

  /** Frames that were put since the beginning. */
  get framesPut(): number {
    return this.#framesPut;
  }

  /** Of these, how many are known to be written: the first ones. */
  get framesWritten(): number {
    return this.#framesWritten;
  }

  /** Bytes that are not written yet. */
  get queuedBytes(): number {
    return this.#leftBytes + this.#countPending();
  }

  /** Bytes of these that `memory` was told of. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether all is written. */
  get isEmpty(): boolean {
    return this.#pending === "" && !this.#isWriting;
  }

  /** Whether the outbox was full and has not been half empty since. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Takes a frame, or says that there is no room.
   *
   * @param frame A line with its end.
   * @returns `false` if the outbox is full or closed; nothing has happened then.
   */
  put(frame: string): boolean {
    if (this.#isClosed) return false;
    if (this.#isTooMuch(frame) && !this.isEmpty) {
      this.#becomeFull();
      return false;
    }
    this.#append(frame, true);
    return true;
  }

  /**
   * Takes an answer even if there is no room, since every request must have one. The caller keeps the outbox
   * bounded: it serves no further request of this connection before {@linkcode Outbox.roomy}.
   */
  putAnswer(frame: string): void {
    if (this.#isClosed) return;
    const isTooMuch = this.#isTooMuch(frame);
    this.#append(frame, false);
    if (isTooMuch) this.#becomeFull();
  }

  /** Resolves as soon as the outbox is not full (or is closed). */
  async roomy(): Promise<void> {
    while (this.#isFull && !this.#isClosed) await this.#progress();
  }

  /** Resolves when all is written, or the outbox is closed. */
  async drained(): Promise<void> {
    while (!this.isEmpty && !this.#isClosed) await this.#progress();
  }

  /**
   * Drops all frames on which no write has begun: they are as if they had never been put. For a connection that is
   * given up: what is put now comes soon.
   */
  drop(): void {
    this.#pending = "";
    this.#countedUnits = this.#countedBytes = 0;
    this.#framesPut = this.#framesBegun;
    this.#tellMemory();
  }

  /** Writes no more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pending = "";
    this.#countedUnits = this.#countedBytes = 0;
    this.#rest = NOTHING;
    this.#leftBytes = 0;
    this.#tellMemory();
    this.#wake();
  }

  /**
   * Whether one more frame would be too much. Bytes are counted only where the most that a text can have does not
   * tell.
   */
  #isTooMuch(frame: string): boolean {
    const units = this.#pending.length - this.#countedUnits + frame.length;
    const counted = this.#leftBytes + this.#countedBytes;
    if (counted + units * MAX_BYTES_PER_UNIT <= this.#maxBytes) return false;
    return this.queuedBytes + Buffer.byteLength(frame) > this.#maxBytes;
  }

  /** Under load one answer after the other is the very same text: it is counted once. */
  #bytesOfAnswer(answer: string): number {
    if (answer !== this.#lastAnswer) {
      this.#lastAnswer = answer;
      this.#lastAnswerBytes = Buffer.byteLength(answer);
    }
    return this.#lastAnswerBytes;
  }

  #countPending(): number {
    if (this.#countedUnits < this.#pending.length) {
      this.#countedBytes += Buffer.byteLength(this.#pending.slice(this.#countedUnits));
      this.#countedUnits = this.#pending.length;
    }
    return this.#countedBytes;
  }

  #append(frame: string, isUrgent: boolean): void {
    this.#pending += frame;
    this.#framesPut++;
    if (this.#isWriting) {
      // To count the bytes of a text is to copy it. That is wanted here: the frame may have to wait for long, and as
      // long as it is a window on a larger text, all that was read together with it is kept.
      this.#countedBytes += isUrgent ? Buffer.byteLength(frame) : this.#bytesOfAnswer(frame);
      this.#countedUnits += frame.length;
      this.#tellMemory();
      return;
    }
    if (this.#pending.length >= MUCH) return this.#flush();
    if (this.#isScheduledUrgently) return;
    if (isUrgent) {
      this.#isScheduledUrgently = true;
      this.#schedule(() => this.#flushUrgently(), true);
    } else if (!this.#isScheduledForAnswers) {
      this.#isScheduledForAnswers = true;
      this.#schedule(() => this.#flushAnswers(), false);
    }
  }

  // Functions are made when they are needed: most connections are quiet, and each would hold them for good.

  #flushUrgently(): void {
    this.#isScheduledUrgently = false;
    this.#flush();
  }

  #flushAnswers(): void {
    this.#isScheduledForAnswers = false;
    this.#flush();
  }

  #flush(): void {
    if (!this.#isWriting && this.#pending !== "") this.#write();
  }

  #write(): void {
    const text = this.#pending;
    this.#isWriting = true;
    this.#pending = "";
    this.#framesBegun = this.#framesPut;
    this.#countedUnits = this.#countedBytes = 0;
    if (this.#sink.writeText === undefined || text.length > MAX_TEXT) {
      this.#rest = ENCODER.encode(text);
      this.#leftBytes = this.#rest.length;
      return this.#hand(this.#sink.write(this.#rest));
    }
    const count = this.#sink.writeText(text);
    this.#leftBytes = typeof count === "number" ? count : Buffer.byteLength(text);
    this.#hand(count);
  }

  /** Goes by callbacks: an async function would allocate three times as much for each write. */
  #hand(count: number | Promise<number>): void {
    if (typeof count === "number") return this.#onWritten(count);
    this.#tellMemory();
    count.then((all) => this.#onWritten(all), (error) => this.#onFailed(error));
  }

  #onWritten(count: number): void {
    this.#options.onWritten?.(count);
    if (this.#isClosed) return;
    this.#leftBytes -= count;
    if (this.#leftBytes > 0) {
      this.#rest = this.#rest.subarray(count);
      this.#hand(this.#sink.write(this.#rest));
    } else {
      this.#framesWritten = this.#framesBegun;
      this.#rest = NOTHING;
      this.#isWriting = false;
      if (this.#pending !== "") this.#write();
    }
    this.#tellMemory();
    if (this.#isFull && this.queuedBytes <= this.#maxBytes / 2) {
      this.#isFull = false;
      this.#options.onRoomy?.();
    }
    this.#wake();
  }

  #onFailed(error: unknown): void {
    if (!this.#isClosed) this.#options.onError?.(error);
  }

  #tellMemory(): void {
    const held = this.#leftBytes + this.#countedBytes;
    if (held !== this.#heldBytes) this.#memory?.add(held - this.#heldBytes);
    this.#heldBytes = held;
  }

  #becomeFull(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#options.onFull?.();
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => (this.#waiters ??= []).push(resolve));
  }

  #wake(): void {
    if (this.#waiters === undefined || this.#waiters.length === 0) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

/**
 * Objects on their way to a client that takes whatever one `recv` brings for one of them.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import type { Clock, Timer } from "../../../common/clock.ts";
import type { Outbox } from "../../../common/wire/outbox.ts";
import type { FrameQueue } from "../link_outlet.ts";
import type { ClassicFrames } from "./classic_frames.ts";

/** What a {@linkcode PacedQueue} needs. */
export interface PacedQueueTerms {
  /** Where time comes from. */
  readonly clock: Clock;
  /** Writes, one object at a time. */
  readonly outbox: Outbox;
  /** Makes objects. */
  readonly frames: ClassicFrames;
  /** Told how many bytes more wait here, or less. */
  readonly memory: { add(bytes: number): void };
  /** Called when the queue becomes full, and when it no longer is. */
  readonly onFull: () => void;
}

/** The client has read an object and come back to `recv` by then. */
const PAUSE_MS = 50;
/** Classic clients look for messages once a second; one and an answer in the same `recv` end them. */
const PAUSE_AFTER_DELIVERY_MS = 1_200;

/** A message waits so long behind the one before it, whatever was asked meanwhile: the client has looked by then. */
const MAX_UNSEEN_MS = 6_000;

/** Messages that may wait: a minute's. */
const MAX_DELIVERIES = 50;
/** Answers that may wait before no further request is served. */
const MAX_ANSWERS = 16;

interface Waiting {
  /** What it would be to anybody else. */
  readonly line: string;
  readonly text: string;
  readonly bytes: number;
  /** An answer that was asked for while something may have been unseen. */
  readonly isShifted: boolean;
}

/**
 * The queue of a classic connection.
 *
 * Guarantees:
 * 1. One object per write, at least {@linkcode PAUSE_MS} behind the one before it, and
 *    {@linkcode PAUSE_AFTER_DELIVERY_MS} behind a message. Who asks in that pause may take the message for the answer,
 *    and see the answer only when it looks for messages again. So a message comes no earlier behind such an answer
 *    either, nor behind one that was asked for until then; but {@linkcode MAX_UNSEEN_MS} behind the message before.
 * 2. Messages go out in the order in which they were put, and so do answers; those come first.
 * 3. At most {@linkcode MAX_DELIVERIES} messages wait; answers are bounded as in `Outbox.putAnswer`.
 * 4. Nobody waits for the pace: `put` says at once whether there is room. A client is too slow only if it takes
 *    nothing, not because its queue is long.
 */
export class PacedQueue implements FrameQueue {
  readonly #terms: PacedQueueTerms;
  #answers: Waiting[] = [];
  #deliveries: Waiting[] = [];
  #heldBytes = 0;
  /** When the next object may be written, by the monotonic clock. */
  #nextAt = 0;
  /** Until then the last message may lie unseen, or an answer in whose place it was taken. No message is written. */
  #unseenUntil = 0;
  #unseenAtMost = 0;
  #timer: Timer | undefined;
  #isFull = false;
  #isClosed = false;
  /** An object is being written. */
  #isWriting = false;
  #waiters: (() => void)[] = [];

  /** Makes an empty queue. */
  constructor(terms: PacedQueueTerms) {
    this.#terms = terms;
  }

  /** Nobody counts what classic clients get. */
  get framesPut(): number {
    return this.#terms.outbox.framesPut;
  }

  /** See {@linkcode PacedQueue.framesPut}. */
  get framesWritten(): number {
    return this.#terms.outbox.framesWritten;
  }

  /** Bytes that are held. */
  get heldBytes(): number {
    return this.#terms.outbox.heldBytes + this.#heldBytes;
  }

  /** Whether the queue was full and has had no room since. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Whether all is written. */
  get isEmpty(): boolean {
    return this.#count === 0 && !this.#isWriting && this.#terms.outbox.isEmpty;
  }

  get #count(): number {
    return this.#answers.length + this.#deliveries.length;
  }

  /** Whether a message is short enough to be taken at all. */
  fits(frame: string): boolean {
    return this.#terms.frames.translate(frame) !== "too-long";
  }

  /** Takes a frame, or says that it cannot; what is none for classic clients is taken and dropped. */
  put(frame: string): boolean {
    if (this.#isClosed) return false;
    const object = this.#terms.frames.translate(frame);
    if (object === undefined) return true;
    if (object === "too-long") return false;
    if (this.#deliveries.length >= MAX_DELIVERIES) {
      // A client that takes what is written is not too slow.
      if (this.#isWriting) this.#setFull(true);
      return false;
    }
    this.#enter(this.#deliveries, frame, object.text, false);
    return true;
  }

  /** Takes an answer even if there is no room. */
  putAnswer(frame: string): void {
    if (this.#isClosed) return;
    const object = this.#terms.frames.translate(frame);
    if (object === undefined || object === "too-long") return;
    const isShifted = this.#terms.clock.monotonicMs() < this.#unseenUntil;
    this.#enter(this.#answers, frame, object.text, isShifted);
    if (this.#answers.length >= MAX_ANSWERS) this.#setFull(true);
  }

  /** Resolves as soon as the queue is not full (or is closed). */
  async roomy(): Promise<void> {
    while (this.#isFull && !this.#isClosed) await this.#progress();
  }

  /** Resolves when all is written, or the queue is closed. */
  async drained(): Promise<void> {
    while (!this.isEmpty && !this.#isClosed) await this.#progress();
  }

  /** Drops all that waits, and on which no write has begun. */
  drop(): void {
    this.#forget(this.#answers);
    this.#forget(this.#deliveries);
    this.#terms.outbox.drop();
  }

  /** Drops the messages that wait: only answers are still of use. */
  dropDeliveries(): void {
    this.#forget(this.#deliveries);
  }

  /** Writes no more. */
  close(): void {
    this.#end();
    this.#terms.outbox.close();
  }

  /** The client takes lines from now on: what waits goes out as these. The queue is not to be used any more. */
  becomeLines(): Outbox {
    const { outbox } = this.#terms;
    const lines = [...this.#answers, ...this.#deliveries].map(({ line }) => line);
    this.#end();
    for (const line of lines) outbox.putAnswer(line);
    return outbox;
  }

  #end(): void {
    this.#isClosed = true;
    this.#terms.clock.clearTimeout(this.#timer);
    this.#forget(this.#answers);
    this.#forget(this.#deliveries);
    this.#setFull(false);
  }

  #forget(waiting: Waiting[]): void {
    for (const { bytes } of waiting.splice(0)) this.#hold(-bytes);
    this.#wake();
  }

  #enter(queue: Waiting[], line: string, text: string, isShifted: boolean): void {
    const bytes = line.length + Buffer.byteLength(text);
    queue.push({ line, text, bytes, isShifted });
    this.#hold(bytes);
    this.#next();
  }

  /** Writes the next object if it is time, else sees to it that it will be. */
  #next(): void {
    if (this.#count === 0 || this.#isWriting || this.#isClosed) return;
    const { clock } = this.#terms;
    clock.clearTimeout(this.#timer); // an answer need not wait as long as the message that it was set for
    this.#timer = undefined;
    const isAnswer = this.#answers.length > 0;
    const at = isAnswer ? this.#nextAt : Math.max(this.#nextAt, this.#unseenUntil);
    const ms = at - clock.monotonicMs();
    if (ms > 0) this.#timer = clock.setTimeout(this.#onTime, Math.ceil(ms));
    else this.#write();
  }

  readonly #onTime = (): void => {
    this.#timer = undefined;
    this.#next();
  };

  async #write(): Promise<void> {
    const { outbox } = this.#terms;
    this.#isWriting = true;
    await outbox.drained(); // of what was said before the connection turned out to be a classic one
    const isAnswer = this.#answers.length > 0;
    const next = (isAnswer ? this.#answers : this.#deliveries).shift();
    if (next !== undefined) {
      if (!isAnswer) this.#unseenUntil = Infinity;
      outbox.put(isAnswer ? next.text : this.#textNow(next));
      this.#hold(-next.bytes);
      await outbox.drained();
      this.#wrote(isAnswer, next);
    }
    this.#isWriting = false;
    if (this.#isFull && this.#answers.length <= MAX_ANSWERS / 2) this.#setFull(false);
    this.#wake();
    this.#next();
  }

  /** A message as the client wants it now: it may have said another thing than when that was put. */
  #textNow({ line, text }: Waiting): string {
    const object = this.#terms.frames.translate(line);
    return typeof object === "object" ? object.text : text; // too long under other keys, it keeps its own
  }

  /** When whatever comes next may be written. */
  #wrote(isAnswer: boolean, { isShifted }: Waiting): void {
    const now = this.#terms.clock.monotonicMs();
    const seenAt = now + PAUSE_AFTER_DELIVERY_MS;
    this.#nextAt = isAnswer ? now + PAUSE_MS : seenAt;
    if (!isAnswer) {
      this.#unseenUntil = seenAt;
      this.#unseenAtMost = now + MAX_UNSEEN_MS;
    } else if (isShifted) {
      this.#unseenUntil = Math.min(seenAt, this.#unseenAtMost);
    }
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#terms.memory.add(bytes);
  }

  #setFull(isFull: boolean): void {
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#terms.onFull();
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

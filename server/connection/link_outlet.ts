/**
 * The way to one connection's client.
 *
 * @module
 */

import { type Timer, unixSeconds } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";
import { encodeProbe } from "../../common/wire/encode.ts";
import { Outbox, type OutboxOptions } from "../../common/wire/outbox.ts";
import type { CloseReason, EventKey } from "../../common/wire/protocol.ts";
import type { Outlet } from "../people/outlet.ts";
import type { User } from "../people/user.ts";
import { Interruption } from "./interruption.ts";
import type { Plumbing } from "./plumbing.ts";
import type { QueueHolder } from "./queue_memory.ts";

/** What is known of the client's dialect. */
export interface Dialect {
  /** The key in frames that it gets. */
  readonly key: EventKey;
}

/** Where frames wait to be written: an {@linkcode Outbox}, or what does as it does. */
export interface FrameQueue {
  /** See {@linkcode Outbox.framesPut}. */
  readonly framesPut: number;
  /** See {@linkcode Outbox.framesWritten}. */
  readonly framesWritten: number;
  /** Bytes that `memory` was told of. */
  readonly heldBytes: number;
  /** See {@linkcode Outbox.isFull}. */
  readonly isFull: boolean;
  /** See {@linkcode Outbox.isEmpty}. */
  readonly isEmpty: boolean;
  /** Whether a frame could be taken if there was room. */
  fits?(frame: string): boolean;
  /** See {@linkcode Outbox.put}. */
  put(frame: string): boolean;
  /** See {@linkcode Outbox.putAnswer}. */
  putAnswer(frame: string): void;
  /** See {@linkcode Outbox.roomy}. */
  roomy(): Promise<void>;
  /** See {@linkcode Outbox.drained}. */
  drained(): Promise<void>;
  /** See {@linkcode Outbox.drop}. */
  drop(): void;
  /** See {@linkcode Outbox.close}. */
  close(): void;
}

/** Whose outlet it is. */
export interface OutletOwner {
  /** The peer's address, for the log. */
  readonly address: string;
  /** The network that the peer is counted under. */
  readonly network: string;
  /** Aborted when no further request will be served. */
  readonly signal: AbortSignal;
  /** Probes the client and waits for any byte of it. See {@linkcode Outlet.isThere}. */
  isThere(seconds: number): Promise<boolean>;
  /** Says a last word and closes the connection. */
  close(sentence: string, reason: CloseReason): void;
  /** Closes the socket at once. */
  abort(): void;
}

/** What a client is told whose queues were the largest when `--max-memory` was used up. */
const TOO_MUCH_UNREAD = "The server's queues are full, and yours held the most unread data";

/**
 * Queues frames for a connection.
 *
 * Guarantees:
 * 1. What {@linkcode Outbox} guarantees: order, one writer, a cap.
 * 2. A connection that is too slow for `writeTimeout` seconds is aborted: its queue stays full, or it does not show
 *    that it has what it was sent.
 * 3. After {@linkcode LinkOutlet.end} only answers are taken.
 * 4. What it holds counts in {@linkcode QueueMemory}, from the beginning to {@linkcode LinkOutlet.release}.
 */
export class LinkOutlet implements Outlet, QueueHolder, OutboxOptions {
  /** Who came online here, whether or not they still are. Set by the session. */
  user: User | undefined;
  /** See {@linkcode Outlet.isConnected}. */
  readonly isConnected = true;
  readonly #owner: OutletOwner;
  readonly #plumbing: Plumbing;
  readonly #dialect: Dialect;
  #queue: FrameQueue;
  /** Bytes that are held beside the queue. */
  #besideBytes = 0;
  #isEnded = false;
  #isReleased = false;
  #isOverdue = false;
  #writeTimer: Timer | undefined;

  /** Makes an empty queue. */
  constructor(plumbing: Plumbing, link: Link, dialect: Dialect, owner: OutletOwner) {
    this.#dialect = dialect;
    this.#owner = owner;
    this.#plumbing = plumbing;
    this.#queue = new Outbox(link, this);
    plumbing.memory.enter(this);
  }

  /** See {@linkcode OutboxOptions}, and so for the next ones: an object of its own would be memory of each connection. */
  get maxBytes(): number {
    return this.#plumbing.settings.maxQueue;
  }

  /** See {@linkcode OutboxOptions}. */
  get memory(): { add(bytes: number): void } {
    return this.#plumbing.memory;
  }

  /** See {@linkcode OutboxOptions}. */
  get schedule(): (flush: () => void, isUrgent: boolean) => void {
    return this.#plumbing.schedule;
  }

  /** See {@linkcode OutboxOptions}. */
  onWritten(bytes: number): void {
    this.#plumbing.counters.bytesWritten += bytes;
  }

  /** See {@linkcode OutboxOptions}. */
  onFull(): void {
    this.watch();
  }

  /** See {@linkcode OutboxOptions}. */
  onRoomy(): void {
    this.watch();
  }

  /** See {@linkcode OutboxOptions}. */
  onError(): void {
    this.#owner.abort();
  }

  /** The peer's address, for the log. */
  get address(): string {
    return this.#owner.address;
  }

  /** The network that the peer is counted under. */
  get network(): string {
    return this.#owner.network;
  }

  /** See {@linkcode Outlet.signal}. */
  get signal(): AbortSignal {
    return this.#owner.signal;
  }

  /** The client's dialect. */
  get key(): EventKey {
    return this.#dialect.key;
  }

  /** Frames that were put since the beginning, answers included. */
  get framesPut(): number {
    return this.#queue.framesPut;
  }

  /** Of these, how many are known to be written: the first ones. */
  get framesWritten(): number {
    return this.#queue.framesWritten;
  }

  /** `--max-queue`. */
  get capacity(): number {
    return this.#plumbing.settings.maxQueue;
  }

  /** Bytes that are held for this client: by the queue, and beside it. */
  get heldBytes(): number {
    return this.#queue.heldBytes + this.#besideBytes;
  }

  /** Whether the queue was full and has not been half empty since. */
  get isFull(): boolean {
    return this.#queue.isFull;
  }

  /** Queues a frame; `false` if the client takes no more. */
  send(frame: string): boolean {
    return !this.#isEnded && this.#queue.put(frame);
  }

  /** See {@linkcode Outlet.fits}. */
  fits(frame: string): boolean {
    return this.#queue.fits?.(frame) ?? true;
  }

  /**
   * Frames wait elsewhere from now on.
   *
   * @param replace Makes the other queue of the one until now, and goes on with what is in that.
   */
  requeue(replace: (queue: FrameQueue) => FrameQueue): void {
    if (this.#isReleased) return;
    this.#queue = replace(this.#queue);
    this.watch();
  }

  /** Queues frames that were taken before, when the client had another connection. */
  sendAgain(frames: string): void {
    if (!this.#isEnded) this.#queue.putAnswer(frames);
  }

  /** Asks the client whether it is there. */
  probe(): void {
    this.send(encodeProbe(this.key, unixSeconds(this.#plumbing.clock)));
  }

  /** Probes the client and waits for any byte of it. */
  isThere(seconds: number): Promise<boolean> {
    return this.#owner.isThere(seconds);
  }

  /** Says whether the client owes its word for as much as may be kept. */
  setOverdue(isOverdue: boolean): void {
    this.#isOverdue = isOverdue;
    this.watch();
  }

  /** Queues an answer, even if the queue is full: see {@linkcode Outbox.putAnswer}. */
  answer(frame: string): void {
    this.#queue.putAnswer(frame);
  }

  /** Adds `bytes`, which may be negative, to what is held beside the queue for this client, or of what it said. */
  hold(bytes: number): void {
    if (this.#isReleased) return;
    this.#besideBytes += bytes;
    this.#plumbing.memory.add(bytes);
  }

  /** Waits for room; resolves with `false` if no frame will be taken, ever. */
  async roomy(): Promise<boolean> {
    await this.#queue.roomy();
    return !this.#isEnded;
  }

  /** Resolves when all is written, or nothing will be. */
  async drained(): Promise<void> {
    if (!this.#queue.isEmpty) await this.#queue.drained();
  }

  /** Says a last word with code 101 and closes the connection. */
  close(sentence: string, reason: CloseReason): void {
    this.#owner.close(sentence, reason);
  }

  /** Drops what is queued and closes the connection, since all queues together hold too much. */
  giveUp(): void {
    this.#plumbing.log.warn("too much unread in all, closed", {
      peer: this.address,
      name: this.user?.name ?? "",
      bytes: this.heldBytes,
    });
    // What is closing has its last word in the queue, and had its time.
    if (this.#isEnded) return this.#owner.abort();
    this.#queue.drop();
    this.#owner.close(TOO_MUCH_UNREAD, "memory");
  }

  /** The user is reached elsewhere, or has ended: nobody waits for what is queued. */
  leave(): void {
    this.#owner.abort();
  }

  /** See {@linkcode Outlet.interruption}. */
  interruption(end: () => void): Outlet {
    return new Interruption(this.#plumbing, this, end);
  }

  /** Takes no more frames; what is queued still goes out. */
  end(): void {
    this.#isEnded = true;
  }

  /** Closes the connection at once: see {@linkcode OutletOwner.abort}. */
  abort(): void {
    this.#owner.abort();
  }

  /** The connection is closed: writes no more, holds nothing. */
  release(): void {
    this.hold(-this.#besideBytes);
    this.#isReleased = true;
    this.#plumbing.clock.clearTimeout(this.#writeTimer);
    this.#queue.close();
    this.#plumbing.memory.leave(this);
  }

  /** Closes the client as too slow if its queue stays full, or it owes its word, for `writeTimeout` seconds. */
  watch(): void {
    const { clock, settings, log, counters } = this.#plumbing;
    const isSlow = this.#queue.isFull || this.#isOverdue;
    if (isSlow === (this.#writeTimer !== undefined)) return;
    if (!isSlow) {
      clock.clearTimeout(this.#writeTimer);
      this.#writeTimer = undefined;
      return;
    }
    const about = { peer: this.address, name: this.user?.name ?? "" };
    log.debug("queue full", about);
    this.#writeTimer = clock.setTimeout(() => {
      log.warn("too slow, closed", about);
      counters.closes.slow++;
      this.#owner.abort();
    }, settings.writeTimeout * 1_000);
  }
}

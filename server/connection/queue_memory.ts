/**
 * What the queues of all connections hold together.
 *
 * @module
 */

/** The queues of one connection. */
export interface QueueHolder {
  /** Bytes that they hold: those that {@linkcode QueueMemory.add} was told of. */
  readonly heldBytes: number;
  /**
   * Drops what is queued and closes the connection, telling its client why if that can be done soon; what no longer
   * counts is subtracted by `add` at once, the rest with the connection's end.
   */
  giveUp(): void;
  /** Closes the connection at once. */
  abort(): void;
}

/** How far the memory is emptied when it is full: looking for the largest takes time, and is not to be done often. */
const RELIEF = 0.9;

/** What connections that are being closed for it may hold meanwhile, as a part of the limit. */
const GRACE = 0.125;

/**
 * Bounds what all queues hold together.
 *
 * Guarantees:
 * 1. As soon as the limit is passed, the connections that hold the most are closed, the largest first, until nine
 *    tenths are left.
 * 2. What these have under way, so that a last word can follow it, is held beside the limit for as long as that takes:
 *    an eighth of the limit at most. A connection that would exceed it is closed without a 101.
 * 3. Reporting costs an addition: nobody is looked for below the limit.
 */
export class QueueMemory {
  readonly #limit: number;
  readonly #holders = new Set<QueueHolder>();
  /** Those that are being closed, and what they held then. */
  readonly #leaving = new Map<QueueHolder, number>();
  #total = 0;
  #peak = 0;
  #leavingBytes = 0;
  #isRelieving = false;

  /**
   * Holds nothing yet.
   *
   * @param limit Bytes; 0 is no limit.
   */
  constructor(limit: number) {
    this.#limit = limit > 0 ? limit : Infinity;
  }

  /** Bytes that are held, those of connections that are being closed included. */
  get total(): number {
    return this.#total;
  }

  /** The most that was ever held. */
  get peak(): number {
    return this.#peak;
  }

  /** A connection has come. */
  enter(holder: QueueHolder): void {
    this.#holders.add(holder);
  }

  /** A connection has gone; what it held has been subtracted. */
  leave(holder: QueueHolder): void {
    this.#holders.delete(holder);
    this.#leavingBytes -= this.#leaving.get(holder) ?? 0;
    this.#leaving.delete(holder);
  }

  /** So many bytes more are held, or less. */
  add(bytes: number): void {
    this.#total += bytes;
    if (this.#total > this.#peak) this.#peak = this.#total;
    if (this.#total - this.#leavingBytes <= this.#limit || this.#isRelieving) return;
    this.#isRelieving = true;
    // Not now: whoever puts a frame out may be on the way through a room's members.
    queueMicrotask(() => {
      try {
        this.#relieve();
      } finally {
        this.#isRelieving = false;
      }
    });
  }

  #relieve(): void {
    let excess = this.#total - this.#leavingBytes - RELIEF * this.#limit;
    const largestFirst = [...this.#holders].filter((holder) => !this.#leaving.has(holder))
      .map((holder) => ({ holder, bytes: holder.heldBytes }))
      .sort((a, b) => b.bytes - a.bytes);
    for (const { holder, bytes } of largestFirst) {
      if (excess <= 0) return;
      excess -= bytes;
      holder.giveUp();
      this.#letGo(holder);
    }
  }

  /** Lets a connection that was given up say its last word, if that does not hold too much. */
  #letGo(holder: QueueHolder): void {
    if (!this.#holders.has(holder)) return; // it is closed already
    const rest = holder.heldBytes;
    if (this.#leavingBytes + rest > GRACE * this.#limit) return holder.abort();
    this.#leaving.set(holder, rest);
    this.#leavingBytes += rest;
  }
}

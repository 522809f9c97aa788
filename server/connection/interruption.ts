/**
 * What stands for a connection that was lost.
 *
 * @module
 */

import type { Timer } from "../../common/clock.ts";
import type { EventKey } from "../../common/wire/protocol.ts";
import type { Outlet } from "../people/outlet.ts";
import type { Plumbing } from "./plumbing.ts";
import type { QueueHolder } from "./queue_memory.ts";

/** The connection that was lost. */
export interface LostConnection {
  /** The peer's address, for the log. */
  readonly address: string;
  /** The network that the peer was counted under. */
  readonly network: string;
  /** The client's dialect. */
  readonly key: EventKey;
}

/**
 * The outlet of a session without a connection. It sends nothing: what is to wait for the client, the session keeps.
 *
 * Guarantees:
 * 1. The session is ended when `--grace` seconds are over, when it has to keep more than `--max-queue`, and when it
 *    holds the most while all queues hold too much; not in the middle of what somebody does with it.
 * 2. What it holds counts in `QueueMemory`, from the beginning to {@linkcode Interruption.leave}.
 */
export class Interruption implements Outlet, QueueHolder {
  /** See {@linkcode Outlet.address}: that of the connection that was lost. */
  readonly address: string;
  /** See {@linkcode Outlet.network}: that of the connection that was lost. */
  readonly network: string;
  /** See {@linkcode Outlet.key}: that of the connection that was lost. */
  readonly key: EventKey;
  /** See {@linkcode Outlet.isConnected}. */
  readonly isConnected = false;
  /** Nothing is served. */
  readonly signal: AbortSignal = AbortSignal.abort();
  /** Nothing is put. */
  readonly framesPut = 0;
  /** Nothing is written. */
  readonly framesWritten = 0;
  readonly #plumbing: Plumbing;
  readonly #end: () => void;
  readonly #timer: Timer;
  #heldBytes = 0;
  #hasLeft = false;

  /**
   * The time begins.
   *
   * @param end Ends the session, which leaves.
   */
  constructor(plumbing: Plumbing, { address, network, key }: LostConnection, end: () => void) {
    this.address = address;
    this.network = network;
    this.key = key;
    this.#plumbing = plumbing;
    this.#end = end;
    this.#timer = plumbing.clock.setTimeout(end, plumbing.settings.grace * 1_000);
    plumbing.memory.enter(this);
  }

  /** `--max-queue`. */
  get capacity(): number {
    return this.#plumbing.settings.maxQueue;
  }

  /** Bytes that the session keeps. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes nothing. */
  send(): boolean {
    return false;
  }

  /** Nothing is too long for whoever comes back. */
  fits(): boolean {
    return true;
  }

  /** Takes nothing. */
  sendAgain(): void {}

  /** Nobody is there to be asked. */
  probe(): void {}

  /** Nobody is there. */
  isThere(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** More is to be kept than may be: the session ends. */
  setOverdue(isOverdue: boolean): void {
    if (!isOverdue) return;
    // Not now: whoever puts a frame out may be on the way through a room's members.
    queueMicrotask(() => this.abort());
  }

  /** See {@linkcode Outlet.hold}. */
  hold(bytes: number): void {
    if (this.#hasLeft) return;
    this.#heldBytes += bytes;
    this.#plumbing.memory.add(bytes);
  }

  /** Nothing is taken any more. */
  roomy(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Ends the session; there is nobody to say anything to. */
  close(): void {
    this.abort();
  }

  /** Ends the session, since all queues together hold too much. */
  giveUp(): void {
    this.#plumbing.log.warn("too much unread in all, closed", {
      peer: this.address,
      bytes: this.#heldBytes,
    });
    this.abort();
  }

  /** Ends the session. */
  abort(): void {
    if (!this.#hasLeft) this.#end();
  }

  /** The session has ended or has a connection again. */
  leave(): void {
    if (this.#hasLeft) return;
    this.hold(-this.#heldBytes);
    this.#hasLeft = true;
    this.#plumbing.clock.clearTimeout(this.#timer);
    this.#plumbing.memory.leave(this);
  }

  /** The time begins anew. */
  interruption(end: () => void): Outlet {
    return new Interruption(this.#plumbing, this, end);
  }
}

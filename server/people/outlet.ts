/**
 * What carries frames to a user.
 *
 * @module
 */

import type { CloseReason, EventKey } from "../../common/wire/protocol.ts";

/** The way to a user's client, as everything behind the sessions sees it: no socket. */
export interface Outlet {
  /** The peer's address, for the log. */
  readonly address: string;
  /** The network that the peer is counted under where addresses are counted. */
  readonly network: string;
  /** Aborted when no further request of the client will be served: what it waits for may be given up. */
  readonly signal: AbortSignal;
  /** The client's dialect. */
  readonly key: EventKey;
  /** Whether there is a connection; else it stands for one that was lost. */
  readonly isConnected: boolean;
  /** Frames that were put since the beginning, answers included. */
  readonly framesPut: number;
  /** Of these, how many are known to be written: the first ones. */
  readonly framesWritten: number;
  /** Bytes of frames that may wait for the client, or for its word that it has them. */
  readonly capacity: number;
  /**
   * Queues a frame. Never waits.
   *
   * @param frame A line with its end.
   * @returns `false` if there is no room, or the connection takes nothing more.
   */
  send(frame: string): boolean;
  /** Whether the client can take a frame of that length at all. */
  fits(frame: string): boolean;
  /** Queues frames that were taken before, when the client had another connection: also if the queue is full. */
  sendAgain(frames: string): void;
  /** Asks the client whether it is there. */
  probe(): void;
  /**
   * Probes the client and waits for any byte of it. Calls while one is under way share its probe and its outcome.
   *
   * @param seconds How long.
   * @returns Whether there was one in time.
   */
  isThere(seconds: number): Promise<boolean>;
  /** Says whether the client owes its word for as much as may be kept: if that lasts, it is closed as too slow. */
  setOverdue(isOverdue: boolean): void;
  /** Adds `bytes`, which may be negative, to what is held for the client beside its queue: all of that is bounded. */
  hold(bytes: number): void;
  /** Waits for room; resolves with `false` if the connection takes nothing more, ever. */
  roomy(): Promise<boolean>;
  /**
   * Says a last word and closes the connection; the user's name is free when this returns.
   *
   * @param sentence Sent with code 101.
   * @param reason Sent with it.
   */
  close(sentence: string, reason: CloseReason): void;
  /** The user is no longer reached here: closes the connection without a word. Nothing of the user's changes. */
  leave(): void;
  /**
   * What stands for this connection when it is lost, for as long as the session lives on without one.
   *
   * @param end Ends the session: called when it has had no connection for `--grace` seconds, or has to keep too much.
   */
  interruption(end: () => void): Outlet;
}

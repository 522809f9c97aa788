/**
 * Frames that must not come before an answer.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import type { SessionState } from "../people/user.ts";

/** For whom frames are held. */
export interface HeldUser {
  /** Without a connection, the session keeps what is sent to it. */
  readonly state: SessionState;
  /** Bytes of frames that may wait for the client. */
  readonly capacity: number;
  /** Queues a frame; `false` if there is no room. */
  send(frame: string): boolean;
  /** Resolves when there is room again; with `false` if the connection takes nothing more, ever. */
  roomy(): Promise<boolean>;
  /** Adds `bytes`, which may be negative, to what is held for the user. */
  hold(bytes: number): void;
}

/**
 * A room's frames for a user who is being told what is kept of the room: they are put out behind that answer.
 *
 * Guarantees:
 * 1. They are put out in the order in which they came.
 * 2. At most half of the user's capacity is held. If it were more before they are put out, all are dropped: then the
 *    answer has to say that there is more. While they are put out, the user is one whose queue is full.
 */
export class HeldFrames implements Disposable {
  readonly #user: HeldUser;
  readonly #onEnd: () => void;
  #earlier: HeldFrames | undefined;
  #frames: string[] = [];
  #bytes = 0;
  #isOverflown = false;
  #whenOut: Promise<void> | undefined;
  #hasEnded = false;

  /**
   * Holds nothing yet.
   *
   * @param onEnd Called once, when nothing is to be held any more.
   * @param earlier Holds what has to come before.
   */
  constructor(user: HeldUser, onEnd: () => void, earlier?: HeldFrames) {
    this.#user = user;
    this.#onEnd = onEnd;
    this.#earlier = earlier;
  }

  /** Whether there were too many, so that all were dropped. */
  get isOverflown(): boolean {
    return this.#isOverflown;
  }

  /** Holds one more, if there is room for it. */
  add(frame: string): void {
    if (this.#isOverflown) return;
    const bytes = Buffer.byteLength(frame);
    if (this.#bytes + bytes <= this.#user.capacity / 2) {
      this.#frames.push(frame);
      this.#count(bytes);
    } else if (this.#whenOut === undefined) {
      this.#isOverflown = true;
      this.#drop();
    }
  }

  /**
   * Puts out what is held, and what comes while that has to wait for room; then holds no more. The second time it only
   * gives the same promise. Never rejects.
   */
  putOut(): Promise<void> {
    return this.#whenOut ??= this.#putAllOut();
  }

  /** Puts out what finds room at once, drops the rest, and holds no more: nothing comes any more when this returns. */
  cutOff(): void {
    this.putOut();
    this[Symbol.dispose]();
  }

  /** Drops what is held and holds no more. The second time nothing happens. */
  [Symbol.dispose](): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#earlier?.[Symbol.dispose]();
    this.#drop();
    this.#onEnd();
  }

  get #isInterrupted(): boolean {
    return this.#user.state === "interrupted";
  }

  async #putAllOut(): Promise<void> {
    if (this.#earlier !== undefined) {
      await this.#earlier.putOut();
      this.#earlier = undefined;
    }
    while (this.#frames.length > 0) {
      const frames = this.#frames;
      this.#frames = [];
      for (const frame of frames) {
        // An interrupted session has kept what it did not send, or ends.
        while (!this.#user.send(frame) && !this.#isInterrupted) {
          // A frame that found no room before the connection was lost is not kept yet.
          const isRoomy = await this.#user.roomy();
          if (this.#hasEnded) return;
          if (!isRoomy && !this.#isInterrupted) return this[Symbol.dispose]();
        }
        this.#count(-Buffer.byteLength(frame));
      }
    }
    this[Symbol.dispose]();
  }

  #drop(): void {
    this.#frames = [];
    this.#count(-this.#bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#user.hold(bytes);
  }
}

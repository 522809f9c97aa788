/**
 * Frames that must not come before an answer.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** For whom frames are held. */
export interface HeldUser {
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
  #frames: string[] = [];
  #bytes = 0;
  #isOverflown = false;
  #isPuttingOut = false;
  #hasEnded = false;

  /**
   * Holds nothing yet.
   *
   * @param onEnd Called once, when nothing is to be held any more.
   */
  constructor(user: HeldUser, onEnd: () => void) {
    this.#user = user;
    this.#onEnd = onEnd;
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
    } else if (!this.#isPuttingOut) {
      this.#isOverflown = true;
      this.#drop();
    }
  }

  /** Puts out what is held, and what comes while that has to wait for room; then holds no more. Never rejects. */
  async putOut(): Promise<void> {
    this.#isPuttingOut = true;
    while (this.#frames.length > 0) {
      const frames = this.#frames;
      this.#frames = [];
      for (const frame of frames) {
        while (!this.#user.send(frame)) {
          if (!await this.#user.roomy()) return this[Symbol.dispose]();
        }
        this.#count(-Buffer.byteLength(frame));
      }
    }
    this[Symbol.dispose]();
  }

  /** Drops what is held and holds no more. The second time nothing happens. */
  [Symbol.dispose](): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#drop();
    this.#onEnd();
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

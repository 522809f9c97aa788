/**
 * What keeps one sender's messages to one addressee in order while some of them wait for the disk.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";

/** A sender's messages to one addressee that are not through yet. */
interface Lane {
  /** How many there are. */
  size: number;
  /** Settles when all of them are through. */
  tail: Promise<unknown>;
  /** Whether one of them waits for others. */
  hasWaiters: boolean;
}

/**
 * One sender's lanes. Letters go beside each other, else each would be a commit of its own: the store keeps them in
 * the order of the calls. What is handed over directly waits until the letters before it are on disk, and then
 * everything else waits behind it.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /**
   * Whether a message has to wait, and how.
   *
   * @param to The addressee, as typed.
   * @returns `free` if nothing is under way, `letters` if only letters are, `waiters` if others wait already.
   */
  stateOf(to: string): "free" | "letters" | "waiters" {
    if (this.#lanes.size === 0) return "free";
    const lane = this.#lanes.get(foldName(to));
    if (lane === undefined) return "free";
    return lane.hasWaiters ? "waiters" : "letters";
  }

  /** A letter is on its way to disk, beside those before it. Gives its outcome back. */
  beside<T>(to: string, work: Promise<T>): Promise<T> {
    const lane = this.#enter(to);
    lane.tail = Promise.allSettled([lane.tail, work]);
    return this.#leaveAfter(to, lane, work);
  }

  /** Does something when all that is under way is through. Gives its outcome back. */
  behind<T>(to: string, work: () => T | Promise<T>): Promise<T> {
    const lane = this.#enter(to);
    lane.hasWaiters = true;
    const done = lane.tail.then(work);
    lane.tail = Promise.allSettled([done]);
    return this.#leaveAfter(to, lane, done);
  }

  #enter(to: string): Lane {
    const folded = foldName(to);
    let lane = this.#lanes.get(folded);
    if (lane === undefined) {
      lane = { size: 0, tail: Promise.resolve(), hasWaiters: false };
      this.#lanes.set(folded, lane);
    }
    lane.size++;
    return lane;
  }

  async #leaveAfter<T>(to: string, lane: Lane, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      if (--lane.size === 0) this.#lanes.delete(foldName(to));
    }
  }
}

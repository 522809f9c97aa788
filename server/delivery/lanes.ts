/**
 * What keeps one sender's messages to one addressee in order while some of them wait for the disk.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";

/** Messages that go beside each other: what takes them keeps their order, too. */
export type Kind =
  /** They go to the mailbox. */
  | "letters"
  /** They are handed over and kept, by a keeper that hands over late. */
  | "kept"
  /** They go to another node. */
  | "elsewhere"
  /** It is asked on which node their addressee is. */
  | "unseen";

/** A sender's messages to one addressee that are not through yet. */
interface Lane {
  /** How many there are. */
  size: number;
  /** Settles when all of them are through. */
  tail: Promise<unknown>;
  /** What all of them are; `undefined` if one of them waits for others. */
  kind: Kind | undefined;
}

/**
 * One sender's lanes. Messages of a kind go beside each other, else each would be a commit of its own: the store keeps letters
 * in the order of the calls, and so does the log what is kept, and another node what it is handed. What is of another kind
 * waits until those before it are through, and then everything else waits behind it.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /**
   * Whether a message has to wait, and how.
   *
   * @param to The addressee, as typed.
   * @returns `free` if nothing is under way, a kind if only messages of that kind are, `waiters` if others wait already.
   */
  stateOf(to: string): "free" | Kind | "waiters" {
    if (this.#lanes.size === 0) return "free";
    const lane = this.#lanes.get(foldName(to));
    if (lane === undefined) return "free";
    return lane.kind ?? "waiters";
  }

  /** A message is on its way, beside those before it. Gives its outcome back. */
  beside<T>(to: string, kind: Kind, work: Promise<T>): Promise<T> {
    const lane = this.#enter(to, kind);
    lane.tail = Promise.allSettled([lane.tail, work]);
    return this.#leaveAfter(to, lane, work);
  }

  /** Does something when all that is under way is through. Gives its outcome back. */
  behind<T>(to: string, work: () => T | Promise<T>): Promise<T> {
    const lane = this.#enter(to, undefined);
    lane.kind = undefined;
    const done = lane.tail.then(work);
    lane.tail = Promise.allSettled([done]);
    return this.#leaveAfter(to, lane, done);
  }

  /** What is under way takes longer than what comes behind it would: that has to wait from here on. */
  holdUp(to: string): void {
    const lane = this.#lanes.get(foldName(to));
    if (lane !== undefined) lane.kind = undefined;
  }

  #enter(to: string, kind: Kind | undefined): Lane {
    const folded = foldName(to);
    let lane = this.#lanes.get(folded);
    if (lane === undefined) {
      lane = { size: 0, tail: Promise.resolve(), kind };
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

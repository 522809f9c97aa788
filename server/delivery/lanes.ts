/**
 * What keeps one sender's messages to one addressee in order while some of them wait for the disk.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";

/** What may go beside others of its kind: those that take them keep them in the order of the calls. */
export type LaneKind =
  /** To a mailbox. */
  | "letters"
  /** To another node. */
  | "elsewhere"
  /** To the log of all nodes, which has them handed over. */
  | "kept";

/** A sender's messages to one addressee that are not through yet. */
interface Lane {
  /** What they are, as long as nobody waits. */
  readonly kind: LaneKind;
  /** How many there are. */
  size: number;
  /** Settles when all of them are through. */
  tail: Promise<unknown>;
  /** Whether one of them waits for others. */
  hasWaiters: boolean;
}

/**
 * One sender's lanes. Letters go beside each other, else each would be a commit of its own: the store keeps them in
 * the order of the calls; so do another node and the log. What is handed over directly, or goes another way, waits until those
 * before it are through, and then everything else waits behind it.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /**
   * Whether a message has to wait, and how.
   *
   * @param to The addressee, as typed.
   * @returns `free` if nothing is under way, the kind if only such are, `waiters` if others wait already.
   */
  stateOf(to: string): "free" | LaneKind | "waiters" {
    if (this.#lanes.size === 0) return "free";
    const lane = this.#lanes.get(foldName(to));
    if (lane === undefined) return "free";
    return lane.hasWaiters ? "waiters" : lane.kind;
  }

  /**
   * Something is on its way beside those of its kind before it. Gives its outcome back.
   *
   * @param kind What it is. @default {"letters"}
   */
  beside<T>(to: string, work: Promise<T>, kind: LaneKind = "letters"): Promise<T> {
    const lane = this.#enter(to, kind);
    lane.tail = Promise.allSettled([lane.tail, work]);
    return this.#leaveAfter(to, lane, work);
  }

  /** Does something when all that is under way is through. Gives its outcome back. */
  behind<T>(to: string, work: () => T | Promise<T>): Promise<T> {
    const lane = this.#enter(to, "letters");
    lane.hasWaiters = true;
    const done = lane.tail.then(work);
    lane.tail = Promise.allSettled([done]);
    return this.#leaveAfter(to, lane, done);
  }

  #enter(to: string, kind: LaneKind): Lane {
    const folded = foldName(to);
    let lane = this.#lanes.get(folded);
    if (lane === undefined) {
      lane = { kind, size: 0, tail: Promise.resolve(), hasWaiters: false };
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

/**
 * What keeps one sender's messages to one addressee in order while some of them wait for the disk.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { Later, type Waiter } from "../later.ts";

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
export interface Lane {
  /** The addressee, folded. */
  readonly folded: string;
  /** How many are under way. */
  size: number;
  /** What all of them are; `undefined` if one of them waits for others, or has waited. */
  kind: Kind | undefined;
  /** Begins what waits until all before it are through. */
  readonly waiting: (() => void)[];
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
    this.#follow(this.#laneOf(to, kind), work);
    return work;
  }

  /** The same for what is told at once. */
  besideLater<T>(to: string, kind: Kind, work: Later<T>): Later<T> {
    const lane = this.#laneOf(to, kind);
    lane.size++;
    const passage = new Passage<T>(this, lane);
    work.tell(passage);
    return passage;
  }

  /** Does something when all that is under way is through. Gives its outcome back. */
  behind<T>(to: string, work: () => T | Promise<T>): Promise<T> {
    const lane = this.#laneOf(to, undefined);
    const { promise, resolve } = Promise.withResolvers<T>();
    const begin = (): void => {
      this.#follow(lane, promise);
      resolve((async () => await work())());
    };
    lane.kind = undefined;
    lane.waiting.push(begin);
    if (lane.size === 0 && lane.waiting.length === 1) goOn(lane);
    return promise;
  }

  /** What is under way takes longer than what comes behind it would: that has to wait from here on. */
  holdUp(to: string): void {
    const lane = this.#lanes.get(foldName(to));
    if (lane !== undefined) lane.kind = undefined;
  }

  #laneOf(to: string, kind: Kind | undefined): Lane {
    const folded = foldName(to);
    let lane = this.#lanes.get(folded);
    if (lane === undefined) this.#lanes.set(folded, lane = { folded, size: 0, kind, waiting: [] });
    return lane;
  }

  #follow(lane: Lane, work: Promise<unknown>): void {
    lane.size++;
    const leave = (): void => this.leave(lane);
    work.then(leave, leave);
  }

  /** A message is through. For those that are under way. */
  leave(lane: Lane): void {
    if (--lane.size > 0) return;
    if (lane.waiting.length === 0) this.#lanes.delete(lane.folded);
    else goOn(lane);
  }
}

/** A message under way. */
class Passage<T> extends Later<T> implements Waiter<T> {
  readonly #lanes: Lanes;
  readonly #lane: Lane;

  constructor(lanes: Lanes, lane: Lane) {
    super();
    this.#lanes = lanes;
    this.#lane = lane;
  }

  settled(value: T): void {
    this.#lanes.leave(this.#lane);
    this.settle(value);
  }

  failed(error: unknown): void {
    this.#lanes.leave(this.#lane);
    this.fail(error);
  }
}

/** Begins what has waited longest, once whoever waits for what is through has heard of that. */
function goOn({ waiting }: Lane): void {
  queueMicrotask(() => waiting.shift()!());
}

/**
 * How fast a connection is served.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { TokenBucket } from "./token_bucket.ts";
import type { WorkBudget } from "./work_budget.ts";

/**
 * Holds a connection to a number of requests a second, and to its network's budget of work: what exceeds them waits,
 * nothing is refused.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket | undefined;
  readonly #work: WorkBudget;
  #timer: Timer | undefined;
  /** Ends the wait that is under way, if any. */
  #wake: (() => void) | undefined;
  #isStopped = false;

  /**
   * Begins with a full burst.
   *
   * @param perSecond Requests a second; 0 is no limit.
   * @param work The network's budget.
   */
  constructor(perSecond: number, clock: Clock, work: WorkBudget) {
    this.#clock = clock;
    this.#bucket = perSecond > 0 ? new TokenBucket(perSecond, clock) : undefined;
    this.#work = work;
  }

  /** Whether a request that costs its answer's size may be served now. */
  get mayWork(): boolean {
    return this.#work.isOpen;
  }

  /** Takes a request's turn if there is one now. */
  take(): boolean {
    return this.#bucket === undefined || this.#bucket.take() <= 0;
  }

  /** Takes a request's turn as soon as there is one; returns early when stopped. */
  async turn(): Promise<void> {
    if (this.#bucket === undefined) return;
    for (let ms = this.#bucket.take(); ms > 0 && !this.#isStopped; ms = this.#bucket.take()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#timer = this.#clock.setTimeout(resolve, ms);
      });
    }
  }

  /** Waits until a request that costs its answer's size may be served; returns early when stopped. */
  async workTurn(): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#work.wait(resolve);
    });
  }

  /** Pays for an answer of so many bytes. */
  spend(bytes: number): void {
    this.#work.spend(bytes);
  }

  /** Counts a request of that kind until its answer is known and paid: see {@linkcode WorkBudget.follow}. */
  follow(reply: Promise<unknown>): void {
    this.#work.follow(reply);
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimeout(this.#timer);
    if (this.#wake === undefined) return;
    this.#work.forget(this.#wake);
    this.#wake();
  }
}

/**
 * How fast a connection is served.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Holds a connection to a number of requests a second: what exceeds it waits, nothing is refused. */
export class Pace {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket | undefined;
  #timer: Timer | undefined;
  /** Ends the wait that is under way, if any. */
  #wake: (() => void) | undefined;
  #isStopped = false;

  /**
   * Begins with a full burst.
   *
   * @param perSecond Requests a second; 0 is no limit.
   */
  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#bucket = perSecond > 0 ? new TokenBucket(perSecond, clock) : undefined;
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

  /** Nobody waits any more. */
  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimeout(this.#timer);
    this.#wake?.();
  }
}

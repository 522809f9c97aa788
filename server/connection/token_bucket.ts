/**
 * How fast one connection is read.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";

/**
 * A token bucket: `rate` tokens a second flow in, at most twice as many are kept, and each request takes one.
 * It starts full.
 */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  /**
   * Makes a full bucket.
   *
   * @param rate Tokens a second, more than 0.
   * @param clock Where time comes from.
   */
  constructor(rate: number, clock: Clock) {
    this.#rate = rate;
    this.#burst = Math.max(1, 2 * rate);
    this.#clock = clock;
    this.#tokens = this.#burst;
    this.#filledAt = clock.monotonicMs();
  }

  /**
   * Takes a token if there is one.
   *
   * @returns 0, or the milliseconds to wait before trying again. The wait is for a tenth of a burst, not for
   * one token, so that a flood costs a handful of timers a second and not one for each request.
   */
  take(): number {
    const now = this.#clock.monotonicMs();
    const earned = (now - this.#filledAt) * this.#rate / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens--;
      return 0;
    }
    const wanted = Math.max(1, this.#burst / 10);
    return Math.ceil((wanted - this.#tokens) * 1000 / this.#rate);
  }
}

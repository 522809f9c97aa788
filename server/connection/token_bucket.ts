/**
 * An allowance that grows with time.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";

/** A token bucket: `rate` tokens a second flow in, at most `burst` are kept. It starts full. */
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
   * @param burst The most that are kept; by default those of two seconds.
   */
  constructor(rate: number, clock: Clock, burst: number = 2 * rate) {
    this.#rate = rate;
    this.#burst = Math.max(1, burst);
    this.#clock = clock;
    this.#tokens = this.#burst;
    this.#filledAt = clock.monotonicMs();
  }

  /** Whether it is as if nothing had ever been taken. */
  get isFull(): boolean {
    this.#fill();
    return this.#tokens >= this.#burst;
  }

  /**
   * Takes a token if there is one.
   *
   * @returns 0, or the milliseconds to wait before trying again. The wait is for a tenth of a burst, not for
   * one token, so that a flood costs a handful of timers a second and not one for each request.
   */
  take(): number {
    this.#fill();
    if (this.#tokens >= 1) {
      this.#tokens--;
      return 0;
    }
    return this.#msUntil(Math.max(1, this.#burst / 10));
  }

  /** Takes so many tokens, whether they are there or not: what is owed is paid back first. */
  spend(count: number): void {
    this.#fill();
    this.#tokens -= count;
  }

  /** Milliseconds until nothing is owed and a token is there; 0 if that is so now. */
  get debtMs(): number {
    this.#fill();
    return this.#tokens >= 1 ? 0 : this.#msUntil(1);
  }

  #msUntil(tokens: number): number {
    return Math.ceil((tokens - this.#tokens) * 1000 / this.#rate);
  }

  #fill(): void {
    const now = this.#clock.monotonicMs();
    const earned = (now - this.#filledAt) * this.#rate / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#filledAt = now;
  }
}

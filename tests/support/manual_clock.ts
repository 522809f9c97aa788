/**
 * A clock that stands still until the test moves it.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";

interface Pending {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time in the test's hand. */
export class ManualClock implements Clock {
  #nowMs: number;
  #lastTimer = 0;
  readonly #timers = new Map<Timer, Pending>();

  /** @param epochMs What time it is at first. */
  constructor(epochMs = 1_700_000_000_000) {
    this.#nowMs = epochMs;
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = ++this.#lastTimer;
    this.#timers.set(timer, { atMs: this.#nowMs + ms, callback });
    return timer;
  }

  clearTimeout(timer: Timer | undefined): void {
    if (timer !== undefined) this.#timers.delete(timer);
  }

  /** Moves time on and fires what is due on the way, in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      let next: [Timer, Pending] | undefined;
      for (const entry of this.#timers) {
        if (entry[1].atMs <= endMs && (next === undefined || entry[1].atMs < next[1].atMs)) {
          next = entry;
        }
      }
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1].atMs);
      next[1].callback();
    }
    this.#nowMs = endMs;
  }
}

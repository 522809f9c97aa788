/**
 * Counts that forget.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Lane } from "./brake.ts";

interface Count {
  value: number;
  changedAt: number;
}

/** A count returns to 0 this long after its last change. */
const FORGET_MS = 3_600_000;

/** Counts attempts that have begun and have not turned out right, under keys of any kind. */
export class Tally {
  readonly #clock: Clock;
  /** In the order of the last change, the oldest first. */
  readonly #counts = new Map<string, Count>();

  /** Makes one in which all counts are 0. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#counts.size;
  }

  /** A lane whose rank is the highest of these counts, and which counts once under each of them. */
  lane(...names: readonly string[]): Lane {
    const keys = [...new Set(names)];
    return {
      rank: () => Math.max(...keys.map((key) => this.#valueOf(key))),
      begin: () => keys.forEach((key) => this.#change(key, 1)),
      forgive: () => keys.forEach((key) => this.#change(key, -1)),
    };
  }

  /** Keeps the `count` most recently changed, drops the rest. */
  keepLatest(count: number): void {
    for (const key of this.#counts.keys()) {
      if (this.#counts.size <= count) return;
      this.#counts.delete(key);
    }
  }

  #valueOf(key: string): number {
    const count = this.#counts.get(key);
    if (count === undefined || this.#clock.monotonicMs() - count.changedAt >= FORGET_MS) return 0;
    return count.value;
  }

  #change(key: string, by: number): void {
    const value = this.#valueOf(key) + by;
    this.#counts.delete(key);
    if (value > 0) this.#counts.set(key, { value, changedAt: this.#clock.monotonicMs() }); // now the last
  }
}

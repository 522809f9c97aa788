/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";

/** {@linkcode Clock} whose time passes by `advance` only; timers fire in the order of their times. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  #nextId = 1;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();

  /** @param epochMs What `epochMs` says at the start. */
  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = this.#nowMs = epochMs;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  epochMs(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#nowMs + Math.max(0, ms), callback });
    return id;
  }

  clearTimeout(timer: Timer | undefined): void {
    this.#timers.delete(timer as number);
  }

  /** Lets so many milliseconds pass and fires what is due, including timers set on the way. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end)
        .sort(([idA, a], [idB, b]) => a.at - b.at || idA - idB)[0];
      if (due === undefined) break;
      const [id, { at, callback }] = due;
      this.#timers.delete(id);
      this.#nowMs = Math.max(this.#nowMs, at);
      callback();
    }
    this.#nowMs = end;
  }
}

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
      const id = this.#next();
      const due = this.#timers.get(id);
      if (due === undefined || due.at > end) break;
      this.#timers.delete(id);
      this.#nowMs = Math.max(this.#nowMs, due.at);
      due.callback();
    }
    this.#nowMs = end;
  }

  /**
   * Lets so many milliseconds pass as on a machine that was asleep: what became due meanwhile fires late, once, then.
   * For days, in which {@linkcode FakeClock.advance} would fire what looks twice a second 100 000 times.
   */
  leap(ms: number): void {
    this.#nowMs += ms;
    this.advance(0);
  }

  /** Which timer fires next; of those at the same time the one that was set first. 0: there is none. */
  #next(): number {
    let next = 0;
    let earliest = Infinity;
    // A map keeps the order in which timers were set.
    for (const [id, { at }] of this.#timers) {
      if (at < earliest) [next, earliest] = [id, at];
    }
    return next;
  }
}

/**
 * How late the event loop is.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { Histogram } from "./histogram.ts";

/** Milliseconds between two looks: five a second cost nothing, and a stall of a second is not missed. */
const EVERY_MS = 200;

/**
 * Measures by how much a timer fires too late, again and again: for so long whoever sent something then had to wait.
 * Goes on until it is disposed of.
 */
export class LoopLag implements Disposable {
  /** By how much the timer was late. */
  readonly lags: Histogram = new Histogram();
  readonly #clock: Clock;
  #timer: Timer | undefined;

  /** Begins to measure. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#look();
  }

  #look(): void {
    const due = this.#clock.monotonicMs() + EVERY_MS;
    this.#timer = this.#clock.setTimeout(() => {
      this.lags.observe(Math.max(0, this.#clock.monotonicMs() - due));
      this.#look();
    }, EVERY_MS);
  }

  /** Measures no more. */
  [Symbol.dispose](): void {
    this.#clock.clearTimeout(this.#timer);
  }
}

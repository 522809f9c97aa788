/**
 * How long messages take.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { Histogram } from "./histogram.ts";

/**
 * Measures how long messages take from the beginning of the turn in which they are read to the end of the one in which
 * they are answered 200 or 202: by then they are on their way to all of their addressees who are online, and on disk if
 * they are kept. Each message counts, and the system is asked for the time once a turn, not once a message.
 */
export class Deliveries {
  /** What was measured. */
  readonly durations: Histogram = new Histogram();
  readonly #clock: Pick<Clock, "monotonicMs">;
  /** Answered in this turn: those that were read at the same moment together, the last ones apart. */
  #earlier: { readonly sinceMs: number; readonly count: number }[] = [];
  #sinceMs = 0;
  #count = 0;

  /** Has measured nothing. */
  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /**
   * A message was answered in this turn.
   *
   * @param sinceMs When the turn began in which it was read, see `Turns.nowMs`.
   */
  answered(sinceMs: number): void {
    if (sinceMs !== this.#sinceMs) {
      if (this.#count > 0) this.#earlier.push({ sinceMs: this.#sinceMs, count: this.#count });
      this.#sinceMs = sinceMs;
      this.#count = 0;
    }
    this.#count++;
  }

  /** The turn is over, and what was queued is being written. */
  turnEnded(): void {
    if (this.#count === 0) return;
    const nowMs = this.#clock.monotonicMs();
    for (const { sinceMs, count } of this.#earlier) this.durations.observe(nowMs - sinceMs, count);
    this.durations.observe(nowMs - this.#sinceMs, this.#count);
    this.#earlier = [];
    this.#count = 0;
  }
}

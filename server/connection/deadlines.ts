/**
 * Deadlines of all connections, with one timer.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";

/** Something with a deadline. */
export interface Due {
  /** Where {@linkcode Deadlines} has it: an index, or -1 if it waits for nothing. Theirs alone. */
  place: number;
  /** Its time has come; it waits for nothing until a deadline is set anew. Must not throw. */
  onDue(): void;
}

/** What {@linkcode Due} has as long as it waits for nothing. */
export const NOWHERE: number = -1;

/**
 * A binary heap of deadlines, the earliest at its root, with one timer for that one.
 *
 * A timer of the runtime's own is 400 bytes of the heap for each connection; here it is two numbers. Everything takes
 * O(log n), and happens seldom: a connection moves its deadline when it has passed and not with every byte.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #waiting: Due[] = [];
  /** When each of them is due. */
  readonly #times: number[] = [];
  readonly #onTimer = (): void => this.#fire();
  #timer: Timer | undefined;
  /** When that fires. */
  #timerAt = Infinity;

  /**
   * Nobody waits yet.
   *
   * @param clock Where time comes from.
   */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * It is due then, and no longer when it was to be before.
   *
   * @param atMs By the monotonic clock; what has passed is due in a moment, not at once.
   */
  set(due: Due, atMs: number): void {
    if (due.place === NOWHERE) due.place = this.#waiting.push(due) - 1;
    this.#times[due.place] = atMs;
    this.#sinkOrRise(due.place);
    this.#arm();
  }

  /** It waits no more; does nothing if it did not. */
  delete(due: Due): void {
    const { place } = due;
    if (place === NOWHERE) return;
    due.place = NOWHERE;
    const [last, at] = [this.#waiting.pop()!, this.#times.pop()!];
    if (last !== due) {
      this.#put(place, last, at);
      this.#sinkOrRise(place);
    }
    // A timer that fires for nothing once a minute costs less than one that is set anew by each who leaves.
    if (this.#waiting.length === 0) this.#disarm();
  }

  #fire(): void {
    this.#timerAt = -Infinity; // it is set once, below
    const now = this.#clock.monotonicMs();
    while (this.#waiting.length > 0 && this.#times[0]! <= now) {
      const [due] = this.#waiting as [Due];
      this.delete(due);
      due.onDue();
    }
    this.#disarm();
    this.#arm();
  }

  /** Has the timer fire when the earliest is due. */
  #arm(): void {
    const at = this.#times[0] ?? Infinity;
    if (at >= this.#timerAt) return;
    this.#disarm();
    this.#timerAt = at;
    const ms = Math.max(1, Math.ceil(at - this.#clock.monotonicMs()));
    this.#timer = this.#clock.setTimeout(this.#onTimer, ms);
  }

  #disarm(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  /** Moves what is at that place to where it belongs. */
  #sinkOrRise(from: number): void {
    const [due, at] = [this.#waiting[from]!, this.#times[from]!];
    let place = from;
    for (let parent; place > 0 && this.#times[parent = (place - 1) >> 1]! > at; place = parent) {
      this.#put(place, this.#waiting[parent]!, this.#times[parent]!);
    }
    for (let child; (child = this.#earlierChild(place)) !== NOWHERE; place = child) {
      if (this.#times[child]! >= at) break;
      this.#put(place, this.#waiting[child]!, this.#times[child]!);
    }
    this.#put(place, due, at);
  }

  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    if (left >= this.#times.length) return NOWHERE;
    const right = left + 1;
    return right < this.#times.length && this.#times[right]! < this.#times[left]! ? right : left;
  }

  #put(place: number, due: Due, at: number): void {
    this.#waiting[place] = due;
    this.#times[place] = at;
    due.place = place;
  }
}

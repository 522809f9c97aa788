/**
 * What a soak finds out: round trips, and what was lost, doubled or wrong.
 *
 * @module
 */

/** Round trips are counted in steps of this factor. */
const STEP = 1.05;
const SMALLEST_MS = 0.01;

/** Round-trip times as a histogram with steps of 5 %, so that hours cost no memory. */
export class Histogram {
  readonly #counts: number[] = [];
  #total = 0;

  /** Counts a time. */
  add(ms: number): void {
    const step = Math.max(0, Math.ceil(Math.log(ms / SMALLEST_MS) / Math.log(STEP)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total++;
  }

  /** How many there were. */
  get total(): number {
    return this.#total;
  }

  /** The time that this part of them, 0–1, did not exceed; `NaN` if there are none. */
  quantile(part: number): number {
    let left = Math.ceil(this.#total * part);
    for (const [step, count] of this.#counts.entries()) {
      left -= count ?? 0;
      if (left <= 0) return SMALLEST_MS * STEP ** step;
    }
    return NaN;
  }
}

/** All that the workers report. */
export class Tally {
  /** What was done, and how often. */
  readonly done = new Map<string, number>();
  /** Round trips of messages between users that read. */
  readonly roundTrips = new Histogram();
  /** Messages answered 200 (or 202) that did not arrive. */
  lost = 0;
  /** Messages that arrived twice, or twice after they were acknowledged. */
  doubled = 0;
  /** What else went wrong, the first few. */
  readonly faults: string[] = [];
  /** How many faults there were. */
  faultCount = 0;

  /** Something was done. */
  count(what: string, by = 1): void {
    this.done.set(what, (this.done.get(what) ?? 0) + by);
  }

  /** Something that must not happen has happened. */
  fault(what: string): void {
    if (this.faultCount++ < 10) this.faults.push(what);
  }
}

/** Checks that numbered messages arrive once each: in a row, from 1 on. */
export class Sequence {
  readonly #tally: Tally;
  #last = 0;

  /** @param tally Where to report. */
  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** The number that arrived last. */
  get last(): number {
    return this.#last;
  }

  /** A message arrived. */
  arrived(number: number): void {
    if (number <= this.#last) this.#tally.doubled++;
    else this.#tally.lost += number - this.#last - 1;
    this.#last = Math.max(this.#last, number);
  }

  /** No more will arrive of the `accepted` messages. */
  ends(accepted: number): void {
    this.#tally.lost += Math.max(0, accepted - this.#last);
  }
}

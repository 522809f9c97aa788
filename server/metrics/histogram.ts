/**
 * How durations are distributed.
 *
 * @module
 */

/** Upper bounds in seconds: from a turn of an idle event loop to a disk that hardly answers. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Durations, counted by size. Plain numbers: to count one costs some comparisons, and whoever wants to know reads them.
 */
export class Histogram {
  /** Upper bounds of the buckets, in seconds, rising. */
  readonly bounds: readonly number[] = BOUNDS;
  /** How many durations were in each bucket and in none before it; the last count is of those beyond all bounds. */
  readonly counts: number[] = new Array<number>(BOUNDS.length + 1).fill(0);
  /** Seconds in all. */
  sum = 0;

  /**
   * Counts a duration, in milliseconds.
   *
   * @param times How many took so long.
   */
  observe(ms: number, times = 1): void {
    const seconds = ms / 1_000;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++;
    this.counts[bucket]! += times;
    this.sum += seconds * times;
  }
}

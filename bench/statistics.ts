/**
 * Figures out of samples.
 *
 * @module
 */

/**
 * The middle of some numbers: half of them are no greater, half no smaller.
 *
 * @param values At least one.
 * @throws {RangeError} If there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(median([3, 1, 2]), 2);
 * assertEquals(median([4, 1, 2, 3]), 2.5);
 * ```
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take the median: there are no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * How two servers compare that were measured in turn: the median of the ratios of neighbours.
 *
 * Not the ratio of the medians: what disturbs the machine for a while disturbs both of a pair, and cancels
 * out of their ratio.
 *
 * @param ours Figures by round.
 * @param theirs Figures by round, in the same number.
 * @throws {RangeError} If the numbers of figures differ or are 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(medianRatio([10, 5, 20], [20, 10, 20]), 0.5);
 * ```
 */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ratiosOf(ours, theirs));
}

/**
 * The ratios of neighbours, round by round.
 *
 * @param ours Figures by round.
 * @param theirs Figures by round, in the same number.
 * @throws {RangeError} If the numbers of figures differ.
 */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) {
    throw new RangeError(`Cannot compare ${ours.length} rounds with ${theirs.length}`);
  }
  return ours.map((value, round) => value / theirs[round]!);
}

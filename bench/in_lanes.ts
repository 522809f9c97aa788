/** As many are worked on at the same time. */
const LANES = 64;

/**
 * Does something for each number from 0, up to 64 at the same time.
 *
 * @param count How many numbers.
 * @param work What to do for one.
 * @returns The results, in the order of the numbers.
 */
export async function inLanes<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: LANES }, async () => {
    while (next < count) {
      const n = next++;
      results[n] = await work(n);
    }
  }));
  return results;
}

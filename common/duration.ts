/**
 * Durations in words.
 *
 * @module
 */

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/**
 * A duration in its two largest units, as `1 h 59 min`, in English; never less than it is, and at least `1 s`.
 *
 * @param seconds Fractions are allowed.
 */
export function durationInWords(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  const first = UNITS.findIndex(([, size]) => size <= whole);
  // What the smaller unit cannot say is rounded up, which may fill the larger one.
  const [, smallest] = UNITS[Math.min(first + 1, UNITS.length - 1)]!;
  let left = Math.ceil(whole / smallest) * smallest;
  const words: string[] = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count} ${name}`);
  }
  return words.join(" ");
}

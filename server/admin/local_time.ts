/**
 * A time as ISO 8601 has it, in local time with its offset from UTC: `2026-11-29T13:24:39+01:00`.
 *
 * @param seconds Unix seconds; fractions are cut off.
 * @param offset Minutes by which the local time is ahead of UTC at that moment; by default the machine's.
 */
export function localTime(
  seconds: number,
  offset: number = -new Date(seconds * 1000).getTimezoneOffset(),
): string {
  const shifted = new Date((Math.floor(seconds) + offset * 60) * 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  const ahead = Math.abs(offset);
  const sign = offset < 0 ? "-" : "+";
  return `${shifted.toISOString().slice(0, 19)}${sign}${two(Math.floor(ahead / 60))}:${
    two(ahead % 60)
  }`;
}

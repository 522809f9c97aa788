/**
 * Hours of a day in which nothing is to be heard.
 *
 * @module
 */

const HOURS = /^([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** What such hours look like, for an error. */
export const QUIET_HOURS_FORM = "HH:MM-HH:MM";

/** Whether a text names hours of a day. */
export function isQuietHours(text: string): boolean {
  return HOURS.test(text.trim());
}

/**
 * Whether a moment is within hours of the day: from the first minute on, before the last one, by what the clocks on the
 * wall show there. Hours whose end is before their beginning go on over midnight; those that end where they begin are the
 * whole day.
 *
 * @param hours As {@linkcode isQuietHours} takes them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isWithinHours("22:00-08:00", new Date(2026, 0, 1, 23, 59)), true);
 * assertEquals(isWithinHours("22:00-08:00", new Date(2026, 0, 1, 8, 0)), false);
 * ```
 */
export function isWithinHours(hours: string, at: Date): boolean {
  const [, ...parts] = HOURS.exec(hours.trim()) ?? [];
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts.map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  const now = at.getHours() * 60 + at.getMinutes();
  return from < to ? from <= now && now < to : from <= now || now < to;
}

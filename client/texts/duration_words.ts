/**
 * How long something takes, in words.
 *
 * @module
 */

import type { Speaker, TextKey } from "./texts.ts";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

const UNITS: readonly (readonly [seconds: number, key: TextKey])[] = [
  [DAY, "days"],
  [HOUR, "hours"],
  [MINUTE, "minutes"],
  [1, "seconds"],
];

/**
 * A duration, exactly but for parts of a second, which count as a whole one: `1 h 30 min`.
 *
 * @param seconds From 0 on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { speakerOf } from "./texts.ts";
 *
 * assertEquals(durationWords(5_400, speakerOf("en")), "1 h 30 min");
 * assertEquals(durationWords(172_800, speakerOf("ru")), "2 дня");
 * ```
 */
export function durationWords(seconds: number, { say }: Pick<Speaker, "say">): string {
  let left = Math.max(0, Math.ceil(seconds));
  const words = UNITS.flatMap(([unit, key]) => {
    const count = Math.floor(left / unit);
    left -= count * unit;
    return count === 0 ? [] : [say(key, { count })];
  });
  return words.length === 0 ? say("seconds", { count: 0 }) : words.join(" ");
}

/**
 * How long something still takes, no more exactly than a person wants to know it, rounded up: seconds below
 * a minute, minutes below a day, hours above.
 */
export function remainingWords(seconds: number, speaker: Pick<Speaker, "say">): string {
  const unit = seconds > DAY ? HOUR : seconds > MINUTE ? MINUTE : 1;
  // Times on the wire are whole seconds, rounded either way: one second over two hours is two hours.
  const left = unit === 1 ? seconds : seconds - 1;
  return durationWords(Math.ceil(left / unit) * unit, speaker);
}

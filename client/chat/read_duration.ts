/**
 * Durations as people write them. Pure.
 *
 * @module
 */

import { splitWord } from "./input.ts";

/** What stands at the beginning of a text. */
export type Duration =
  /** A duration, and what stands behind it. */
  | { readonly kind: "some"; readonly seconds: number; readonly rest: string }
  /** None: the text is about something else. */
  | { readonly kind: "none" }
  /** Something that begins with a digit, or means a duration, and is none that is allowed. */
  | { readonly kind: "wrong"; readonly word: string };

/** Seconds of each unit, and how it is called where it is written right behind its number. */
const UNITS: readonly (readonly [seconds: number, names: readonly string[]])[] = [
  [604_800, ["w", "н", "нед"]],
  [86_400, ["d", "д", "дн"]],
  [3_600, ["h", "ч", "час"]],
  [60, ["m", "min", "м", "мин"]],
  [1, ["s", "sec", "с", "сек"]],
];

/** How a unit is called where it is a word of its own; single letters are not, since they may be another word. */
const WORDS: readonly (readonly [seconds: number, word: RegExp])[] = [
  [604_800, /^(weeks?|нед|недел[яюиь])$/],
  [86_400, /^(days?|дн|день|дня|дней)$/],
  [3_600, /^(hours?|час|часа|часов)$/],
  [60, /^(min|mins|minutes?|мин|минут[ауы]?)$/],
  [1, /^(sec|secs|seconds?|сек|секунд[ауы]?)$/],
];

/** Beyond this no number is looked at: a digit more is a slip. */
const MAX_DIGITS = 9;

/**
 * Reads the duration that a text begins with: `90s`, `10m`, `2h`, `3d`, `1w`, `1h30m`, the same in Russian letters, or
 * `2 hours` and `2 часа`. Units go from the largest to the smallest, each once.
 *
 * @param max Seconds at most; 1 at least.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readDuration("2h spam", 86_400), { kind: "some", seconds: 7_200, rest: "spam" });
 * assertEquals(readDuration("2 часа", 86_400), { kind: "some", seconds: 7_200, rest: "" });
 * assertEquals(readDuration("spam", 86_400), { kind: "none" });
 * assertEquals(readDuration("2x", 86_400), { kind: "wrong", word: "2x" });
 * ```
 */
export function readDuration(text: string, max: number): Duration {
  const { word, rest } = splitWord(text);
  if (!/^[+-]?\p{Nd}/u.test(word)) return { kind: "none" };
  const seconds = joined(word.toLowerCase());
  if (seconds !== undefined) return within(seconds, max, word, rest);
  const next = splitWord(rest);
  const unit = WORDS.find(([, pattern]) => pattern.test(next.word.toLowerCase()))?.[0];
  const isCount = /^[0-9]+$/.test(word) && word.length <= MAX_DIGITS;
  if (unit === undefined || !isCount) return { kind: "wrong", word };
  return within(Number(word) * unit, max, `${word} ${next.word}`, next.rest);
}

function within(seconds: number, max: number, word: string, rest: string): Duration {
  // "1h 30m" must not become an hour for the reason "30m".
  const next = readDuration(rest, max);
  if (next.kind === "some") {
    return {
      kind: "wrong",
      word: `${word} ${rest.slice(0, rest.length - next.rest.length)}`.trim(),
    };
  }
  return seconds >= 1 && seconds <= max ? { kind: "some", seconds, rest } : { kind: "wrong", word };
}

/** Numbers with their units right behind them. */
function joined(word: string): number | undefined {
  const parts = [...word.matchAll(/([0-9]+)(\p{L}+)/gu)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== word) return undefined;
  let sum = 0;
  let last = Infinity;
  for (const [, digits, name] of parts) {
    const unit = UNITS.find(([, names]) => names.includes(name!))?.[0];
    if (unit === undefined || unit >= last || digits!.length > MAX_DIGITS) return undefined;
    sum += Number(digits) * unit;
    last = unit;
  }
  return sum;
}

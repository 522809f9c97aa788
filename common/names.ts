/**
 * Names of accounts and rooms: which are allowed, and when two are the same.
 *
 * @module
 */

import { LIMITS } from "./limits.ts";

/** What an account name may be, in words, for error messages. */
export const ACCOUNT_NAME_RULE: string =
  `1–${LIMITS.maxNameChars} letters, digits, '_', '-' or '.', beginning with a letter or a digit`;

/** What a room name may be, in words, for error messages. */
export const ROOM_NAME_RULE: string = `'#' and then letters, digits, '_', '-' or '.', ` +
  `beginning with a letter or a digit, ${LIMITS.maxNameChars} characters in all`;

// A repetition counts code points because of the flag `u`.
const ACCOUNT = new RegExp(
  String.raw`^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.\-]{0,${LIMITS.maxNameChars - 1}}$`,
  "u",
);
const ROOM = new RegExp(
  String.raw`^#[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.\-]{0,${LIMITS.maxNameChars - 2}}$`,
  "u",
);
/** Nearly all names on the wire: they need no Unicode work. */
const PLAIN = /^[a-z0-9_.#-]+$/;
const PLAIN_ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
/** Longer text is no name, whatever NFC makes of it: it joins a letter with a few marks at most. */
const MAX_RAW_UNITS = LIMITS.maxNameChars * 8;

/** Whether the text is a valid account name (counted after NFC). */
export function isAccountName(text: string): boolean {
  // ASCII is its own NFC; normalising it for each message would be noticed (docs/benchmarks.md).
  if (text.length <= LIMITS.maxNameChars && PLAIN_ACCOUNT.test(text)) return true;
  return text.length <= MAX_RAW_UNITS && ACCOUNT.test(text.normalize("NFC"));
}

/** Whether the text is a valid room name (counted after NFC). */
export function isRoomName(text: string): boolean {
  return text.length <= MAX_RAW_UNITS && ROOM.test(text.normalize("NFC"));
}

/**
 * The form under which a name is looked up: two names are the same when their folded forms are equal.
 * NFKC (Unicode Standard Annex #15), then lower case.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(foldName("ＥＶＥ"), foldName("Eve"));
 * ```
 */
export function foldName(name: string): string {
  return PLAIN.test(name) ? name : name.normalize("NFKC").toLowerCase();
}

/** How many code points a text has; a lone surrogate counts as one. */
export function countChars(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const isPair = (text.charCodeAt(i) & 0xfc00) === 0xd800 &&
      (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
    if (isPair) {
      count--;
      i++;
    }
  }
  return count;
}

/** Whether a text has between `min` and `max` code points; counts only where the length does not tell. */
export function hasChars(text: string, min: number, max: number): boolean {
  const units = text.length;
  if (units < min || units > 2 * max) return false; // a code point has one or two units
  if (units >= 2 * min && units <= max) return true;
  const count = countChars(text);
  return count >= min && count <= max;
}

/**
 * Where words begin and end, for the keys that go by words. Pure.
 *
 * @module
 */

/** A word of any script, or what stands between words; the line break is a word of its own. */
const WORD_BEFORE = /(?:\n|(?:[\p{L}\p{M}\p{N}_]+|[^\p{L}\p{M}\p{N}_\s]+)[^\S\n]*|[^\S\n]+)$/u;
const WORD_AFTER = /^(?:\n|[^\S\n]*(?:[\p{L}\p{M}\p{N}_]+|[^\p{L}\p{M}\p{N}_\s]+)|[^\S\n]+)/u;
/** UTF-16 units: a longer word is gone through in several steps. */
const MAX_WORD = 1_000;

/**
 * Where the word before the cursor begins.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(wordBefore("добрый день ", 12), 7);
 * ```
 */
export function wordBefore(text: string, cursor: number): number {
  const near = text.slice(Math.max(0, cursor - MAX_WORD), cursor);
  return cursor - (WORD_BEFORE.exec(near)?.[0].length ?? 0);
}

/** Where the word behind the cursor ends. */
export function wordAfter(text: string, cursor: number): number {
  return cursor + (WORD_AFTER.exec(text.slice(cursor, cursor + MAX_WORD))?.[0].length ?? 0);
}

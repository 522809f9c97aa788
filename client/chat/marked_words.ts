/**
 * Where in a text the words of a search stand. Pure.
 *
 * @module
 */

import { foldText } from "./fold_text.ts";

/** A piece of a text. */
export interface MarkedPiece {
  /** What stands there; line breaks are spaces. */
  readonly text: string;
  /** Whether it is one of the words that were searched for. */
  readonly isMarked: boolean;
}

/** UTF-16 units of a text that are looked at: more than a message has. */
const MAX_TEXT = 16_384;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** UTF-16 units of a text that are shown, and how many of them stand before the first word that was found. */
const MAX_SHOWN = 200;
const MAX_BEFORE = 60;

/**
 * A text with the words of a query marked, as the server finds them: case and accents do not matter, nor ё and е; a `*`
 * behind a word makes it the beginning of one. Of a long text only what stands around the first of them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(markWords("Lunch at five", "lunch"), [
 *   { text: "Lunch", isMarked: true },
 *   { text: " at five", isMarked: false },
 * ]);
 * ```
 */
export function markWords(whole: string, query: string): MarkedPiece[] {
  const text = whole.slice(0, MAX_TEXT);
  const isWanted = matcherOf(query);
  const places = [...text.matchAll(WORD)]
    .filter(([word]) => isWanted(word))
    .map(({ 0: word, index }) => ({ start: index, end: index + word.length }));
  const { start, end } = windowOf(text, places[0]?.start ?? 0);
  const pieces: MarkedPiece[] = [];
  const add = (from: number, to: number, isMarked: boolean): void => {
    if (from < to) pieces.push({ text: text.slice(from, to).replace(/\s+/g, " "), isMarked });
  };
  if (start > 0) pieces.push({ text: "… ", isMarked: false });
  let at = start;
  for (const place of places) {
    if (place.end > end) break;
    add(at, place.start, false);
    add(place.start, place.end, true);
    at = place.end;
  }
  add(at, end, false);
  if (end < whole.length) pieces.push({ text: " …", isMarked: false });
  return pieces;
}

/** The part of a text that is shown: whole words, unless they are very long. */
function windowOf(text: string, first: number): { start: number; end: number } {
  if (text.length <= MAX_SHOWN) return { start: 0, end: text.length };
  let start = Math.max(0, first - MAX_BEFORE);
  const space = text.slice(start, first).search(/\s/);
  if (start > 0 && space !== -1) start += space + 1;
  let end = Math.min(text.length, start + MAX_SHOWN);
  if (isWithinPair(text, start)) start++;
  if (isWithinPair(text, end)) end--;
  const lastSpace = text.slice(start, end).search(/\s\S*$/);
  return { start, end: end < text.length && lastSpace > MAX_BEFORE ? start + lastSpace : end };
}

/** Whether a character beyond the Basic Multilingual Plane stands on both sides. */
function isWithinPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(0, at - 1), at + 1));
}

function matcherOf(query: string): (word: string) => boolean {
  const words = new Set<string>();
  const beginnings: string[] = [];
  for (const { 0: word, index } of query.matchAll(WORD)) {
    if (query[index + word.length] === "*") beginnings.push(foldText(word));
    else words.add(foldText(word));
  }
  return (word) => {
    const folded = foldText(word);
    return words.has(folded) || beginnings.some((beginning) => folded.startsWith(beginning));
  };
}

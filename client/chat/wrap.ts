/**
 * Text that is broken between words. Pure.
 *
 * @module
 */

import stringWidth from "string-width";

/** The narrowest column of text that is still read with ease. */
const MIN_COLUMNS = 24;

/**
 * Breaks a text between words so that no line is wider than `columns`, unless a single word is.
 *
 * @param columns As a terminal counts them: a CJK character takes two.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(wrapWords("one two three", 8), ["one two", "three"]);
 * ```
 */
export function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(`${last} ${word}`) <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/**
 * Terms with what they mean, side by side or, where that would leave too little room, one below the other.
 *
 * @param columns How wide it may be.
 */
export function wrapTable(
  rows: readonly (readonly [term: string, meaning: string])[],
  columns: number,
): string[] {
  const width = Math.max(0, ...rows.map(([term]) => stringWidth(term))) + 2;
  const isBeside = columns - width >= MIN_COLUMNS;
  const indent = " ".repeat(isBeside ? width : 4);
  return rows.flatMap(([term, meaning]) => {
    const [first = "", ...more] = wrapWords(meaning, columns - indent.length);
    const head = isBeside
      ? [term + " ".repeat(width - stringWidth(term)) + first]
      : [term, indent + first];
    return [...head, ...more.map((line) => indent + line)];
  });
}

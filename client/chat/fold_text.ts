/**
 * Texts as a search compares them. Pure.
 *
 * @module
 */

/**
 * A text without what a search does not mind: case, accents, the dots of ё, and in which of its forms a letter is
 * written.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(foldText("Ёлка É ﬁ"), "елка e fi");
 * ```
 */
export function foldText(text: string): string {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
}

/**
 * Where a text has a part, as a search finds it.
 *
 * @param folded The part, as {@linkcode foldText} gives it.
 * @returns UTF-16 units of the text before it; its length if it is in there, but folding changes where things stand;
 *   -1 if it is not.
 */
export function indexOfFolded(text: string, folded: string): number {
  const all = foldText(text);
  const at = all.indexOf(folded);
  return at === -1 || all.length === text.length ? at : text.length;
}

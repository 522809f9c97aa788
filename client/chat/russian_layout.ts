/**
 * What was typed with the Russian layout on, where the Latin one was meant. Pure.
 *
 * @module
 */

const RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбю.ё";
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./`";

/**
 * The same keys with the Latin layout (QWERTY for ЙЦУКЕН), in lower case; what is on neither stays.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fromRussianLayout(".Ощшт"), "/join");
 * ```
 */
export function fromRussianLayout(text: string): string {
  return [...text.toLowerCase()].map((char) => LATIN[RUSSIAN.indexOf(char)] ?? char).join("");
}

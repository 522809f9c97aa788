/**
 * Pasted text → lines. Pure.
 *
 * @module
 */

/**
 * The lines of a paste, at least one. A line end at the very end belongs to the last line and begins no further one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pastedLines("one\r\ntwo\n"), ["one", "two"]);
 * ```
 */
export function pastedLines(pasted: string): string[] {
  return pasted.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
}

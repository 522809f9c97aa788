/**
 * Pasted text → lines and messages. Pure.
 *
 * @module
 */

import { countChars } from "../../common/names.ts";

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

/**
 * Breaks a long text between lines, so that each part is a message. A single line that is too long is left whole: the
 * server says so.
 *
 * @param max Code points of a part.
 */
export function splitText(text: string, max: number): string[] {
  const parts: string[] = [];
  for (const line of text.split("\n")) {
    const last = parts.at(-1);
    const longer = last === undefined ? line : `${last}\n${line}`;
    if (last !== undefined && countChars(longer) > max) parts.push(line);
    else parts[Math.max(0, parts.length - 1)] = longer;
  }
  return parts.filter((part) => part.trim() !== "");
}

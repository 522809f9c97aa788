/**
 * Tables for a terminal.
 *
 * @module
 */

import stringWidth from "string-width";

import { printable } from "./printable.ts";

/**
 * Rows as lines, columns aligned by what a terminal shows: a Cyrillic letter is one column wide, a CJK
 * character two, a combining mark none (Unicode Standard Annex #11). What could steer the terminal is escaped.
 *
 * @param rows The cells; a missing one is empty.
 * @param alignRight Numbers of the columns whose cells stand at the right, such as figures.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(alignTable([["name", "mail"], ["ева", "7"], ["日本", "12"]], [1]), [
 *   "name  mail",
 *   "ева      7",
 *   "日本    12",
 * ]);
 * ```
 */
export function alignTable(
  rows: readonly (readonly string[])[],
  alignRight: readonly number[] = [],
): string[] {
  const cells = rows.map((row) => row.map(printable));
  const count = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? ""))),
  );
  return cells.map((row) =>
    widths.map((width, column) => {
      const cell = row[column] ?? "";
      const padding = " ".repeat(width - stringWidth(cell));
      return alignRight.includes(column) ? padding + cell : cell + padding;
    }).join("  ").trimEnd()
  );
}

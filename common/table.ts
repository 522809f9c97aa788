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
 * @param maxWidth Columns of the terminal that a cell takes at most, at least 1: what is wider ends with "…".
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
  maxWidth = Infinity,
): string[] {
  const cells = rows.map((row) => row.map((cell) => clip(printable(cell), maxWidth)));
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

function clip(text: string, maxWidth: number): string {
  if (stringWidth(text) <= maxWidth) return text;
  let [clipped, width] = ["", 0];
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += stringWidth(segment);
    if (width >= maxWidth) break; // the ellipsis takes a column, too
    clipped += segment;
  }
  return `${clipped}…`;
}

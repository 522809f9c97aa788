/**
 * Where the input begins after the terminal has become narrower. Some terminals break the rows that no longer fit
 * (tmux, VTE, kitty), others cut them off (xterm); they have to be asked, since whoever guesses erases what stands above
 * the input.
 *
 * @module
 */

import stringWidth from "string-width";

import type { Layout } from "./layout.ts";

/**
 * Moves the cursor, has the terminal say in which column it is then, and puts it back.
 *
 * @param moves The escape sequences of the moves; empty to ask where the cursor is.
 * @returns The column, from 0; nothing if the terminal does not answer.
 */
export type AskColumn = (moves: string) => Promise<number | undefined>;

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
/** To the left edge, and back from there: into the row above, if this row goes on from that one. */
const BACK_OVER_EDGE = "\r\b";

/** Whether the terminal may have broken rows up to that of the cursor. */
export function mayBeBroken({ widths, cursorRow }: Layout, columns: number): boolean {
  return widths.slice(0, cursorRow + 1).some((width) => width > columns);
}

/**
 * How many rows above the cursor the input begins. In case of doubt the answer is too small: what is left behind does
 * less harm than what is erased.
 *
 * @param painted The input as it was painted, in a wider terminal.
 * @param columns The width now.
 */
export async function rowsAboveCursor(
  painted: Layout,
  columns: number,
  askColumn: AskColumn,
): Promise<number> {
  const { rows, cursorRow, cursorColumn } = painted;
  const heights = rows.slice(0, cursorRow).map((row) => heightOf(row, columns));
  const broken = heights.reduce((sum, height) => sum + height, 0);
  // Of a broken row, what stands above the cursor in its turn. Some terminals leave the row of the cursor whole.
  const own = Math.floor((cursorColumn - 1) / columns);
  if (own > 0) {
    const column = await askColumn("");
    // A cursor that is at the edge now may only have been pushed there.
    const isMoved = column === cursorColumn % columns && column > 0 && column < columns - 1;
    if (isMoved || await isBroken(0, own, askColumn)) return broken + own;
  }
  if (broken === cursorRow) return cursorRow;
  // The last part of a broken row, or a whole row of the input.
  const up = cursorRow - heights.findLastIndex((height) => height > 1);
  return await isBroken(up, 0, askColumn) ? broken : cursorRow;
}

/**
 * Whether a row goes on from the one above it.
 *
 * @param up How many rows above the cursor it is.
 * @param control The same of a row that begins a line: older versions of xterm go back over the edge of that, too, and
 *   so say nothing.
 */
async function isBroken(
  up: number,
  control: number,
  askColumn: AskColumn,
): Promise<boolean> {
  const ask = (up: number) => askColumn((up > 0 ? `\x1b[${up}A` : "") + BACK_OVER_EDGE);
  return (await ask(up) ?? 0) > 0 && await ask(control) === 0;
}

/** How many rows a terminal of that width makes of a row; a wide character is not broken. */
function heightOf(row: string, columns: number): number {
  let height = 1;
  let used = 0;
  for (const { segment } of graphemes.segment(row)) {
    const width = stringWidth(segment);
    if (used + width > columns) {
      height++;
      used = 0;
    }
    used += width;
  }
  return height;
}

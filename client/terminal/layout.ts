/**
 * The input line as rows of a terminal. Pure: text → text.
 *
 * @module
 */

import stringWidth from "string-width";

import { printable } from "../../common/printable.ts";

/** What is to be laid out. */
export interface InputState {
  /** What stands before the input; safe to print. */
  readonly prompt: string;
  /** What was typed. */
  readonly text: string;
  /** Where the cursor is: UTF-16 units of `text` before it. */
  readonly cursor: number;
  /** What stands in the row below the input, if anything does; safe to print, and narrower than the terminal. */
  readonly below?: string | undefined;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  /** At least 1. */
  readonly columns: number;
  /** At least 1. */
  readonly rows: number;
}

/** Rows on the screen. */
export interface Layout {
  /** The visible rows, from top to bottom; none is wider than the terminal. */
  readonly rows: readonly string[];
  /** How wide each row is, in columns. */
  readonly widths: readonly number[];
  /** In which of the rows the cursor is. */
  readonly cursorRow: number;
  /** In which column, from 0. */
  readonly cursorColumn: number;
  /** The row below these, if there is one. */
  readonly below?: string;
}

/** A terminal of fewer rows has none to spare below the input. */
const MIN_ROWS_WITH_BELOW = 4;
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * Lays out prompt and input. Rows are broken here, not by the terminal, between the characters that a person sees
 * (grapheme clusters, UAX #29), so that it is always known where the cursor is. The last column stays free: there
 * terminals differ. A line break is shown, and ends its row. If there are more rows than the terminal can show, those
 * around the cursor are. The row below has its place beneath them, in a terminal of four rows or more.
 */
export function layoutInput(
  { prompt, text, cursor, below }: InputState,
  size: TerminalSize,
): Layout {
  const room = Math.max(2, size.columns - 1);
  const rows: string[] = [""];
  const widths: number[] = [0];
  let at: { row: number; column: number } | undefined;
  const put = (piece: string): void => {
    const width = stringWidth(piece);
    if (widths.at(-1)! + width > room) {
      rows.push("");
      widths.push(0);
    }
    rows[rows.length - 1] += piece;
    widths[widths.length - 1]! += width;
  };
  for (const { segment } of graphemes.segment(prompt)) put(segment);
  for (const { segment, index } of graphemes.segment(text)) {
    const shown = printable(segment);
    // An escape such as \u{1b} may be broken anywhere; what prints as itself may not.
    const pieces = shown === segment ? [segment] : [...shown];
    const isAtCursor = at === undefined && index + segment.length > cursor;
    if (isAtCursor && widths.at(-1)! + stringWidth(pieces[0]!) > room) {
      rows.push("");
      widths.push(0);
    }
    if (isAtCursor) at = { row: rows.length - 1, column: widths.at(-1)! };
    for (const piece of pieces) put(piece);
    if (segment.endsWith("\n")) {
      rows.push("");
      widths.push(0);
    }
  }
  at ??= { row: rows.length - 1, column: widths.at(-1)! };

  const hasBelow = below !== undefined && size.rows >= MIN_ROWS_WITH_BELOW;
  const visible = Math.max(1, size.rows - (hasBelow ? 2 : 1));
  const first = Math.max(0, Math.min(at.row - Math.floor(visible / 2), rows.length - visible));
  return {
    rows: rows.slice(first, first + visible),
    widths: widths.slice(first, first + visible),
    cursorRow: at.row - first,
    cursorColumn: at.column,
    ...(hasBelow ? { below } : {}),
  };
}

/** Where the character that a person sees before the cursor begins. */
export function graphemeBefore(text: string, cursor: number): number {
  let start = 0;
  for (const { index } of graphemes.segment(text)) {
    if (index >= cursor) break;
    start = index;
  }
  return start;
}

/** Where the character that a person sees after the cursor ends. */
export function graphemeAfter(text: string, cursor: number): number {
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > cursor) return index + segment.length;
  }
  return text.length;
}

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
  /**
   * What stands before each line of `text` but the first; safe to print.
   *
   * @default {""}
   */
  readonly more?: string;
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

/** Where a character is laid out; behind the last one stands where the next would be. */
interface Place {
  /** UTF-16 units of the text before it. */
  readonly index: number;
  readonly row: number;
  readonly column: number;
}

/**
 * Lays out prompt and input. Rows are broken here, not by the terminal, between the characters that a person sees
 * (grapheme clusters, UAX #29), so that it is always known where the cursor is. The last column stays free: there
 * terminals differ. A line break ends its row. If there are more rows than the terminal can show, those around the
 * cursor are. The row below has its place beneath them, in a terminal of four rows or more.
 */
export function layoutInput(state: InputState, size: TerminalSize): Layout {
  const { below } = state;
  const { rows, widths, places } = layOut(state, size.columns);
  const at = places[placeOf(places, state.cursor)]!;
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

/**
 * Where the cursor comes to stand in the row above or below it.
 *
 * @param step -1 for the row above, 1 for the one below.
 * @param column The column that it tries to keep, from 0; without one, that in which it is.
 * @returns The cursor, and the column for the next step; nothing if there is no such row.
 */
export function cursorInNextRow(
  state: InputState,
  columns: number,
  step: 1 | -1,
  column?: number,
): { readonly cursor: number; readonly column: number } | undefined {
  const { places } = layOut(state, columns);
  const at = places[placeOf(places, state.cursor)]!;
  const wanted = column ?? at.column;
  const row = places.filter(({ row }) => row === at.row + step);
  const [first] = row;
  if (first === undefined) return undefined;
  const { index } = row.findLast(({ column }) => column <= wanted) ?? first;
  return { cursor: index, column: wanted };
}

/** The number of the character before which the cursor is. */
function placeOf(places: readonly Place[], cursor: number): number {
  const next = places.findIndex(({ index }) => index > cursor);
  return next === -1 ? places.length - 1 : next - 1;
}

function layOut(
  { prompt, text, more = "" }: InputState,
  columns: number,
): { rows: string[]; widths: number[]; places: Place[] } {
  const room = Math.max(2, columns - 1);
  const rows: string[] = [""];
  const widths: number[] = [0];
  const places: Place[] = [];
  const makeRoom = (width: number): void => {
    if (widths.at(-1)! + width <= room) return;
    rows.push("");
    widths.push(0);
  };
  const put = (piece: string): void => {
    const width = stringWidth(piece);
    makeRoom(width);
    rows[rows.length - 1] += piece;
    widths[widths.length - 1]! += width;
  };
  const note = (index: number): void => {
    places.push({ index, row: rows.length - 1, column: widths.at(-1)! });
  };
  for (const { segment } of graphemes.segment(prompt)) put(segment);
  for (const { segment, index } of graphemes.segment(text)) {
    const isBreak = segment.endsWith("\n");
    const shown = printable(isBreak ? segment.slice(0, -1) : segment);
    // An escape such as \u{1b} may be broken anywhere; what prints as itself may not.
    const pieces = shown === segment ? [segment] : [...shown];
    if (!isBreak) makeRoom(stringWidth(pieces[0]!));
    note(index);
    for (const piece of pieces) put(piece);
    if (!isBreak) continue;
    rows.push("");
    widths.push(0);
    for (const { segment } of graphemes.segment(more)) put(segment);
  }
  note(text.length);
  return { rows, widths, places };
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

/**
 * How the rows of messages begin: with the sender's name and a colon, or with a column of names. Pure.
 *
 * @module
 */

import stringWidth from "string-width";

import { type Span, span } from "./styled_line.ts";

/** Where names stand. */
export interface Gutter {
  /**
   * How wide the column of names is, in columns of the terminal: 1 to {@linkcode MAX_GUTTER}. A longer name takes more;
   * names are never cut, since a part of one may be another's.
   *
   * @default {0} There is none: names stand right behind the time.
   */
  readonly gutter?: number;
}

/** The widest column of names. */
export const MAX_GUTTER = 32;
/** What is left for the text beside a column of names, at least; a narrower terminal gets none. */
const MIN_TEXT = 36;
/** How wide the time of day and the space behind it are: `[12:34:56] `. */
const CLOCK_WIDTH = 11;

/**
 * The time of day and who speaks: `[12:34:56] bob: `, or in a column of eight `[12:34:56]      bob │ `. Where the text is
 * what they do, a star before the name says so, and no colon stands behind it.
 *
 * @param clock The time of day, {@linkcode CLOCK_WIDTH} wide.
 * @param who The room, if one is shown, and the name.
 */
export function messageHead(
  clock: Span,
  who: readonly Span[],
  { gutter = 0, isAction = false }: Gutter & { isAction?: boolean },
): Span[] {
  if (gutter === 0) return [clock, ...who, span(isAction ? " " : ": ")];
  return [clock, ...aligned(who, gutter), span(" │ ", "faint")];
}

/** The time of day and the stars of what is no message: `[12:34:56] *** `. */
export function noticeHead(clock: Span, stars: Span, { gutter = 0 }: Gutter): Span[] {
  if (gutter === 0) return [clock, stars, span(" ")];
  return [clock, ...aligned([stars], gutter), span(" │ ", "faint")];
}

/** The time of day and where else something was said: `[12:34:56] 3:bob » `. */
export function hintHead(clock: Span, where: Span, { gutter = 0 }: Gutter): Span[] {
  const place = gutter === 0 ? [where] : aligned([where], gutter);
  return [clock, ...place, span(" » ", "faint")];
}

/** What belongs to the row above stands behind a bar, where no sender stands. */
export function barOf(options: Gutter): string {
  return `${depthOf(options)}│ `;
}

/** Spaces up to the place of the bar. */
export function depthOf({ gutter = 0 }: Gutter): string {
  return " ".repeat(CLOCK_WIDTH + (gutter === 0 ? 0 : gutter + 1));
}

/** The column of names that a terminal has room for: the one that is asked for, or none. */
export function fittingGutter(gutter: number, columns: number | undefined): number {
  const needed = depthOf({ gutter }).length + 2 + MIN_TEXT;
  return columns !== undefined && columns >= needed ? gutter : 0;
}

function aligned(who: readonly Span[], gutter: number): Span[] {
  const width = who.reduce((sum, { text }) => sum + stringWidth(text), 0);
  return [span(" ".repeat(Math.max(0, gutter - width))), ...who];
}

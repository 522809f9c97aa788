/**
 * Lines for a person: text with its meaning, which becomes colour on a terminal and plain text elsewhere.
 *
 * @module
 */

import { printable } from "../../common/printable.ts";
import { nameColour, type Style, type Theme } from "./theme.ts";

/** A piece of a line. `text` is safe to print: make it with {@linkcode span}. */
export interface Span {
  /** What is printed. */
  readonly text: string;
  /** What it is. */
  readonly style: Style;
  /** The text of which this is a part, if it is one: both have one colour. */
  readonly whole?: string;
  /** The address of which this is a part, if that does not fit into one row: a terminal that can opens it whole. */
  readonly link?: string;
}

/** What a line is for: a script reads messages from standard output and nothing else. */
export type LineKind = "message" | "info" | "error";

/** A line to be shown. */
export interface Line {
  /** What it is for. */
  readonly kind: LineKind;
  /** Its pieces. */
  readonly spans: readonly Span[];
  /**
   * What further rows begin with where the line is wider than the terminal; safe to print.
   *
   * @default Four spaces more than the line itself begins with.
   */
  readonly indent?: string;
  /** Whether it is one of a listing, whose spaces count: it is broken anywhere, not between words. @default {false} */
  readonly isCode?: boolean;
  /** Whether it is one row in any case: cut where it is wider than the terminal, not broken. @default {false} */
  readonly isOneRow?: boolean;
}

/** A piece of text, made safe to print. */
export function span(text: string, style: Style = "plain"): Span {
  return { text: printable(text), style };
}

/** A line with a single piece. */
export function line(kind: LineKind, text: string, style: Style = "plain"): Line {
  return { kind, spans: [span(text, style)] };
}

/** A line for an error. */
export function errorLine(text: string): Line {
  return line("error", text, "error");
}

/**
 * The line as a terminal or a file gets it, without its end.
 *
 * @param theme The look; without one there are no escape sequences.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { themeOf } from "./theme.ts";
 *
 * assertEquals(paint(errorLine("no"), themeOf("auto")), "\x1b[31mno\x1b[0m");
 * assertEquals(paint(errorLine("no")), "no");
 * ```
 */
export function paint({ spans }: Line, theme?: Theme): string {
  if (theme === undefined) return spans.map(({ text }) => text).join("");
  return spans.map(({ text, style, whole = text, link }) => {
    const shown = link === undefined || !theme.hasLinks ? text : linked(text, link);
    if (style === "plain" || text === "") return shown;
    const code = style === "name" ? nameColour(whole, theme) : theme.styles[style];
    return `\x1b[${code}m${shown}\x1b[0m`;
  }).join("");
}

/** A hyperlink of a terminal (OSC 8). What is pointed at together belongs together: the address is its own id. */
function linked(text: string, link: string): string {
  return `\x1b]8;;${link}\x1b\\${text}\x1b]8;;\x1b\\`;
}

/**
 * Lines for a person: text with its meaning, which becomes colour on a terminal and plain text elsewhere.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { printable } from "../../common/printable.ts";

/** What a piece of text is; `name` gives each name a colour of its own. */
export type Style = "plain" | "mention" | "faint" | "error" | "notice" | "strong" | "name";

/** A piece of a line. `text` is safe to print: make it with {@linkcode span}. */
export interface Span {
  /** What is printed. */
  readonly text: string;
  /** What it is. */
  readonly style: Style;
  /** The text of which this is a part, if it is one: both have one colour. */
  readonly whole?: string;
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
}

/**
 * Colours for names out of the 256 that terminals know: of middle brightness, so that they can be read on black and
 * on white, and none of them the red of errors.
 */
const NAME_COLOURS = [
  28,
  31,
  33,
  62,
  64,
  67,
  97,
  99,
  130,
  133,
  136,
  166,
  168,
  172,
  29,
  69,
] as const;

const SGR: Readonly<Record<Exclude<Style, "plain" | "name">, string>> = {
  faint: "2",
  error: "31",
  notice: "3;36",
  strong: "1",
  mention: "1;35",
};

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
 * @param colour Whether to use ANSI colours (ECMA-48, SGR).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(paint(errorLine("no"), true), "\x1b[31mno\x1b[0m");
 * assertEquals(paint(errorLine("no"), false), "no");
 * ```
 */
export function paint({ spans }: Line, colour: boolean): string {
  if (!colour) return spans.map(({ text }) => text).join("");
  return spans.map(({ text, style, whole = text }) => {
    if (style === "plain" || text === "") return text;
    const code = style === "name" ? `38;5;${nameColour(whole)}` : SGR[style];
    return `\x1b[${code}m${text}\x1b[0m`;
  }).join("");
}

/** The colour of a name: the same for all its spellings, on every machine (FNV-1a). */
export function nameColour(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(foldName(name))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return NAME_COLOURS[hash % NAME_COLOURS.length]!;
}

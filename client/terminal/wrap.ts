/**
 * Lines that are wider than the terminal → rows. Pure.
 *
 * @module
 */

import stringWidth from "string-width";

import type { Line, Span } from "../chat/styled_line.ts";

/** What people see as one character, with its look. */
interface Piece {
  readonly text: string;
  readonly width: number;
  readonly span: Span;
  readonly link?: string;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
/** How deep further rows begin where the line does not say more. */
const DEPTH = 4;
const ELLIPSIS = "…";
/** An indent that leaves less than this for text is cut to its last two columns. */
const MIN_ROOM = 12;
/** An address within a word: printable ASCII, without what may follow it in a sentence. */
const ADDRESS = /https?:\/\/[!-~]*(?![.,;:!?'")\]}>])[!-~]/;
/** What joins more than a family of four, 👨‍👩‍👧‍👦, is broken between its parts. */
const MAX_CHARACTER = 8;

/**
 * Breaks a line between words into rows that fit. Every row after the first begins with the line's indent, so that no
 * text, however it is padded, comes to stand where a line begins. A word that is longer than a row is broken; spaces
 * at a break are left out. A line that is to be one row is cut, and ends in `…` then.
 *
 * @param columns How wide the terminal is. The last column stays free, as in the input.
 */
export function wrapLine(line: Line, columns: number): Line[] {
  const room = Math.max(2, columns - 1);
  const text = line.spans.map(({ text }) => text).join("");
  // No UTF-16 unit is wider than two columns.
  if (text.length * 2 <= room) return [line];
  if (line.isOneRow) return [cutLine(line, room)];
  const indent = indentOf(line, text, room);
  const indentWidth = stringWidth(indent);
  const rows: Piece[][] = [[]];
  let used = 0;
  const isCode = line.isCode ?? false;
  for (const part of isCode ? letters(line.spans) : words(line.spans)) {
    const width = widthOf(part);
    const word = width > room - indentWidth ? withLink(part) : part;
    const isSpace = !isCode && word[0]!.text === " ";
    const isWhole = used + width <= room;
    if (!isWhole && !isSpace && used > indentWidth && width <= room - indentWidth) {
      rows.push([]);
      used = indentWidth;
    }
    for (const piece of word) {
      if (used + piece.width > room) {
        if (isSpace) break;
        rows.push([]);
        used = indentWidth;
      }
      rows.at(-1)!.push(piece);
      used += piece.width;
    }
  }
  return rows.map((row, index) => ({
    ...line,
    spans: [...(index === 0 ? [] : [{ text: indent, style: "faint" } as const]), ...joined(row)],
  }));
}

/** The beginning of a line that is wider than its room. */
function cutLine(line: Line, room: number): Line {
  const all = line.spans.flatMap(pieces);
  if (widthOf(all) <= room) return line;
  const row: Piece[] = [];
  let used = ELLIPSIS.length;
  for (const piece of all) {
    used += piece.width;
    if (used > room) break;
    row.push(piece);
  }
  const span = row.at(-1)?.span ?? all[0]!.span;
  return { ...line, spans: joined([...row, { text: ELLIPSIS, width: 1, span }]) };
}

/** What further rows begin with; always less than half a row. */
function indentOf(line: Line, text: string, room: number): string {
  const depth = /^ */.exec(text)![0].length + DEPTH;
  const indent = line.indent ?? " ".repeat(depth);
  if (room - stringWidth(indent) >= MIN_ROOM) return indent;
  return room >= 4 ? indent.slice(-2) : "";
}

/** Runs of spaces, words, and single characters of scripts that have no spaces between words. */
function* words(spans: readonly Span[]): Generator<Piece[]> {
  let word: Piece[] = [];
  let last = "";
  for (const piece of spans.flatMap(pieces)) {
    const kind = kindOf(piece.text);
    if (word.length > 0 && (kind !== last || kind === "ideograph")) {
      yield word;
      word = [];
    }
    word.push(piece);
    last = kind;
  }
  if (word.length > 0) yield word;
}

/** Every character by itself. */
function* letters(spans: readonly Span[]): Generator<Piece[]> {
  for (const piece of spans.flatMap(pieces)) yield [piece];
}

/** A word that is going to be broken; where it is an address, its parts are told what they are parts of. */
function withLink(word: Piece[]): Piece[] {
  const found = ADDRESS.exec(word.map(({ text }) => text).join(""));
  if (found === null) return word;
  const { 0: link, index } = found;
  let at = 0;
  return word.map((piece) => {
    const isPart = at >= index && at < index + link.length;
    at += piece.text.length;
    return isPart ? { ...piece, link } : piece;
  });
}

function kindOf(text: string): "space" | "ideograph" | "letter" {
  if (text === " ") return "space";
  return /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text) ? "ideograph" : "letter";
}

function pieces(span: Span): Piece[] {
  return Array.from(graphemes.segment(span.text), ({ segment }) => segment)
    .flatMap((text) => widest(text) > MAX_CHARACTER ? Array.from(text) : text)
    .map((text) => ({ text, width: widest(text), span }));
}

/** Neighbours that look alike become one span again. */
function joined(row: readonly Piece[]): Span[] {
  const spans: (Span & { readonly source: Span })[] = [];
  for (const { text, span: source, link } of row) {
    const last = spans.at(-1);
    const before = last?.source === source && last.link === link ? spans.pop()!.text : "";
    spans.push({
      ...{ ...source, source, whole: source.whole ?? source.text, text: before + text },
      ...(link !== undefined && { link }),
    });
  }
  return spans;
}

function widthOf(word: readonly Piece[]): number {
  return word.reduce((sum, { width }) => sum + width, 0);
}

/**
 * The most columns that a terminal may give a character: some show the parts of 👨‍👩‍👧 one beside the other, or the
 * invisible fillers of Hangul as two columns. A row that is broken early does no harm; one that the terminal breaks
 * begins in its first column.
 */
function widest(grapheme: string): number {
  if (/^[ -~]$/.test(grapheme)) return 1;
  const apart = Array.from(grapheme, (char) => {
    if (/[\p{Mn}\p{Me}\u200d]/u.test(char)) return 0;
    return /[\u115f\u3164]/.test(char) ? 2 : Math.max(1, stringWidth(char));
  });
  return Math.max(stringWidth(grapheme), apart.reduce((sum, width) => sum + width, 0));
}

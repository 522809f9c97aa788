/**
 * Lines on a screen of their own, to be paged through from the end back. Pure: keys → state → text.
 *
 * @module
 */

import stringWidth from "string-width";

import { printable } from "../../common/printable.ts";
import { foldText } from "../chat/fold_text.ts";
import { type Line, paint } from "../chat/styled_line.ts";
import type { Theme } from "../chat/theme.ts";
import type { Speaker } from "../texts/texts.ts";
import { isAltA, type Key } from "./keys.ts";
import { graphemeBefore, type TerminalSize } from "./layout.ts";
import { wrapLine } from "./wrap.ts";

/** How a {@linkcode Pager} looks. */
export interface PagerOptions {
  /** What is shown. */
  readonly name: string;
  /** The language. */
  readonly speaker: Speaker;
  /** The look; nothing for no colours. */
  readonly theme?: Theme | undefined;
}

/** What a key means for a {@linkcode Pager}. */
export type PagerStep = "stays" | "closes" | "closes and presses";

/** A row of one of the lines, by their numbers. */
interface Place {
  readonly line: number;
  readonly row: number;
}

/** More than a person pages through; older lines are not asked for. */
const MAX_LINES = 20_000;
/** Pages that one key asks for on the way to the beginning, or to something that is looked for. */
const MAX_PAGES = 20;
const REVERSE = "\x1b[7m";
const NORMAL = "\x1b[0m";

/** Which rows are on the screen, and what is looked for in them. Only lines that come near the screen are broken into rows. */
export class Pager {
  readonly #options: PagerOptions;
  #size: TerminalSize;
  #lines: readonly Line[];
  /** The rows of lines at the width that the terminal has now. */
  readonly #rows = new Map<Line, readonly Line[]>();
  /** The first row on the screen. */
  #top: Place;
  /** Rows that are to be gone back further as soon as there are older ones. */
  #owed = 0;
  #isWhole = false;
  /** Pages that may still be asked for on the way to the beginning. */
  #pagesHome = 0;
  /** What is being typed behind `/`. */
  #typed: string | undefined;
  #query = "";
  #hit: Line | undefined;
  #isFailing = false;
  /** Pages that the search may still ask for. */
  #pagesLeft = 0;
  #news = 0;

  /** Shows the end of the lines, one page back. */
  constructor(lines: readonly Line[], isWhole: boolean, size: TerminalSize, options: PagerOptions) {
    this.#options = options;
    this.#size = size;
    this.#lines = lines;
    this.#isWhole = isWhole;
    this.#top = this.#last;
    this.#move(-this.#page);
  }

  /** Whether older lines are wanted: soon they may be paged to, or looked through. */
  get wantsOlder(): boolean {
    const isNear = this.#from(this.#top, -this.#page).missing > 0;
    return !this.#isWhole && (isNear || this.#pagesLeft > 0);
  }

  /** Older lines have come, or none. */
  add(lines: readonly Line[], isWhole: boolean): void {
    this.#lines = [...lines, ...this.#lines];
    this.#isWhole = isWhole || this.#lines.length >= MAX_LINES;
    this.#top = { ...this.#top, line: this.#top.line + lines.length };
    const owed = this.#owed;
    this.#owed = 0;
    if (this.#pagesHome > 0) this.#goHome(this.#pagesHome - 1);
    else this.#move(-owed);
    if (this.#pagesLeft > 0) this.#seek(lines.length - 1, -1, this.#pagesLeft - 1);
  }

  /** So many lines more wait behind this screen. */
  note(count: number): void {
    this.#news += count;
  }

  /** The terminal has another size. */
  resize(size: TerminalSize): void {
    this.#size = size;
    this.#rows.clear();
    this.#top = earlier({ line: this.#top.line, row: 0 }, this.#last);
  }

  /** A key was pressed. */
  press(text: string | undefined, key: Key): PagerStep {
    if (this.#typed !== undefined) return this.#pressInSearch(this.#typed, text, key);
    const { name, ctrl = false, meta = false } = key;
    this.#pagesHome = 0;
    const last = this.#last;
    const isAtEnd = earlier(last, this.#top) === last;
    if (isAltA(key)) return "closes and presses";
    if (ctrl || meta) {
      const mark = ctrl ? "^" : "~";
      if (/^\^[cdg]$/.test(mark + name)) return "closes";
      return /^(\^[nprxz]|~[1-9])$/.test(mark + name) ? "closes and presses" : "stays";
    }
    if (name === "pageup") this.#move(-this.#page);
    else if (name === "up") this.#move(-1);
    else if (name === "home") this.#goHome(MAX_PAGES);
    else if (name === "pagedown" || name === "space" || name === "end" || name === "down") {
      if (isAtEnd) return "closes";
      if (name === "end") this.#top = last;
      else this.#move(name === "down" ? 1 : this.#page);
    } else if (name === "escape" || name === "return" || name === "newline" || text === "q") {
      return "closes";
    } else if (text === "/") {
      this.#typed = "";
    } else if (this.#query !== "" && (text === "n" || text === "N")) {
      this.#next(text === "n" ? -1 : 1);
    } else if (text !== undefined && !/^\p{Cc}/u.test(text)) {
      return "closes and presses";
    }
    return "stays";
  }

  /** All of the screen, and where its cursor is if something is being typed there. */
  draw(): string {
    const { columns, rows: height } = this.#size;
    const rows: string[] = [];
    for (let at = this.#top; rows.length < height - 1 && at.line < this.#lines.length;) {
      rows.push(this.#paint(at));
      at = this.#from(at, 1);
    }
    const padded = [...rows, ...Array.from({ length: height - 1 - rows.length }, () => "")];
    const status = cut(this.#status, columns - 1);
    const cursor = this.#typed === undefined ? "" : "\x1b[?25h";
    return "\x1b[H" + padded.map((row) => `${row}\x1b[K\r\n`).join("") +
      `${REVERSE}${status}${NORMAL}\x1b[K` + cursor;
  }

  /** Rows that a page key goes: one row of the page before stays to be seen. */
  get #page(): number {
    return Math.max(1, this.#size.rows - 2);
  }

  /** The first row on the screen when the last one is. */
  get #last(): Place {
    return this.#from({ line: this.#lines.length, row: 0 }, 1 - Math.max(2, this.#size.rows));
  }

  get #status(): string {
    const { name, speaker: { say } } = this.#options;
    if (this.#typed !== undefined) return `/${printable(this.#typed)}`;
    if (this.#pagesLeft > 0) return say("pagerSeeking", { query: this.#query });
    if (this.#isFailing) {
      return say(this.#isWhole ? "pagerNotFound" : "pagerNotYet", { query: this.#query });
    }
    const news = this.#news === 0 ? "" : say("pagerNews", { count: this.#news });
    return say("pagerStatus", { name }).replace(" · ", `${news} · `);
  }

  #pressInSearch(typed: string, text: string | undefined, key: Key): PagerStep {
    const { name, ctrl = false, meta = false } = key;
    if (ctrl && name === "z") return "closes and presses";
    if (name === "escape" || (ctrl && (name === "c" || name === "g"))) {
      this.#typed = undefined;
    } else if (name === "return" || name === "newline") {
      this.#typed = undefined;
      if (typed !== "") this.#query = typed;
      const bottom = this.#from(this.#top, this.#page);
      if (this.#query !== "") this.#seek(bottom.line, -1, MAX_PAGES);
    } else if (name === "backspace") {
      this.#typed = typed === "" ? undefined : typed.slice(0, graphemeBefore(typed, typed.length));
    } else if (text !== undefined && !ctrl && !meta && !/^\p{Cc}/u.test(text)) {
      this.#typed += text;
    }
    return "stays";
  }

  /** Goes on from what was found. */
  #next(step: 1 | -1): void {
    const at = this.#hit === undefined ? -1 : this.#lines.indexOf(this.#hit);
    this.#seek(at === -1 ? this.#top.line : at + step, step, MAX_PAGES);
  }

  /** Looks for the query from a line on, and behind the oldest one in pages that have yet to come. */
  #seek(from: number, step: 1 | -1, pages: number): void {
    const folded = foldText(this.#query);
    this.#pagesLeft = 0;
    this.#isFailing = false;
    const { length } = this.#lines;
    for (let at = Math.min(from, length - 1); at >= 0 && at < length; at += step) {
      const line = this.#lines[at]!;
      if (!foldText(textOf(line)).includes(folded)) continue;
      this.#hit = line;
      const top = this.#from({ line: at, row: 0 }, -Math.floor(this.#page / 2));
      this.#top = earlier(top, this.#last);
      return;
    }
    if (step < 0 && !this.#isWhole && pages > 0) this.#pagesLeft = pages;
    else this.#isFailing = true;
  }

  /** Goes to the beginning, also of so many pages that have yet to come. */
  #goHome(pages: number): void {
    this.#top = { line: 0, row: 0 };
    this.#pagesHome = pages;
  }

  #move(rows: number): void {
    const { missing, ...top } = this.#from(this.#top, rows);
    this.#isFailing = false;
    this.#owed = rows < 0 && !this.#isWhole ? missing : 0;
    this.#top = earlier(top, this.#last);
  }

  /** The place so many rows below another one, or above it; `missing` are those that there are not. */
  #from({ line, row }: Place, rows: number): Place & { readonly missing: number } {
    let [at, rest] = [line, row + rows];
    while (rest < 0 && at > 0) rest += this.#rowsOf(--at).length;
    if (rest < 0) return { line: 0, row: 0, missing: -rest };
    for (let { length } = this.#rowsOf(at); rest >= length; { length } = this.#rowsOf(at)) {
      if (at >= this.#lines.length) return { line: at, row: 0, missing: rest };
      rest -= length;
      at++;
    }
    return { line: at, row: rest, missing: 0 };
  }

  #paint({ line, row }: Place): string {
    const shown = this.#rowsOf(line)[row]!;
    const isHit = this.#lines[line] === this.#hit;
    return isHit ? `${REVERSE}${textOf(shown)}${NORMAL}` : paint(shown, this.#options.theme);
  }

  /** The rows of the line of that number; none behind the last one. */
  #rowsOf(number: number): readonly Line[] {
    const line = this.#lines[number];
    if (line === undefined) return [];
    const rows = this.#rows.get(line) ?? wrapLine(line, this.#size.columns);
    this.#rows.set(line, rows);
    return rows;
  }
}

/** The one that comes first. */
function earlier(one: Place, other: Place): Place {
  return one.line < other.line || (one.line === other.line && one.row <= other.row) ? one : other;
}

function textOf({ spans }: Line): string {
  return spans.map(({ text }) => text).join("");
}

/** The beginning of a text that fits into so many columns. */
function cut(text: string, columns: number): string {
  let [rest, width] = ["", 0];
  for (const { segment } of new Intl.Segmenter("und").segment(text)) {
    width += stringWidth(segment);
    if (width > columns) break;
    rest += segment;
  }
  return rest;
}

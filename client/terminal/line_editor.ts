/**
 * One line of input that is edited with the usual keys.
 *
 * @module
 */

import { createInterface, type Interface } from "node:readline";
import { PassThrough, Writable } from "node:stream";

import { INPUT_HISTORY_LINES } from "./input_history.ts";
import type { Key } from "./keys.ts";
import { graphemeAfter, graphemeBefore } from "./layout.ts";

/**
 * What `node:readline` takes for the end of a line, and would act upon. Its editor holds a low surrogate instead, U+DC00
 * and on: no terminal, clipboard or file can bring one that stands by itself, since none is valid UTF-8.
 */
const LINE_ENDS = "\n\r\u2028\u2029";
const FIRST_STAND_IN = 0xdc00;

function toEditor(text: string): string {
  return text.replace(
    /[\n\r\u2028\u2029]/g,
    (end) => String.fromCharCode(FIRST_STAND_IN + LINE_ENDS.indexOf(end)),
  );
}

function fromEditor(text: string): string {
  return text.replace(
    /(?<![\ud800-\udbff])[\udc00-\udc03]/g,
    (standIn) => LINE_ENDS[standIn.charCodeAt(0) - FIRST_STAND_IN]!,
  );
}

/** How a {@linkcode LineEditor} behaves. */
export interface LineEditorOptions {
  /**
   * Whether a line may be remembered.
   *
   * @default {() => true}
   */
  mayRemember?: (line: string) => boolean;
}

/**
 * The editor of `node:readline`, with its keys, undo, kill ring and input history (↑ finds what begins like the text
 * before the cursor), but without its screen, which breaks when somebody else writes and counts some characters wrong.
 * The arrows and the deleting keys work on what a person sees as one character. Line ends of all kinds are characters
 * like others.
 */
export class LineEditor {
  readonly #options: LineEditorOptions;
  #editor: Interface;
  #entered = "";
  #onInputHistory: ((lines: readonly string[]) => void) | undefined;

  /**
   * Makes an empty line.
   *
   * @param options See {@linkcode LineEditorOptions}.
   */
  constructor(options: LineEditorOptions = {}) {
    this.#options = options;
    this.#editor = this.#make([]);
  }

  /**
   * Takes over what was remembered elsewhere.
   *
   * @param lines Newest first.
   * @param onChange Called with all lines, newest first, when one is remembered.
   */
  useInputHistory(lines: readonly string[], onChange?: (lines: readonly string[]) => void): void {
    this.#onInputHistory = onChange;
    const { text } = this;
    this.#editor = this.#make(lines.map(toEditor));
    this.insert(text);
  }

  /** What is in the line. */
  get text(): string {
    return fromEditor(this.#editor.line);
  }

  /** How many UTF-16 units stand before the cursor. */
  get cursor(): number {
    return this.#editor.cursor;
  }

  /** Does what a key asks for. The caller keeps the keys that end or suspend something. */
  press(text: string | undefined, key: Key): void {
    const isPlain = !key.ctrl && !key.meta;
    const isBack = (isPlain && key.name === "backspace") || (key.ctrl && key.name === "h");
    if (isBack || (isPlain && key.name === "left") || (key.ctrl && key.name === "b")) {
      const end = graphemeBefore(this.text, this.cursor);
      this.#repeat(isBack ? "backspace" : "left", () => this.cursor > end);
    } else if ((isPlain && key.name === "right") || (key.ctrl && key.name === "f")) {
      const end = graphemeAfter(this.text, this.cursor);
      this.#repeat("right", () => this.cursor < end);
    } else if ((isPlain && key.name === "delete") || (key.ctrl && key.name === "d")) {
      const rest = this.text.length - graphemeAfter(this.text, this.cursor);
      this.#repeat("delete", () => this.text.length - this.cursor > rest);
    } else {
      this.#editor.write((text === undefined ? text : toEditor(text)) as string, key);
    }
  }

  /** Types a text. */
  insert(text: string): void {
    if (text !== "") this.#editor.write(toEditor(text));
  }

  /** Moves the cursor `units` UTF-16 units back. */
  moveBack(units: number): void {
    const end = Math.max(0, this.cursor - units);
    this.#repeat("left", () => this.cursor > end);
  }

  /** Deletes `units` UTF-16 units before the cursor. */
  deleteBack(units: number): void {
    const end = Math.max(0, this.cursor - units);
    this.#repeat("backspace", () => this.cursor > end);
  }

  /** Empties the line. */
  clear(): void {
    this.#editor.write(null as unknown as string, { name: "e", ctrl: true });
    this.#editor.write(null as unknown as string, { name: "u", ctrl: true });
  }

  /** Takes the line out and remembers it. */
  enter(): string {
    this.#editor.write(null as unknown as string, { name: "return" });
    return this.#entered;
  }

  /** Takes the line out and forgets it. */
  take(): string {
    const { text } = this;
    this.#editor.write(null as unknown as string, { name: "e", ctrl: true });
    // Not as Ctrl-U does it: what is forgotten must not come back with Ctrl-Y.
    this.deleteBack(text.length);
    return text;
  }

  #make(history: string[]): Interface {
    const { mayRemember } = this.#options;
    const editor = createInterface({
      input: new PassThrough(),
      output: new Writable({ write: (_chunk, _encoding, done) => done() }),
      terminal: true,
      history,
      historySize: INPUT_HISTORY_LINES,
      removeHistoryDuplicates: true,
    });
    editor.on("line", (line) => this.#entered = fromEditor(line));
    editor.on("history", (lines) => {
      if (lines[0] !== undefined && mayRemember?.(fromEditor(lines[0])) === false) lines.shift();
      else this.#onInputHistory?.(lines.map(fromEditor));
    });
    return editor;
  }

  #repeat(name: string, isWanted: () => boolean): void {
    let before = -1;
    while (isWanted() && before !== this.cursor + this.text.length * 2) {
      before = this.cursor + this.text.length * 2;
      this.#editor.write(null as unknown as string, { name });
    }
  }
}

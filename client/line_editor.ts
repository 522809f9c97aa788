/**
 * One line of input that is edited with the usual keys.
 *
 * @module
 */

import { createInterface, type Interface } from "node:readline";
import { PassThrough, Writable } from "node:stream";

import type { Key } from "./keys.ts";
import { graphemeAfter, graphemeBefore } from "./layout.ts";

/** How a {@linkcode LineEditor} behaves. */
export interface LineEditorOptions {
  /** Lines that were entered before, newest first. @default {[]} */
  history?: string[];
  /** How many lines are remembered. @default {500} */
  historySize?: number;
  /** Whether a line may be remembered. @default all may */
  isMemorable?: (line: string) => boolean;
  /** Told of the lines that are remembered, newest first, when they change. */
  onHistory?: (history: readonly string[]) => void;
}

const HISTORY_SIZE = 500;

/**
 * The editor of `node:readline`, with its keys, undo, kill ring and history (↑ finds what begins like the text before
 * the cursor), but without its screen: that breaks when somebody else writes, and counts some characters wrong. The
 * arrows and the deleting keys work on what a person sees as one character.
 */
export class LineEditor {
  readonly #editor: Interface;
  #entered = "";

  /**
   * Makes an empty line.
   *
   * @param options See {@linkcode LineEditorOptions}.
   */
  constructor(options: LineEditorOptions = {}) {
    const { history = [], historySize = HISTORY_SIZE, isMemorable, onHistory } = options;
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    this.#editor = createInterface({
      input: new PassThrough(),
      output: nowhere,
      terminal: true,
      history,
      historySize,
      removeHistoryDuplicates: true,
    });
    this.#editor.on("line", (line) => this.#entered = line);
    this.#editor.on("history", (lines) => {
      if (isMemorable !== undefined && lines[0] !== undefined && !isMemorable(lines[0])) {
        lines.shift();
      }
      onHistory?.(lines);
    });
  }

  /** What is in the line. */
  get text(): string {
    return this.#editor.line;
  }

  /** How many UTF-16 units stand before the cursor. */
  get cursor(): number {
    return this.#editor.cursor;
  }

  /** Does what a key asks for; keys that end or suspend something are the caller's business. */
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
      this.#editor.write(text as string, key);
    }
  }

  /** Types a text that has no line ends. */
  insert(text: string): void {
    if (text !== "") this.#editor.write(text);
  }

  /** Deletes so many UTF-16 units before the cursor. */
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
    this.clear();
    return text;
  }

  #repeat(name: string, isWanted: () => boolean): void {
    let before = -1;
    while (isWanted() && before !== this.cursor + this.text.length * 2) {
      before = this.cursor + this.text.length * 2;
      this.#editor.write(null as unknown as string, { name });
    }
  }
}

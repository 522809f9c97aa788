/**
 * What a person is writing.
 *
 * @module
 */

import { continuesLine } from "../chat/input.ts";
import type { LineEditor } from "./line_editor.ts";

/** What a person entered. */
export interface Entry {
  /** The text; with line breaks if it was pasted or continued. */
  readonly text: string;
  /** How many lines were pasted; 0 if the text was typed. */
  readonly pastedLines: number;
  /** More of what was pasted. */
  readonly paste?: Paste;
}

/** What is to be known of an entry that was pasted. */
export interface Paste {
  /** The first line that was pasted. */
  readonly firstLine: string;
  /** Whether the text begins with that line, with nothing before or behind it. */
  readonly isBlock: boolean;
  /** Where the cursor was behind the paste: UTF-16 units of the text before it. */
  readonly cursor: number;
}

/** The line in the editor, with the lines before it that ended in `\`. */
export class Draft {
  /** Where the last line is edited. */
  readonly editor: LineEditor;
  /** The lines before it, each with a line break at its end. */
  #before = "";
  /** The first line that was pasted, if the editor holds pasted lines. */
  #firstPasted = "";
  /** Whether its line breaks are those of a text that the program has put there. */
  #isFilled = false;

  /**
   * Begins with what is in the editor.
   *
   * @param editor Where the last line is edited.
   */
  constructor(editor: LineEditor) {
    this.editor = editor;
  }

  /** All of it. */
  get text(): string {
    return this.#before + this.editor.text;
  }

  /** The lines before the one in the editor, each with a line break at its end. */
  get before(): string {
    return this.#before;
  }

  /** Whether lines before the one in the editor belong to it. */
  get isContinued(): boolean {
    return this.#before !== "";
  }

  /** Whether Enter begins another line instead of ending the text. */
  get goesOn(): boolean {
    return continuesLine(this.editor.text);
  }

  /** Drops it; what was in the editor can be fetched back with Ctrl-Y. */
  clear(): void {
    this.editor.clear();
    this.#before = "";
    this.#firstPasted = "";
    this.#isFilled = false;
  }

  /**
   * Enter was pressed: a typed line goes into the input history.
   *
   * @returns What was entered, unless it goes on in the next line.
   */
  enter(): Entry | undefined {
    const { goesOn, text } = this;
    const entry = this.#entry(this.editor.text, this.editor.cursor);
    if (this.editor.text.includes("\n")) this.editor.clear();
    else this.editor.enter();
    this.#before = goesOn ? text.slice(0, -1) + "\n" : "";
    if (goesOn) return undefined;
    this.#firstPasted = "";
    this.#isFilled = false;
    return entry;
  }

  /**
   * Several lines were pasted at the cursor: they end the text, and go into no input history.
   *
   * @param lines Without their ends.
   */
  paste(lines: readonly string[]): Entry {
    const { text, cursor } = this.editor;
    const before = text.slice(0, cursor) + lines.join("\n");
    if (this.#isFilled || !text.includes("\n")) this.#firstPasted = lines[0]!;
    this.#isFilled = false;
    const entry = this.#entry(before + text.slice(cursor), before.length);
    this.clear();
    return entry;
  }

  /** Takes back what was entered; what has been typed since stands where the cursor was then. */
  giveBack({ text, paste }: Entry): void {
    const since = this.text;
    const cursor = paste?.cursor ?? text.length;
    this.clear();
    this.editor.insert(text.slice(0, cursor) + since + text.slice(cursor));
    this.editor.moveBack(text.length - cursor);
    this.#firstPasted = paste?.firstLine ?? "";
  }

  /** Types a text, which may be several lines. */
  insert(text: string): void {
    if (text.includes("\n") && !this.editor.text.includes("\n")) {
      this.#firstPasted = text.split("\n", 1)[0]!;
    }
    this.editor.insert(text);
  }

  /** Puts a text there that the person knows, as one of their own: its lines are no paste. */
  fill(text: string): void {
    this.editor.insert(text);
    this.#isFilled = true;
  }

  /** What the editor holds, with what stands before it. Only text that was pasted or filled in has line breaks there. */
  #entry(edited: string, cursor: number): Entry {
    const text = this.#before + edited;
    const lines = edited.split("\n");
    if (lines.length === 1 || this.#isFilled) return { text, pastedLines: 0 };
    const firstLine = this.#firstPasted;
    const isBlock = text.split("\n", 1)[0] === firstLine;
    return {
      text,
      pastedLines: lines.length,
      paste: { firstLine, isBlock, cursor: this.#before.length + cursor },
    };
  }
}

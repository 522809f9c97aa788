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
}

/** The line in the editor, with the lines before it that ended in `\`. */
export class Draft {
  /** Where the last line is edited. */
  readonly editor: LineEditor;
  /** The lines before it, each with a line break at its end. */
  #before = "";

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
  }

  /**
   * Enter was pressed: the line goes into the input history.
   *
   * @returns What was entered, unless it goes on in the next line.
   */
  enter(): Entry | undefined {
    const { goesOn, text } = this;
    this.editor.enter();
    this.#before = goesOn ? text.slice(0, -1) + "\n" : "";
    return goesOn ? undefined : { text, pastedLines: 0 };
  }

  /**
   * Several lines were pasted at the cursor: they end the text, and go into no input history.
   *
   * @param lines Without their ends.
   */
  paste(lines: readonly string[]): Entry {
    const { text, cursor } = this.editor;
    const pasted = text.slice(0, cursor) + lines.join("\n") + text.slice(cursor);
    const entry = { text: this.#before + pasted, pastedLines: lines.length };
    this.clear();
    return entry;
  }
}

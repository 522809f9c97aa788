/**
 * Ctrl-R: looking for what was typed, as in a shell.
 *
 * @module
 */

import { foldText, indexOfFolded } from "../chat/fold_text.ts";
import type { Key } from "./keys.ts";
import { graphemeBefore } from "./layout.ts";
import type { Edited } from "./line_editor.ts";

/** What a key means for a search. */
export type SearchStep =
  /** It goes on. */
  | "stays"
  /** The hit goes into the input. */
  | "takes"
  /** The hit goes into the input, and there the key does what it always does. */
  | "takes and presses"
  /** The input is as it was. */
  | "leaves";

/** A search through the input history, newest first. It changes nothing but what it shows. */
export class HistorySearch {
  readonly #history: readonly string[];
  readonly #last: string;
  #query = "";
  #at = -1;
  #isFailing = false;

  /**
   * Looks for nothing yet.
   *
   * @param history What was typed, newest first.
   * @param last What was looked for the time before: Ctrl-R alone looks for it again.
   */
  constructor(history: readonly string[], last = "") {
    this.#history = history;
    this.#last = last;
  }

  /** What is looked for. */
  get query(): string {
    return this.#query;
  }

  /** Whether nothing, or nothing more, is found. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** What was found, with the cursor where it begins; nothing if nothing was. */
  get hit(): Edited | undefined {
    const text = this.#history[this.#at];
    if (text === undefined) return undefined;
    const at = indexOfFolded(text, foldText(this.#query));
    return { text, cursor: at === -1 ? text.length : at };
  }

  /** A key was pressed. */
  press(text: string | undefined, key: Key): SearchStep {
    const { name, ctrl = false, meta = false } = key;
    if (ctrl && name === "r") {
      if (this.#query === "") this.#lookFor(this.#last);
      else this.#find(this.#at + 1, 1);
    } else if (ctrl && name === "s") {
      this.#find(this.#at - 1, -1);
    } else if (name === "up" && !ctrl && !meta) {
      this.#find(this.#at + 1, 1);
    } else if (name === "down" && !ctrl && !meta) {
      this.#find(this.#at - 1, -1);
    } else if (name === "escape" || (ctrl && (name === "g" || name === "c"))) {
      return "leaves";
    } else if (name === "return" || name === "newline") {
      return "takes";
    } else if (ctrl && name === "u") {
      this.#lookFor("");
    } else if ((name === "backspace" && !meta) || (ctrl && name === "h")) {
      this.#lookFor(this.#query.slice(0, graphemeBefore(this.#query, this.#query.length)));
    } else if (text !== undefined && !ctrl && !meta && !/^\p{Cc}/u.test(text)) {
      this.add(text);
    } else {
      return "takes and presses";
    }
    return "stays";
  }

  /** More is looked for. */
  add(text: string): void {
    this.#query += text;
    this.#find(Math.max(0, this.#at), 1);
  }

  #lookFor(query: string): void {
    this.#query = query;
    this.#at = -1;
    this.#isFailing = false;
    if (query !== "") this.#find(0, 1);
  }

  #find(from: number, step: 1 | -1): void {
    const folded = foldText(this.#query);
    let at = from;
    while (at >= 0 && at < this.#history.length) {
      if (indexOfFolded(this.#history[at]!, folded) !== -1) {
        this.#at = at;
        this.#isFailing = false;
        return;
      }
      at += step;
    }
    this.#isFailing = true;
  }
}

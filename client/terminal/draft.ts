/**
 * What a person is writing.
 *
 * @module
 */

import { continuesLine } from "../chat/input.ts";
import { BoundedMap } from "../library/bounded_map.ts";
import type { Edited, LineEditor } from "./line_editor.ts";

/** What a person entered. */
export interface Entry {
  /** The text, which may have line breaks. */
  readonly text: string;
  /** What is to be known of it if lines of it were pasted. */
  readonly paste?: Paste;
}

/** Pasted lines in an entry. */
export interface Paste {
  /** The first line that was pasted. */
  readonly firstLine: string;
  /** Whether the text begins with that line, with nothing before or behind it. */
  readonly isBlock: boolean;
  /** Where the cursor was behind the paste: UTF-16 units of the text before it. */
  readonly cursor: number;
}

/** A draft that is not on the screen. */
interface Kept {
  readonly text: string;
  readonly cursor: number;
  readonly firstPasted: string | undefined;
}

/** More conversations than a person has begun to write in; the oldest draft is forgotten. */
const MAX_KEPT = 100;
/** UTF-16 units: a longer text is a file that was pasted by mistake. */
const MAX_KEPT_UNITS = 65_536;

/** What is in the editor, and what was being written in other conversations. */
export class Draft {
  /** Where it is edited. */
  readonly editor: LineEditor;
  /** The first line that was pasted, if the editor holds pasted lines that were not confirmed. */
  #firstPasted: string | undefined;
  #key = "";
  readonly #others = new BoundedMap<Kept>({ entries: MAX_KEPT });

  /**
   * Begins with what is in the editor.
   *
   * @param editor Where it is edited.
   */
  constructor(editor: LineEditor) {
    this.editor = editor;
  }

  /** All of it. */
  get text(): string {
    return this.editor.text;
  }

  /** Whether Enter begins another line instead of ending the text. */
  get goesOn(): boolean {
    return continuesLine(this.text);
  }

  /** Drops it; it can be fetched back with Ctrl-Y. */
  clear(): void {
    this.editor.clear();
    this.#firstPasted = undefined;
  }

  /**
   * Goes on with what was being written elsewhere; what is being written here is kept.
   *
   * @param key Where: a conversation, or the empty text where lines are commands.
   * @returns Whether it is another one; then, whether something is kept for the one that is left.
   */
  switchTo(key: string): { readonly isKept: boolean } | undefined {
    if (key === this.#key) return undefined;
    const { text, cursor } = this.editor;
    const isKept = text.trim() !== "" && text.length <= MAX_KEPT_UNITS;
    this.#others.delete(this.#key);
    if (isKept) this.#others.set(this.#key, { text, cursor, firstPasted: this.#firstPasted });
    this.#key = key;
    const kept = this.#others.get(key);
    this.editor.begin(kept ?? { text: "", cursor: 0 });
    this.#firstPasted = kept?.firstPasted;
    return { isKept };
  }

  /** Forgets what was being written elsewhere. */
  forgetOthers(): void {
    this.#others.clear();
  }

  /** Begins another line at the cursor. */
  breakLine(): void {
    // What was pasted and has gone from the editor is not asked about any more.
    if (!this.text.includes("\n")) this.#firstPasted = undefined;
    this.editor.insert("\n");
  }

  /**
   * Enter was pressed: a typed text goes into the input history.
   *
   * @returns What was entered, unless it goes on in the next line.
   */
  enter(): Entry | undefined {
    if (this.goesOn) {
      this.editor.moveTo(this.text.length);
      this.editor.deleteBack(1);
      this.breakLine();
      return undefined;
    }
    const entry = this.#entry(this.text, this.editor.cursor);
    if (entry.paste === undefined) this.editor.enter();
    else this.editor.clear();
    this.#firstPasted = undefined;
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
    if (!text.includes("\n")) this.#firstPasted = undefined;
    this.#firstPasted ??= lines[0]!;
    const entry = this.#entry(before + text.slice(cursor), before.length);
    this.clear();
    return entry;
  }

  /** Takes back what was entered; what has been typed since stands where the cursor was then. */
  giveBack({ text, paste }: Entry): void {
    const since = this.text;
    const cursor = paste?.cursor ?? text.length;
    this.editor.begin({
      text: text.slice(0, cursor) + since + text.slice(cursor),
      cursor: cursor + since.length,
    });
    this.#firstPasted = paste?.firstLine;
  }

  /** Types a text, which may be several lines that were pasted. */
  insert(text: string): void {
    if (text.includes("\n") && !this.text.includes("\n")) this.#firstPasted = firstLineOf(text);
    this.editor.insert(text);
  }

  /** Puts a text there that the person knows, as one of their own: its lines are no paste. */
  fill(text: string): void {
    this.take({ text, cursor: text.length });
  }

  /** The same, with the cursor somewhere in it; what was there comes back with the key that undoes. */
  take({ text, cursor }: Edited): void {
    this.editor.replace(text, cursor);
    this.#firstPasted = undefined;
  }

  #entry(text: string, cursor: number): Entry {
    const firstLine = this.#firstPasted;
    if (firstLine === undefined || !text.includes("\n")) return { text };
    return { text, paste: { firstLine, isBlock: firstLineOf(text) === firstLine, cursor } };
  }
}

function firstLineOf(text: string): string {
  return text.split("\n", 1)[0]!;
}

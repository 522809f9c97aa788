/**
 * Text that is edited with the usual keys.
 *
 * @module
 */

import { INPUT_HISTORY_LINES } from "./input_history.ts";
import { KillRing } from "./kill_ring.ts";
import type { Key } from "./keys.ts";
import { graphemeAfter, graphemeBefore } from "./layout.ts";
import { Undo } from "./undo.ts";
import { wordAfter, wordBefore } from "./words.ts";

/** How a {@linkcode LineEditor} behaves. */
export interface LineEditorOptions {
  /**
   * Whether a text may be remembered.
   *
   * @default {() => true}
   */
  mayRemember?: (text: string) => boolean;
  /**
   * Where it puts what is cut.
   *
   * @default {new KillRing()}
   */
  kills?: KillRing;
}

/** A walk through the input history with ↑ and ↓. */
interface Walk {
  /** What was typed before it began; it stands behind the newest entry. */
  readonly typed: Edited;
  /** What all entries on the way begin with. */
  readonly prefix: string;
  /** Which entry is shown; -1 is what was typed. */
  at: number;
}

/** A text and where the cursor is in it. */
export interface Edited {
  /** The text, which may have line breaks. */
  readonly text: string;
  /** How many UTF-16 units stand before the cursor. */
  readonly cursor: number;
}

/**
 * An editor with the keys of a shell: by characters as a person sees them, by words of any script, by lines; what was cut
 * can be put back, what was done be undone; ↑ finds what begins like the text before the cursor.
 */
export class LineEditor {
  readonly #mayRemember: (text: string) => boolean;
  readonly #kills: KillRing;
  #undo = new Undo();
  #text = "";
  #cursor = 0;
  /** Newest first. */
  #history: readonly string[] = [];
  #onInputHistory: ((lines: readonly string[]) => void) | undefined;
  #walk: Walk | undefined;
  /** Where the text that was put back last begins, as long as no other key has come. */
  #yankedFrom: number | undefined;

  /**
   * Makes an empty text.
   *
   * @param options See {@linkcode LineEditorOptions}.
   */
  constructor({ mayRemember = () => true, kills = new KillRing() }: LineEditorOptions = {}) {
    this.#mayRemember = mayRemember;
    this.#kills = kills;
  }

  /**
   * Takes over what was remembered elsewhere.
   *
   * @param lines Newest first.
   * @param onChange Called with all lines, newest first, when one is remembered.
   */
  useInputHistory(lines: readonly string[], onChange?: (lines: readonly string[]) => void): void {
    this.#onInputHistory = onChange;
    this.#history = [...lines];
    this.#walk = undefined;
  }

  /** What is remembered, newest first. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** What is typed. */
  get text(): string {
    return this.#text;
  }

  /** How many UTF-16 units stand before the cursor. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Whether the last key has brought an entry of the input history. */
  get isWalking(): boolean {
    return this.#walk !== undefined;
  }

  /** Does what a key asks for. The caller keeps the keys that end or suspend something. */
  press(text: string | undefined, key: Key): void {
    const yankedFrom = this.#yankedFrom;
    this.#yankedFrom = undefined;
    const step = stepOf(key);
    if (step !== undefined) {
      this.#walkOn(step);
      return;
    }
    this.#walk = undefined;
    if (key.sequence === "\x1f") this.#restore(this.#undo.back(this.#now));
    else if (key.sequence === "\x1e") this.#restore(this.#undo.forth(this.#now));
    else if (key.ctrl) this.#pressCtrl(key);
    else if (key.meta) this.#pressMeta(key, yankedFrom);
    else this.#pressPlain(text, key);
  }

  /** Types a text. */
  insert(text: string): void {
    if (text === "") return;
    this.#undo.before(this.#now);
    this.#put(text);
  }

  /** Puts the cursor behind so many UTF-16 units. */
  moveTo(cursor: number): void {
    this.#walk = undefined;
    this.#cursor = Math.max(0, Math.min(cursor, this.#text.length));
  }

  /** Deletes `units` UTF-16 units before the cursor. */
  deleteBack(units: number): void {
    this.#delete(Math.max(0, this.#cursor - units), this.#cursor);
  }

  /** Empties it; what was there can be put back. */
  clear(): void {
    this.#cursor = this.#text.length;
    this.#kill(0, this.#cursor);
    this.#walk = undefined;
  }

  /** Puts another text in the place of all that is there. */
  replace(text: string, cursor = text.length): void {
    if (text !== this.#text) this.#undo.before(this.#now);
    this.#text = text;
    this.moveTo(cursor);
  }

  /** Takes the text out and remembers it. */
  enter(): string {
    const text = this.take();
    if (text.trim() !== "" && this.#mayRemember(text)) {
      const others = this.#history.filter((other) => other !== text);
      this.#history = [text, ...others].slice(0, INPUT_HISTORY_LINES);
      this.#onInputHistory?.(this.#history);
    }
    return text;
  }

  /** Takes the text out and forgets it. */
  take(): string {
    const text = this.#text;
    this.begin({ text: "", cursor: 0 });
    return text;
  }

  /** Goes on with another text; what was done to the one before cannot be undone any more. */
  begin({ text, cursor }: Edited): void {
    this.#undo = new Undo();
    this.#text = text;
    this.moveTo(cursor);
  }

  get #now(): Edited {
    return { text: this.#text, cursor: this.#cursor };
  }

  #pressPlain(text: string | undefined, { name }: Key): void {
    const { before, after } = this.#neighbours;
    if (name === "backspace") this.#delete(before, this.#cursor);
    else if (name === "delete") this.#delete(this.#cursor, after);
    else if (name === "left") this.#cursor = before;
    else if (name === "right") this.#cursor = after;
    else if (name === "home") this.#cursor = this.#lineStart;
    else if (name === "end") this.#cursor = this.#lineEnd;
    else if (text !== undefined && !isControl(text)) {
      this.#undo.beforeTyping(this.#now, text.length);
      this.#put(text);
    }
  }

  #pressCtrl({ name }: Key): void {
    const { before, after } = this.#neighbours;
    if (name === "a") this.#cursor = this.#lineStart;
    else if (name === "e") this.#cursor = this.#lineEnd;
    else if (name === "home") this.#cursor = 0;
    else if (name === "end") this.#cursor = this.#text.length;
    else if (name === "b") this.#cursor = before;
    else if (name === "f") this.#cursor = after;
    else if (name === "h") this.#delete(before, this.#cursor);
    else if (name === "d") this.#delete(this.#cursor, after);
    else if (name === "left") this.#cursor = wordBefore(this.#text, this.#cursor);
    else if (name === "right") this.#cursor = wordAfter(this.#text, this.#cursor);
    else if (name === "w" || name === "backspace") {
      this.#kill(wordBefore(this.#text, this.#cursor), this.#cursor);
    } else if (name === "delete") {
      this.#kill(this.#cursor, wordAfter(this.#text, this.#cursor));
    } else if (name === "u") {
      // At an edge of the line it is the line break that goes, as with Backspace and Delete.
      this.#kill(this.#cursor === this.#lineStart ? before : this.#lineStart, this.#cursor);
    } else if (name === "k") {
      this.#kill(this.#cursor, this.#cursor === this.#lineEnd ? after : this.#lineEnd);
    } else if (name === "y") {
      this.#yank(this.#cursor, this.#kills.newest);
    }
  }

  #pressMeta({ name }: Key, yankedFrom: number | undefined): void {
    if (name === "b" || name === "left") this.#cursor = wordBefore(this.#text, this.#cursor);
    else if (name === "f" || name === "right") this.#cursor = wordAfter(this.#text, this.#cursor);
    else if (name === "backspace") this.#kill(wordBefore(this.#text, this.#cursor), this.#cursor);
    else if (name === "d" || name === "delete") {
      this.#kill(this.#cursor, wordAfter(this.#text, this.#cursor));
    } else if (name === "y" && yankedFrom !== undefined) {
      this.#yank(yankedFrom, this.#kills.older());
    }
  }

  get #neighbours(): { before: number; after: number } {
    return {
      before: graphemeBefore(this.#text, this.#cursor),
      after: graphemeAfter(this.#text, this.#cursor),
    };
  }

  get #lineStart(): number {
    return this.#cursor === 0 ? 0 : this.#text.lastIndexOf("\n", this.#cursor - 1) + 1;
  }

  get #lineEnd(): number {
    const end = this.#text.indexOf("\n", this.#cursor);
    return end === -1 ? this.#text.length : end;
  }

  #put(text: string): void {
    this.#walk = undefined;
    this.#text = this.#text.slice(0, this.#cursor) + text + this.#text.slice(this.#cursor);
    this.#cursor += text.length;
  }

  #delete(start: number, end: number): void {
    if (start === end) return;
    this.#walk = undefined;
    this.#undo.before(this.#now);
    this.#text = this.#text.slice(0, start) + this.#text.slice(end);
    this.#cursor = start;
  }

  #kill(start: number, end: number): void {
    this.#kills.add(this.#text.slice(start, end));
    this.#delete(start, end);
  }

  /** Puts what was cut between a place and the cursor. */
  #yank(from: number, killed: string | undefined): void {
    if (killed === undefined) return;
    this.#delete(from, this.#cursor);
    this.insert(killed);
    this.#yankedFrom = from;
  }

  #restore(state: Edited | undefined): void {
    if (state === undefined) return;
    this.#text = state.text;
    this.#cursor = state.cursor;
  }

  #walkOn(step: 1 | -1): void {
    const walk = this.#walk ??
      { typed: this.#now, prefix: this.#text.slice(0, this.#cursor), at: -1 };
    const isWanted = (entry: string): boolean =>
      entry.startsWith(walk.prefix) && entry !== this.#text;
    let at = walk.at + step;
    while (at >= 0 && at < this.#history.length && !isWanted(this.#history[at]!)) at += step;
    if (at < -1 || at >= this.#history.length) return;
    walk.at = at;
    this.#walk = at === -1 ? undefined : walk;
    const entry = this.#history[at];
    this.#restore(entry === undefined ? walk.typed : { text: entry, cursor: entry.length });
  }
}

/** Which way a key goes through the input history. */
function stepOf({ name, ctrl = false, meta = false }: Key): 1 | -1 | undefined {
  if (meta) return undefined;
  if ((name === "up" && !ctrl) || (name === "p" && ctrl)) return 1;
  if ((name === "down" && !ctrl) || (name === "n" && ctrl)) return -1;
  return undefined;
}

/** Whether it is what a key sends that types nothing: a control character of ASCII. */
function isControl(text: string): boolean {
  return /^[^\P{Cc}\u0080-\u009f]/u.test(text);
}

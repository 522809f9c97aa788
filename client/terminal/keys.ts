/**
 * What a terminal sends → keys and pastes.
 *
 * @module
 */

import { PassThrough } from "node:stream";
import { emitKeypressEvents } from "node:readline";

import { type Clock, systemClock, type Timer } from "../../common/clock.ts";

/** A key, as `node:readline` names it, but for Enter and what begins another line. */
export interface Key {
  /** `return`, `newline`, `left`, `a` …; nothing for most characters. */
  readonly name?: string | undefined;
  /** What the terminal sent. */
  readonly sequence?: string;
  /** Whether Ctrl was held. */
  readonly ctrl?: boolean;
  /** Whether Alt was held. */
  readonly meta?: boolean;
  /** Whether Shift was held. */
  readonly shift?: boolean;
}

/** What a {@linkcode KeyDecoder} reports. */
export interface KeyHandlers {
  /** A key; `text` is what it types, if anything. */
  onKey: (text: string | undefined, key: Key) => void;
  /** A paste, as it was in the clipboard. */
  onPaste: (text: string) => void;
  /** The terminal was asked where its cursor is; its column, from 0. */
  onColumn?: (column: number) => void;
  /** The terminal says whether somebody looks at it (focus reports, mode 1004). */
  onFocus?: (isFocused: boolean) => void;
}

const ESCAPE = "\x1b";
/** What comes later than this after an Escape is a key of its own. */
const ESCAPE_MS = 50;
const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/**
 * What begins with an Escape and is more than a key with Alt: a mouse report of the old kind, whose three characters
 * follow; a key of the Linux console, or of rxvt with Shift; a control sequence (ECMA-48: parameters, intermediates, a final character); a
 * string (OSC, DCS, SOS, PM, APC) with its end. One that something else cuts short is as long as it came. The lengths
 * are bounded, and a string has no control characters: what a person types is not swallowed for want of an end.
 */
const SEQUENCE =
  // deno-lint-ignore no-control-regex
  /(\x1b(?:\[M[^\x00-\x1f]{0,3}|\[\[[A-E]|\[\d\$|\[[0-?]{0,64}[ -/]{0,8}[@-~]?|[\]PX^_][^\x00-\x1f\x7f]{1,256}(?:\x07|\x1b\\)?))/;
/** What may become one; behind the Escape and the beginning of a string it may be a key with Alt, too. */
const TORN =
  // deno-lint-ignore no-control-regex
  /\x1b(?!\[\d\$)(?:\[M[^\x00-\x1f]{0,2}|\[\[?|\[[0-?]{1,64}|\[[0-?]{0,64}[ -/]{1,8}|[\]PX^_](?:[^\x00-\x1f\x7f]{1,256}\x1b?)?)?$/;
/** Those that are keys, as `node:readline` knows them. */
const KEY =
  // deno-lint-ignore no-control-regex
  /^\x1b\[(?:\[[A-E]|(?:\d;)?\d?[A-HPQSZa-e]|R|\d\d?(?:;\d)?[~^]|\d\$|\d{3}~)$/;
/** Where the cursor is (CPR): `ESC [ row ; column R`, and whether the terminal has the focus: `ESC [ I`, `ESC [ O`. */
// deno-lint-ignore no-control-regex
const REPORT = /^\x1b\[(?:\d+;(\d+)R|([IO]))$/;
/** A string whose next piece comes later than this has lost its end. */
const STRING_MS = 1_000;
/**
 * Enter with Shift, Ctrl or Alt, as terminals send it that tell them apart: in xterm's two ways of `modifyOtherKeys`,
 * the shorter of which is that of kitty's protocol, too. Alt and Enter is an Escape before it everywhere.
 */
// deno-lint-ignore no-control-regex
const MODIFIED_ENTER = /\x1b\[(?:13;[2-8]u|27;[2-8];13~)/g;
const ALT_ENTER = "\x1b\r";
/** A terminal that never ends a paste would swallow all keys. */
const MAX_PASTE = 1_048_576;

/**
 * Takes bytes apart. `node:readline` knows the keys of all terminals; pastes are taken out before, since its decoder
 * breaks their marks up.
 *
 * Enter is CR on a terminal in raw mode, and LF is Ctrl-J, which begins another line. But what was typed before the
 * program had the terminal comes with LF for Enter, and so do the lines of a script that plays a person. So LF is Enter,
 * too, until the first CR has come; a LF that comes with a CR before it belongs to it.
 */
export class KeyDecoder {
  readonly #handlers: KeyHandlers;
  readonly #decoder = new TextDecoder();
  readonly #keys = new PassThrough();
  readonly #clock: Clock;
  #rest = "";
  #restMs = 0;
  #paste: string | undefined;
  /** Whether Enter is known to be CR. */
  #hasReturn = false;
  /** Whether the key before, in the same bytes, was Enter. */
  #isAfterReturn = false;
  #escapeTimer: Timer | undefined;

  /**
   * Makes a decoder.
   *
   * @param handlers Told in the order of the bytes.
   * @param clock Tells a lone Escape from the beginning of a sequence.
   */
  constructor(handlers: KeyHandlers, clock: Clock = systemClock) {
    this.#handlers = handlers;
    this.#clock = clock;
    emitKeypressEvents(this.#keys);
    this.#keys.on("keypress", (text: string | undefined, key: Key) => this.#onKey(text, key));
  }

  /** Takes bytes; a character or a mark may be torn over several calls. */
  feed(bytes: Uint8Array): void {
    this.#clock.clearTimeout(this.#escapeTimer);
    this.#isAfterReturn = false;
    let text = this.#decoder.decode(bytes, { stream: true });
    if (!this.#isRestOver(text)) text = this.#rest + text;
    this.#rest = "";
    for (;;) {
      const mark = this.#paste === undefined ? PASTE_START : PASTE_END;
      const at = text.indexOf(mark);
      if (at === -1) break;
      this.#take(text.slice(0, at));
      text = text.slice(at + mark.length);
      if (this.#paste === undefined) {
        this.#paste = "";
      } else {
        const paste = this.#paste;
        this.#paste = undefined;
        this.#handlers.onPaste(paste);
      }
    }
    // This piece may end within a mark or a report.
    const torn = this.#paste === undefined
      ? TORN.exec(text)?.[0]
      : prefixes(PASTE_END).find((prefix) => text.endsWith(prefix));
    if (torn !== undefined) {
      this.#rest = torn;
      this.#restMs = this.#clock.monotonicMs();
      text = text.slice(0, -torn.length);
    }
    this.#take(text);
    if (this.#paste === undefined && /^.[^[]?$/s.test(this.#rest)) this.#awaitKey();
  }

  /** Whether the text that comes now has nothing to do with what came before. */
  #isRestOver(text: string): boolean {
    const ms = this.#clock.monotonicMs() - this.#restMs;
    // An Escape pressed by itself must not turn the next key into Alt and that key.
    if (this.#rest === ESCAPE) return ms > ESCAPE_MS && !/^[[O]/.test(text);
    return ms > STRING_MS && this.#rest[1] !== "[";
  }

  /**
   * Tells of a lone Escape; if its sequence comes after all, over a slow link, that is told, too. A key with Alt that
   * begins no string after all is told, and over.
   */
  #awaitKey(): void {
    this.#escapeTimer = this.#clock.setTimeout(() => {
      if (this.#rest === ESCAPE) {
        this.#tellEscape();
      } else {
        this.#keys.emit("data", this.#rest);
        this.#rest = "";
      }
    }, ESCAPE_MS);
  }

  #tellEscape(): void {
    this.#handlers.onKey(undefined, { name: "escape", sequence: ESCAPE });
  }

  #onKey(text: string | undefined, key: Key): void {
    const { name, meta = false } = key;
    const isAfterReturn = this.#isAfterReturn;
    this.#isAfterReturn = name === "return" && !meta;
    if (this.#isAfterReturn) {
      this.#hasReturn = true;
      this.#handlers.onKey(text, key);
    } else if (name === "return" || name === "enter") {
      if (isAfterReturn && !meta) return;
      const isEnter = !this.#hasReturn && !meta;
      this.#handlers.onKey(text, { ...key, name: isEnter ? "return" : "newline" });
    } else {
      this.#handlers.onKey(text, key);
    }
  }

  /** Tells of no Escape any more that was pressed last. */
  stop(): void {
    this.#clock.clearTimeout(this.#escapeTimer);
  }

  #take(text: string): void {
    if (this.#paste === undefined) {
      let keys = "";
      const parts = text.replace(MODIFIED_ENTER, ALT_ENTER).split(SEQUENCE);
      for (const [index, part] of parts.entries()) {
        if (index % 2 === 0 || KEY.test(part)) {
          keys += part;
        } else {
          this.#press(keys, true);
          keys = "";
          this.#report(part);
        }
      }
      this.#press(keys);
    } else {
      this.#paste += text;
      if (this.#paste.length > MAX_PASTE) {
        const paste = this.#paste;
        this.#paste = undefined;
        this.#handlers.onPaste(paste);
      }
    }
  }

  /** Takes keys; an Escape before what is no key was pressed by itself. */
  #press(keys: string, isBeforeReport = false): void {
    const hasEscape = isBeforeReport && keys.endsWith(ESCAPE);
    const others = hasEscape ? keys.slice(0, -1) : keys;
    if (others !== "") this.#keys.emit("data", others);
    if (hasEscape) this.#tellEscape();
  }

  /** Tells what the terminal says; what nobody asked it for is for nobody. */
  #report(sequence: string): void {
    const [, column, focus] = REPORT.exec(sequence) ?? [];
    if (column !== undefined) this.#handlers.onColumn?.(Number(column) - 1);
    else if (focus !== undefined) this.#handlers.onFocus?.(focus === "I");
  }
}

/** All that a mark may be torn to, longest first. */
function prefixes(mark: string): string[] {
  return Array.from({ length: mark.length - 1 }, (_, i) => mark.slice(0, mark.length - 1 - i));
}

/** Alt and the key that has an A, or a Ф where the layout is Russian. */
export function isAltA({ name, meta = false, sequence = "" }: Key): boolean {
  return meta && (name === "a" || /[фФ]$/.test(sequence));
}

/**
 * What a terminal sends → keys and pastes.
 *
 * @module
 */

import { PassThrough } from "node:stream";
import { emitKeypressEvents } from "node:readline";

import { type Clock, systemClock } from "../../common/clock.ts";

/** A key, as `node:readline` names it. */
export interface Key {
  /** `return`, `left`, `a` …; nothing for most characters. */
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
}

const ESCAPE = "\x1b";
/** What comes later than this after an Escape is a key of its own. */
const ESCAPE_MS = 50;
const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** A terminal that never ends a paste would swallow all keys. */
const MAX_PASTE = 1_048_576;

/**
 * Takes bytes apart. `node:readline` knows the keys of all terminals; pastes are taken out before, since its decoder
 * breaks their marks up.
 */
export class KeyDecoder {
  readonly #handlers: KeyHandlers;
  readonly #decoder = new TextDecoder();
  readonly #keys = new PassThrough();
  readonly #clock: Clock;
  #rest = "";
  #restMs = 0;
  #paste: string | undefined;

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
    this.#keys.on("keypress", (text: string | undefined, key: Key) => handlers.onKey(text, key));
  }

  /** Takes bytes; a character or a mark may be torn over several calls. */
  feed(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, { stream: true });
    // An Escape pressed by itself means nothing here, and must not turn the next key into Alt and that key.
    const isAlone = this.#rest === ESCAPE && !/^[[O]/.test(text) &&
      this.#clock.monotonicMs() - this.#restMs > ESCAPE_MS;
    if (!isAlone) text = this.#rest + text;
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
    // This piece may end within a mark.
    const mark = this.#paste === undefined ? PASTE_START : PASTE_END;
    for (let length = mark.length - 1; length >= 1; length--) {
      if (text.endsWith(mark.slice(0, length))) {
        this.#rest = text.slice(-length);
        this.#restMs = this.#clock.monotonicMs();
        text = text.slice(0, -length);
        break;
      }
    }
    this.#take(text);
  }

  #take(text: string): void {
    if (text === "") return;
    if (this.#paste === undefined) {
      this.#keys.emit("data", text);
    } else {
      this.#paste += text;
      if (this.#paste.length > MAX_PASTE) {
        const paste = this.#paste;
        this.#paste = undefined;
        this.#handlers.onPaste(paste);
      }
    }
  }
}

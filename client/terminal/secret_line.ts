/**
 * A line for a secret, which is never shown.
 *
 * @module
 */

import type { Key } from "./keys.ts";

/**
 * Edited blindly, so with few keys: characters, Backspace for the last one, Ctrl-U for all. Nothing that was deleted
 * can be fetched back.
 */
export class SecretLine {
  #text = "";

  /** What was typed. */
  get text(): string {
    return this.#text;
  }

  /** Does what a key asks for. */
  press(text: string | undefined, key: Key): void {
    if (key.name === "backspace") this.#text = [...this.#text].slice(0, -1).join("");
    else if (key.ctrl && key.name === "u") this.#text = "";
    else if (text !== undefined && !key.ctrl && !key.meta && !isKey(text)) {
      this.#text += text;
    }
  }

  /** Types a text. */
  insert(text: string): void {
    this.#text += text;
  }

  /** Takes the line out. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}

/** Whether it is what a key sends: a control character of ASCII. */
function isKey(text: string): boolean {
  return /^[^\P{Cc}\u0080-\u009f]/u.test(text);
}

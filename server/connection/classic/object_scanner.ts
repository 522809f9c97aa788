/**
 * Where a JSON object ends.
 *
 * @module
 */

/** `{` */
export const OPENING = 0x7b;
const CLOSING = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Finds the ends of JSON objects by the depth of their braces outside of strings, byte by byte. It does not check what
 * is in them. In UTF-8 no byte of a longer character looks like a brace, a quote or a backslash.
 */
export class ObjectScanner {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** Whether an object has begun and not ended. */
  get isInside(): boolean {
    return this.#depth > 0;
  }

  /**
   * Goes on to the object's end.
   *
   * @param bytes Between two objects, the one at `from` must be a {@linkcode OPENING}.
   * @param from Where to begin: behind what was scanned before.
   * @returns The index behind the end; -1 if all was scanned and the object goes on.
   */
  scan(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isInString) {
        if (byte === QUOTE) this.#isInString = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
      } else if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPENING) this.#depth++;
      else if (byte === CLOSING && --this.#depth === 0) return at + 1;
    }
    return -1;
  }
}

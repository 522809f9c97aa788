/**
 * Text → bytes, for many small writes.
 *
 * @module
 */

/** What turns text into bytes: a `TextEncoder`, or a {@linkcode SlabEncoder}. */
export interface Encoder {
  /** The text as UTF-8; nobody changes the bytes afterwards. */
  encode(text: string): Uint8Array;
}

/**
 * Bytes that are handed out together share a piece of memory of this size: enough for what a client with 32 messages
 * in flight gets at once, each UTF-16 unit counted as three bytes. A write that never ends keeps its whole piece, so
 * a slow connection may cost up to 16 times the memory of what waits for it.
 */
const SLAB_BYTES = 65_536;

/** The most bytes of UTF-8 that a UTF-16 unit takes. */
export const MAX_BYTES_PER_UNIT = 3;

/**
 * Encodes into shared memory, since `TextEncoder.encode` allocates anew for each text, which costs much of its time
 * where texts are as short as frames (docs/benchmarks.md).
 *
 * Guarantees:
 * 1. The same bytes as `TextEncoder` gives.
 * 2. Bytes that were handed out never change, however much is encoded after them.
 * 3. The same text many times in a row, as when a room's members get a message, is encoded once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = new SlabEncoder();
 * const [first, second] = [encoder.encode("é"), encoder.encode("e")];
 * assertEquals([...first, ...second], [0xc3, 0xa9, 0x65]);
 * ```
 */
export class SlabEncoder implements Encoder {
  readonly #encoder = new TextEncoder();
  #slab = new Uint8Array(SLAB_BYTES);
  #used = 0;
  #lastText = "";
  #lastBytes = new Uint8Array(0);

  /** The text as UTF-8; a lone surrogate becomes U+FFFD. */
  encode(text: string): Uint8Array {
    // A string is found equal to itself without a look at its characters.
    if (text === this.#lastText) return this.#lastBytes;
    const room = text.length * MAX_BYTES_PER_UNIT;
    if (room > SLAB_BYTES) return this.#encoder.encode(text);
    if (room > SLAB_BYTES - this.#used) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const { written } = this.#encoder.encodeInto(text, this.#slab.subarray(this.#used));
    this.#lastText = text;
    this.#lastBytes = this.#slab.subarray(this.#used, this.#used + written);
    this.#used += written;
    return this.#lastBytes;
  }
}

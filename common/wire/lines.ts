/**
 * Bytes of a connection → lines of text, with bounded memory.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { ByteSource } from "../link.ts";
import { type Splitter, SplitterPool, withoutEmptyLines } from "./splitter.ts";

/** How a {@linkcode LineReader} reads. */
export interface LineReaderOptions {
  /**
   * Bytes of a line without its end (`\n` or `\r\n`).
   *
   * @default {32768}
   */
  maxLine?: number;
  /** Called after each read that brought bytes, before its lines are yielded. */
  onBytes?: (count: number) => void;
  /**
   * Told how many bytes more the reader holds of lines that are not read whole or not served yet, or less. Fewer than
   * {@linkcode FEW_BYTES} are not counted.
   */
  onHeld?: (bytes: number) => void;
  /** Called before reading again, with the bytes of the last read; what it returns is waited for. */
  beforeReading?: (count: number) => Promise<void> | undefined;
  /**
   * Where splitters come from; connections may share it.
   *
   * @default {an own one}
   */
  splitters?: SplitterPool;
  /**
   * What was read already: the first `count` bytes of the buffer, which is the reader's own from now on.
   *
   * @default {nothing}
   */
  begun?: { readonly buffer: Uint8Array<ArrayBuffer>; readonly count: number } | undefined;
}

/**
 * Ends the text of a line that was cut for its length. Text decoded from UTF-8 has no lone surrogates, so
 * no peer can write this.
 */
export const OVERLONG_MARK = "\uDFFF";

/** Whether {@linkcode LineReader} cut this line because it was over the limit. */
export function isOverlong(line: string): boolean {
  return line.charCodeAt(line.length - 1) === 0xdfff;
}

/** A quiet connection holds this much; it takes any usual frame. */
const MIN_BUFFER_BYTES = 512;
/** One read takes no more, so that no connection's backlog keeps the others waiting for long. */
const MAX_BUFFER_BYTES = 8_192;

/** A chunk above this gets a splitter of its own; smaller ones are split together with other connections'. */
const FEW_BYTES = 512;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads a connection line by line, as an async iterator of batches: each batch holds the lines that one
 * read completed.
 *
 * Guarantees:
 * 1. Every line is yielded once, in order, without its end; empty lines are left out.
 * 2. A line over the limit is yielded once, cut and marked ({@linkcode isOverlong}), as soon as the limit is
 *    passed; its rest is dropped as it comes. Memory held for a line never exceeds the limit and one read.
 * 3. Bytes that are not UTF-8 become U+FFFD, wherever chunks are cut.
 * 4. At the end of input a last line without `\n` is yielded. After a failed read it is not: the error is
 *    thrown, and a line that may be half of one is never acted upon.
 * 5. Nothing is read before the consumer asks for the next batch, but by {@linkcode LineReader.ahead}: a slow consumer
 *    slows the peer down.
 */
export class LineReader implements AsyncIterable<readonly string[]> {
  readonly #source: ByteSource;
  readonly #maxLine: number;
  readonly #onBytes: ((count: number) => void) | undefined;
  readonly #onHeld: ((bytes: number) => void) | undefined;
  readonly #beforeReading: ((count: number) => Promise<void> | undefined) | undefined;
  readonly #splitters: SplitterPool;
  /** Only while there is an unfinished line. */
  #splitter: Splitter | undefined;
  #buffer = new Uint8Array(MIN_BUFFER_BYTES);
  /** The read that is under way, or whose bytes nobody has taken yet. */
  #ahead: Promise<number | null> | undefined;
  /** Bytes of the unfinished line so far. */
  #lineBytes = 0;
  /** Bytes that are held, as far as they count. */
  #heldBytes = 0;
  /** The unfinished line was over the limit and has been yielded; drop up to its end. */
  #skipping = false;
  /** The last byte seen was a `\r`, which does not count if a `\n` follows. */
  #endsInCR = false;

  /**
   * Makes a reader; nothing is read before the first line is asked for.
   *
   * @param source The connection.
   * @param options See {@linkcode LineReaderOptions}.
   */
  constructor(source: ByteSource, options: LineReaderOptions = {}) {
    this.#source = source;
    this.#maxLine = options.maxLine ?? LIMITS.maxLine;
    this.#onBytes = options.onBytes;
    this.#onHeld = options.onHeld;
    this.#beforeReading = options.beforeReading;
    this.#splitters = options.splitters ?? new SplitterPool();
    if (options.begun === undefined || options.begun.count === 0) return;
    this.#buffer = options.begun.buffer;
    this.#ahead = Promise.resolve(options.begun.count);
  }

  /**
   * Begins the next read, unless it is under way, while the consumer is still busy: to know whether the peer says
   * something, or has hung up. The bytes of that one read, at most 8 KiB, stay for the consumer.
   *
   * @returns How many bytes there are to be taken; `null` at the end. Rejects if the read fails.
   */
  ahead(): Promise<number | null> {
    return this.#ahead ??= this.#source.read(this.#buffer);
  }

  /** The lines, a batch per read. Can be iterated once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<readonly string[], void, void> {
    for (;;) {
      const count = await this.ahead();
      if (count === null) break;
      this.#ahead = undefined;
      this.#onBytes?.(count);
      this.#hold(this.#lineBytes + count);
      const splitting = this.#split(this.#buffer.subarray(0, count));
      // The chunk is decoded by now: a read ahead may have the buffer.
      this.#fitBuffer(count);
      const lines = await splitting;
      if (lines.length > 0) yield lines;
      this.#hold(this.#lineBytes);
      const pause = this.#beforeReading?.(count);
      if (pause !== undefined) await pause;
    }
    const last = await this.#splitter?.finish();
    if (last !== undefined) yield [last];
  }

  #hold(bytes: number): void {
    const counted = bytes > FEW_BYTES ? bytes : 0;
    if (counted === this.#heldBytes) return;
    this.#onHeld?.(counted - this.#heldBytes);
    this.#heldBytes = counted;
  }

  /** Takes the lines that a chunk completes. */
  #split(chunk: Uint8Array): Promise<string[]> {
    const isWhole = this.#splitter === undefined && !this.#skipping &&
      chunk[chunk.length - 1] === LF;
    return isWhole && chunk.length <= Math.min(FEW_BYTES, this.#maxLine)
      ? this.#splitters.splitWhole(chunk)
      : this.#splitPart(chunk);
  }

  /** Feeds a splitter of our own. */
  async #splitPart(chunk: Uint8Array): Promise<string[]> {
    const splitter = this.#splitter ??= this.#splitters.take();
    const text = withoutEmptyLines(this.#decode(chunk, splitter.decoder));
    const lines = text === "" ? [] : await splitter.split(text);
    if (this.#lineBytes === 0) {
      this.#splitter = undefined;
      this.#splitters.giveBack(splitter);
    }
    return lines;
  }

  /** Chunk → text, with lines over the limit cut out. */
  #decode(chunk: Uint8Array, decoder: TextDecoder): string {
    // Most chunks are too small to hold a line over the limit: then only the last line end matters.
    if (!this.#skipping && this.#lineBytes + chunk.length <= this.#maxLine) {
      const end = chunk.lastIndexOf(LF);
      this.#lineBytes = end === -1 ? this.#lineBytes + chunk.length : chunk.length - end - 1;
      this.#endsInCR = chunk[chunk.length - 1] === CR;
      return decoder.decode(chunk, { stream: true });
    }
    let text = "";
    for (let start = 0; start < chunk.length;) {
      const end = chunk.indexOf(LF, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      text += this.#decodePart(part, end !== -1, decoder);
      if (end === -1) break;
      start = end + 1;
    }
    return text;
  }

  /** A part of one line, up to its end if `ends`. */
  #decodePart(part: Uint8Array, ends: boolean, decoder: TextDecoder): string {
    if (this.#skipping) {
      this.#skipping = !ends;
      if (ends) this.#lineBytes = 0;
      return "";
    }
    this.#lineBytes += part.length;
    if (part.length > 0) this.#endsInCR = part[part.length - 1] === CR;
    // A `\r` at the limit may belong to the line's end: what follows decides.
    const counted = this.#lineBytes - (this.#endsInCR ? 1 : 0);
    if (counted > this.#maxLine) {
      this.#skipping = !ends;
      this.#lineBytes = 0;
      decoder.decode(); // forget a character that may be unfinished
      return OVERLONG_MARK + "\n";
    }
    const text = decoder.decode(part, { stream: true });
    if (!ends) return text;
    this.#lineBytes = 0;
    this.#endsInCR = false;
    return text + decoder.decode() + "\n";
  }

  /** Grows the buffer while reads fill it and lets go of a large one when they no longer do. */
  #fitBuffer(count: number): void {
    const size = this.#buffer.length;
    if (count === size && size < MAX_BUFFER_BYTES) {
      this.#buffer = new Uint8Array(size * 4);
    } else if (size > MAX_BUFFER_BYTES) {
      this.#buffer = new Uint8Array(MIN_BUFFER_BYTES); // it began with that
    } else if (count < size / 16 && size > MIN_BUFFER_BYTES) {
      this.#buffer = new Uint8Array(size / 4);
    }
  }
}

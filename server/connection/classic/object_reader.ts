/**
 * Bytes of a connection → JSON objects that nothing stands between, with bounded memory.
 *
 * @module
 */

import { type LineReaderOptions, OVERLONG_MARK } from "../../../common/wire/lines.ts";
import { lineEndAt, skipWhite } from "./detection.ts";
import type { Intake } from "./intake.ts";
import { ObjectScanner, OPENING } from "./object_scanner.ts";

/** Stands for something between two objects. Text decoded from UTF-8 has no lone surrogates, so no peer can write this. */
export const STRAY_MARK = "\uDFFE";

type TakeAtOnce = NonNullable<LineReaderOptions["takeAtOnce"]>;

/**
 * Reads a connection object by object, as an async iterator of batches, as `LineReader` does with lines.
 *
 * Guarantees:
 * 1. Every object's text is yielded once, in order; white space between objects is left out.
 * 2. Anything else between them, or an object over the limit, is yielded as a mark ({@linkcode STRAY_MARK},
 *    `isOverlong`), and it is the last: what comes behind it is read and dropped. Memory held for an object never
 *    exceeds the limit and one read.
 * 3. Bytes that are not UTF-8 become U+FFFD.
 * 4. An object that has not ended when the input does is never yielded.
 * 5. Nothing is read before the consumer asks for the next batch, but by {@linkcode ObjectReader.ahead}.
 * 6. If a line's end stands directly behind an object that is not the first, the batches end, and {@linkcode
 *    ObjectReader.hasLines} is set: the intake has that object, unless it was yielded, and what is behind it.
 */
export class ObjectReader implements AsyncIterable<readonly string[]> {
  readonly #intake: Intake;
  readonly #maxLine: number;
  readonly #takeAtOnce: TakeAtOnce;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #scanner = new ObjectScanner();
  /** Bytes of the intake that were scanned: of an object that goes on. */
  #scanned = 0;
  #isFirst = true;
  /** The intake begins directly behind an object that was yielded, not the first. */
  #isBehindObject = false;
  #isBroken = false;
  #hasLines = false;

  /**
   * Makes a reader.
   *
   * @param intake May hold what was read already.
   * @param maxLine Bytes of an object.
   * @param takeAtOnce Given each batch before it is yielded: see `LineReaderOptions`.
   */
  constructor(intake: Intake, maxLine: number, takeAtOnce: TakeAtOnce = (texts) => texts) {
    this.#intake = intake;
    this.#maxLine = maxLine;
    this.#takeAtOnce = takeAtOnce;
  }

  /** Whether requests come as lines from now on. */
  get hasLines(): boolean {
    return this.#hasLines;
  }

  /** See `LineReader.ahead`. */
  ahead(): Promise<number | null> {
    return this.#intake.ahead();
  }

  /** The objects' texts, a batch per read. Can be iterated once. */
  async *[Symbol.asyncIterator](): AsyncGenerator<readonly string[], void, void> {
    do {
      const texts = this.#isBroken ? this.#drop() : this.#take();
      const left = texts.length === 0 ? undefined : this.#takeAtOnce(texts);
      if (left !== undefined) yield left;
    } while (!this.#hasLines && await this.#intake.more());
  }

  #drop(): readonly string[] {
    this.#intake.take(this.#intake.bytes.length);
    return [];
  }

  /** Takes the objects that end in what was read. */
  #take(): readonly string[] {
    const texts: string[] = [];
    const { bytes } = this.#intake;
    let start = 0;
    if (this.#isBehindObject) {
      const size = lineEndAt(bytes, 0);
      if (size === undefined) return texts;
      this.#isBehindObject = false;
      this.#hasLines = size > 0;
      start = size;
    }
    while (!this.#hasLines && !this.#isBehindObject) {
      if (!this.#scanner.isInside) {
        start = skipWhite(bytes, start);
        if (start === bytes.length) break;
        if (bytes[start] !== OPENING) return this.#break(texts, STRAY_MARK);
      }
      const end = this.#scanner.scan(bytes, start + this.#scanned);
      const size = (end === -1 ? bytes.length : end) - start;
      if (size > this.#maxLine) return this.#break(texts, OVERLONG_MARK);
      this.#scanned = end === -1 ? size : 0;
      if (end === -1) break;
      const lineEnd = this.#isFirst ? 0 : lineEndAt(bytes, end);
      this.#isFirst = false;
      this.#hasLines = lineEnd !== undefined && lineEnd > 0;
      if (this.#hasLines) break;
      texts.push(this.#decoder.decode(bytes.subarray(start, end)));
      this.#isBehindObject = lineEnd === undefined;
      start = end;
    }
    this.#intake.take(start);
    return texts;
  }

  /** Nothing behind this can be told apart. */
  #break(texts: string[], mark: string): readonly string[] {
    this.#isBroken = true;
    this.#drop();
    texts.push(mark);
    return texts;
  }
}

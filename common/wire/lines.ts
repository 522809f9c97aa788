/**
 * Bytes of a connection → lines of text, with bounded memory.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { ByteReceiver, ByteSource } from "../link.ts";
import { type LineReceiver, type Splitter, SplitterPool, withoutEmptyLines } from "./splitter.ts";

/** Lines that came together. */
export type Lines = readonly string[];

/** How a {@linkcode LineReader} reads. */
export interface LineReaderOptions {
  /**
   * Bytes of a line without its end (`\n` or `\r\n`).
   *
   * @default {32768}
   */
  readonly maxLine?: number;
  /** Called after each read that brought bytes, before its lines are yielded. */
  onBytes?(count: number): void;
  /**
   * Given each batch before it is yielded: takes what it can at once.
   *
   * @returns What is left, to be yielded even if it is nothing; `undefined` goes on reading without the consumer.
   */
  takeAtOnce?(lines: Lines): Lines | undefined;
  /**
   * Told how many bytes more the reader holds of lines that are not read whole or not served yet, or less. Fewer than
   * {@linkcode FEW_BYTES} are not counted.
   */
  onHeld?(bytes: number): void;
  /**
   * Called before reading again, with the bytes of the last read, and before more of its lines are yielded, with
   * `Infinity`; what it returns is waited for.
   */
  beforeReading?(count: number): Promise<void> | undefined;
  /**
   * Where splitters come from; connections may share it.
   *
   * @default {an own one}
   */
  readonly splitters?: SplitterPool;
}

/** What was read already: the first `count` bytes of a buffer. */
export interface Begun {
  /** The reader's own from now on. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** How many bytes of it there are; may be 0. */
  readonly count: number;
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

/** A batch has no more lines: splitting hundreds takes a time that others notice. */
export const BATCH_LINES = 32;

/** A quiet connection holds this much; it takes any usual frame. */
const MIN_BUFFER_BYTES = 512;
/** One read takes no more, so that no connection's backlog keeps the others waiting for long. */
const MAX_BUFFER_BYTES = 8_192;

/** What any connection may hold without being counted for it. */
const FEW_BYTES = 512;

const OVER = { value: undefined, done: true } as const;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads a connection line by line, as an async iterator of batches: each batch holds lines that one read completed,
 * {@linkcode BATCH_LINES} at most.
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
 * 6. Where the source gives its bytes to receivers, no buffer is held while the peer is silent.
 */
export class LineReader implements AsyncIterableIterator<Lines, void>, ByteReceiver, LineReceiver {
  readonly #source: ByteSource;
  readonly #maxLine: number;
  readonly #options: LineReaderOptions;
  readonly #splitters: SplitterPool;
  /** Only while there is an unfinished line. */
  #splitter: Splitter | undefined;
  /** What is read into, where the source does not give its bytes to receivers. */
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  /** A read into the buffer that is under way, or whose bytes nobody has taken yet. */
  #ahead: Promise<number | null> | undefined;
  /** The source has us as its receiver. */
  #isReceiving = false;
  /** Who asked meanwhile what comes. */
  #asked: PromiseWithResolvers<number | null> | undefined;
  /** Bytes of the last read. */
  #count = 0;
  /** What it brought, as far as it is not split yet. */
  #text = "";
  /** The end has come. */
  #isOver = false;
  /** Bytes of the unfinished line so far. */
  #lineBytes = 0;
  /** Bytes that are held, as far as they count. */
  #heldBytes = 0;
  /** The unfinished line was over the limit and has been yielded; drop up to its end. */
  #skipping = false;
  /** The last byte seen was a `\r`, which does not count if a `\n` follows. */
  #endsInCR = false;
  /** Settle what the consumer waits for. */
  #resolve!: (result: IteratorResult<Lines, void>) => void;
  #reject!: (error: unknown) => void;

  /**
   * Makes a reader; nothing is read before the first batch is asked for.
   *
   * @param source The connection.
   * @param options See {@linkcode LineReaderOptions}.
   * @param begun What comes before all that is read.
   */
  constructor(
    source: ByteSource,
    options: LineReaderOptions = {},
    begun: Begun | undefined = undefined,
  ) {
    this.#source = source;
    this.#maxLine = options.maxLine ?? LIMITS.maxLine;
    this.#options = options;
    this.#splitters = options.splitters ?? new SplitterPool();
    if (begun === undefined || begun.count === 0) return;
    this.#buffer = begun.buffer;
    this.#ahead = Promise.resolve(begun.count);
  }

  /** This reader: it can be iterated once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The lines of the next read that completes some. One call at a time; rejects if reading fails. */
  next(): Promise<IteratorResult<Lines, void>> {
    // By hand: a generator takes five promises for each read, and holds two while the peer is silent.
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#goOn();
    });
  }

  /**
   * Begins the next read, unless it is under way, while the consumer is still busy: to know whether the peer says
   * something, or has hung up. The bytes of that one read, at most 8 KiB, stay for the consumer.
   *
   * @returns How many bytes there are to be taken; `null` at the end. Rejects if the read fails.
   */
  ahead(): Promise<number | null> {
    if (this.#isReceiving) return (this.#asked ??= Promise.withResolvers()).promise;
    return this.#ahead ??= this.#source.read(
      this.#buffer ??= new Uint8Array(MIN_BUFFER_BYTES),
    );
  }

  /** See {@linkcode ByteReceiver}. For the source. */
  onBytes(bytes: Uint8Array): void {
    this.#isReceiving = false;
    this.#asked?.resolve(bytes.length);
    this.#asked = undefined;
    this.#take(bytes);
  }

  /** See {@linkcode ByteReceiver}. For the source. */
  onEnd(error?: Error): void {
    this.#isReceiving = false;
    if (error === undefined) {
      this.#asked?.resolve(null);
      this.#finish();
    } else {
      this.#asked?.reject(error);
      this.#reject(error);
    }
  }

  /** See {@linkcode LineReceiver}. For splitters. */
  onLines(lines: Lines): void {
    try {
      if (lines.length === 0) return this.#goOn();
      const left = this.#options.takeAtOnce ? this.#options.takeAtOnce(lines) : lines;
      if (left === undefined) this.#goOn();
      else this.#resolve({ value: left, done: false });
    } catch (error) {
      this.#reject(error);
    }
  }

  /** What was yielded is served. */
  #goOn(): void {
    try {
      const isMore = this.#text !== "";
      if (!isMore) this.#hold(this.#lineBytes);
      const pause = this.#count === 0
        ? undefined
        : this.#options.beforeReading?.(isMore ? Infinity : this.#count);
      if (pause === undefined) this.#readOn();
      else pause.then(() => this.#readOn());
    } catch (error) {
      this.#reject(error);
    }
  }

  #readOn(): void {
    if (this.#text !== "") this.#split();
    else if (this.#isOver) this.#resolve(OVER);
    else if (this.#ahead === undefined && this.#source.receive !== undefined) {
      this.#isReceiving = true;
      this.#source.receive(this);
    } else this.#readInto().catch(this.#reject);
  }

  /** A read into our own buffer. */
  async #readInto(): Promise<void> {
    const count = await this.ahead();
    this.#ahead = undefined;
    if (count === null) return await this.#finish();
    this.#take(this.#buffer!.subarray(0, count));
  }

  #take(chunk: Uint8Array): void {
    this.#count = chunk.length;
    try {
      this.#options.onBytes?.(this.#count);
      this.#hold(this.#lineBytes + this.#count);
      this.#text = withoutEmptyLines(this.#textOf(chunk));
      this.#fitBuffer(this.#count);
      this.#split();
    } catch (error) {
      this.#reject(error);
    }
  }

  async #finish(): Promise<void> {
    const splitter = this.#splitter;
    this.#splitter = undefined;
    this.#isOver = true;
    try {
      const last = await splitter?.finish();
      this.onLines(last === undefined ? [] : [last]);
    } catch (error) {
      this.#reject(error);
    }
  }

  #hold(bytes: number): void {
    const counted = bytes > FEW_BYTES ? bytes : 0;
    if (counted === this.#heldBytes) return;
    this.#options.onHeld?.(counted - this.#heldBytes);
    this.#heldBytes = counted;
  }

  /** Chunk → text. From a chunk that is not of whole lines to one that ends with a line there is a splitter of our own. */
  #textOf(chunk: Uint8Array): string {
    const isWhole = this.#splitter === undefined && !this.#skipping &&
      chunk[chunk.length - 1] === LF && chunk.length <= this.#maxLine;
    if (isWhole) return this.#splitters.decodeWhole(chunk);
    this.#splitter ??= this.#splitters.take();
    return this.#decode(chunk, this.#splitter.decoder);
  }

  /** Splits the next lines of the text. */
  #split(): void {
    const end = endOfBatch(this.#text);
    const part = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    if (this.#splitter === undefined) this.#splitters.splitWhole(part, this);
    else {
      this.#splitPart(part, this.#splitter).then((lines) => this.onLines(lines), this.#reject);
    }
  }

  /** Feeds a splitter of our own. */
  async #splitPart(part: string, splitter: Splitter): Promise<string[]> {
    const lines = part === "" ? [] : await splitter.split(part);
    if (this.#text === "" && this.#lineBytes === 0) {
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
    if (this.#buffer === undefined) return;
    const size = this.#buffer.length;
    // It is needed for reading ahead only, or began with what another reader had read.
    if (this.#source.receive !== undefined) this.#buffer = undefined;
    else if (count === size && size < MAX_BUFFER_BYTES) {
      this.#buffer = new Uint8Array(size * 4);
    } else if (size > MAX_BUFFER_BYTES) {
      this.#buffer = new Uint8Array(MIN_BUFFER_BYTES); // it began with that
    } else if (count < size / 16 && size > MIN_BUFFER_BYTES) {
      this.#buffer = new Uint8Array(size / 4);
    }
  }
}

/** Where the first {@linkcode BATCH_LINES} lines of a text end, or the text. */
function endOfBatch(text: string): number {
  let end = 0;
  for (let count = 0; count < BATCH_LINES; count++) {
    const at = text.indexOf("\n", end);
    if (at === -1) return text.length;
    end = at + 1;
  }
  return end;
}

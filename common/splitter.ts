/**
 * Bytes → text → lines, and a pool of what does that.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

/** A `TextLineStream` with a decoder in front. Holds an unfinished line between two calls. */
export class Splitter {
  /** Decodes as it goes: what is unfinished at the end of a chunk stays in here. */
  readonly decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #writer: WritableStreamDefaultWriter<string>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  /** A read that waits for the first line to come. */
  #ahead: Promise<ReadableStreamReadResult<string>> | undefined;

  /** Makes an empty splitter. */
  constructor() {
    const stream = new TextLineStream();
    this.#writer = stream.writable.getWriter();
    this.#reader = stream.readable.getReader();
  }

  /** Takes more text and gives the lines that this completes, without their ends, empty ones left out. */
  async split(text: string): Promise<string[]> {
    // The stream runs while a read waits for it; without one, pieces of a line would queue up one by one.
    this.#ahead ??= this.#reader.read();
    this.#writer.write(text);
    const lines: string[] = [];
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      const { value } = await (this.#ahead ?? this.#reader.read());
      this.#ahead = undefined;
      if (value) lines.push(value);
    }
    return lines;
  }

  /** Gives the unfinished line, if there is one. Nothing may be split afterwards. */
  async finish(): Promise<string | undefined> {
    const rest = this.decoder.decode();
    if (rest !== "") await this.split(rest);
    this.#writer.close();
    return (await (this.#ahead ?? this.#reader.read())).value || undefined;
  }
}

/** So many idle splitters are kept; more are hardly in use within one turn of the event loop. */
const MAX_IDLE = 256;

/**
 * Splitters for many connections. A connection that is between two lines needs none, and a splitter takes 11 of
 * the 26 KiB that an idle connection would cost otherwise.
 */
export class SplitterPool {
  readonly #idle: Splitter[] = [];

  /** An empty splitter. */
  take(): Splitter {
    return this.#idle.pop() ?? new Splitter();
  }

  /** Takes a splitter back. It must be empty: the last text that it was given ended in a line's end. */
  giveBack(splitter: Splitter): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(splitter);
  }
}

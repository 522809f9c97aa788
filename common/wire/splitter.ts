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
  split(text: string): Promise<string[]> {
    this.write(text);
    return this.readLines(text);
  }

  /** Takes more text. */
  write(text: string): void {
    // The stream runs while a read waits for it; without one, pieces of a line would queue up one by one.
    this.#ahead ??= this.#reader.read();
    this.#writer.write(text);
  }

  /** Gives the lines that a text completed which has been written; texts must be asked for in their order. */
  async readLines(text: string): Promise<string[]> {
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

/** Idle splitters that are kept; one turn of the event loop hardly uses more. */
const MAX_IDLE = 256;

/**
 * Leaves out empty lines within a chunk: they cost the peer a byte and the splitter a promise each, and no rate
 * limits them.
 */
export function withoutEmptyLines(text: string): string {
  if (!text.includes("\n\n") && !text.includes("\n\r\n")) return text;
  return text.replace(/\n(?:\r?\n)+/g, "\n");
}

/** Who is given lines. */
export interface LineReceiver {
  /** Takes lines without their ends; may be none. Must not throw. */
  onLines(lines: string[]): void;
}

/** A connection's whole lines, waiting to be split. */
interface Waiting {
  readonly text: string;
  readonly receiver: LineReceiver;
}

/**
 * Splitters for many connections. A connection that is between two lines needs none: with one each, an idle
 * connection would cost nearly twice the memory.
 */
export class SplitterPool {
  readonly #idle: Splitter[] = [];
  /** For whole lines: empty between two calls. */
  readonly #shared = new Splitter();
  #waiting: Waiting[] = [];
  #isSplitting = false;

  /** An empty splitter. */
  take(): Splitter {
    return this.#idle.pop() ?? new Splitter();
  }

  /** Takes a splitter back. It must be empty: the last text that it was given ended in a line's end. */
  giveBack(splitter: Splitter): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(splitter);
  }

  /** The text of whole lines: the last byte must be a line's end. */
  decodeWhole(chunk: Uint8Array): string {
    return this.#shared.decoder.decode(chunk);
  }

  /**
   * Splits whole lines. What all connections say in one turn goes through one splitter at once: handing it a text
   * costs several times what splitting off a line does.
   *
   * @param text Lines with their ends.
   * @param receiver Given the lines, empty ones left out, later in this turn.
   */
  splitWhole(text: string, receiver: LineReceiver): void {
    this.#waiting.push({ text, receiver });
    if (this.#isSplitting) return;
    this.#isSplitting = true;
    queueMicrotask(() => this.#splitWaiting());
  }

  /** Never runs twice at a time: lines are told apart by their order alone. */
  async #splitWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#shared.write(waiting.map(({ text }) => text).join(""));
      for (const { text, receiver } of waiting) {
        receiver.onLines(await this.#shared.readLines(text));
      }
    }
    this.#isSplitting = false;
  }
}

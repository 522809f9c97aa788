/**
 * Lines of several speakers on one stream.
 *
 * @module
 */

import type { ByteSink } from "../common/link.ts";
import { printable } from "../common/printable.ts";

/** Green, yellow, blue, magenta, cyan and their bright forms: red is for errors, black and white may be invisible. */
const COLOURS = [32, 33, 34, 35, 36, 92, 93, 94, 95, 96] as const;
/** When a write that the stream refused for the moment is tried again. */
const RETRY_MS = 10;

/**
 * Says who said a line: the name, padded so that all texts begin in one column, and a bar.
 *
 * @param speakers All names; with colour the first is grey, the others have ten colours in turn.
 */
export function prefixer(
  speakers: readonly string[],
  colour: boolean,
): (speaker: string, text: string) => string {
  const width = Math.max(0, ...speakers.map((name) => [...name].length));
  return (speaker, text) => {
    const index = speakers.indexOf(speaker);
    const label = `${speaker}${" ".repeat(Math.max(0, width - [...speaker].length))} |`;
    const code = index < 1 ? 90 : COLOURS[(index - 1) % COLOURS.length];
    return `${colour ? `\x1b[${code}m${label}\x1b[0m` : label} ${printable(text)}`;
  };
}

/**
 * Writes lines as fast as the stream takes them, while the program goes on. Guarantees: lines are never mixed or
 * reordered; a stream that nobody reads any more is reported once, and what is written to it afterwards is dropped.
 */
export class LineWriter {
  readonly #sink: ByteSink;
  readonly #onBroken: () => void;
  #waiting = "";
  #writing: Promise<void> | undefined;
  #isBroken = false;

  /** Writes to this stream, and calls `onBroken` once if it takes no more. */
  constructor(sink: ByteSink, onBroken: () => void = () => {}) {
    this.#sink = sink;
    this.#onBroken = onBroken;
  }

  /** Puts a line in the queue. */
  writeLine(line: string): void {
    if (this.#isBroken) return;
    this.#waiting += line + "\n";
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all that was put in has been written or dropped. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting !== "") {
        const bytes = new TextEncoder().encode(this.#waiting);
        this.#waiting = "";
        for (let at = 0; at < bytes.length;) at += await this.#writeSome(bytes.subarray(at));
      }
    } catch {
      this.#isBroken = true;
      this.#onBroken();
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeSome(bytes: Uint8Array): Promise<number> {
    try {
      return await this.#sink.write(bytes);
    } catch (error) {
      // Whoever shares the stream may have made it non-blocking (Node does so with pipes).
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return 0;
    }
  }
}

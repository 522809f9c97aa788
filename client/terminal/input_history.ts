/**
 * What a person typed, kept from one run to the next.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { mayRemember } from "../chat/input.ts";
import { isGranted } from "../granted.ts";

/** How many lines are kept. */
export const HISTORY_SIZE = 500;

/** The file of one person's history. */
export class HistoryFile {
  readonly #path: string;
  /** What was in the file, newest first. */
  readonly lines: string[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, lines: string[]) {
    this.#path = path;
    this.lines = lines;
  }

  /**
   * Opens the history of a name.
   *
   * @param dir Where it is; made if need be.
   * @param name Whose it is.
   * @returns Nothing where reading and writing are not permitted already, or do not work: a history is a comfort.
   */
  static async open(dir: string, name: string): Promise<HistoryFile | undefined> {
    if (!await isGranted("read", dir) || !await isGranted("write", dir)) return undefined;
    // A name may hold characters that a file system does not take, and never a slash.
    const path = `${dir}/${encodeURIComponent(foldName(name))}.txt`;
    try {
      await Deno.mkdir(dir, { recursive: true });
      const text = await Deno.readTextFile(path).catch((error) => {
        if (error instanceof Deno.errors.NotFound) return "";
        throw error;
      });
      const lines = text.split("\n").filter((line) => line !== "" && mayRemember(line));
      return new HistoryFile(path, lines.reverse().slice(0, HISTORY_SIZE));
    } catch {
      return undefined;
    }
  }

  /**
   * Writes the file, which its owner alone may read. What cannot be written is not kept.
   *
   * @param lines Newest first.
   */
  save(lines: readonly string[]): void {
    const text = lines.toReversed().map((line) => line + "\n").join("");
    this.#writing = this.#writing.then(() => Deno.writeTextFile(this.#path, text, { mode: 0o600 }))
      .catch(() => {});
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }
}

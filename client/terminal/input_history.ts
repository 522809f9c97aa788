/**
 * What a person typed, kept from one run to the next.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { mayRemember } from "../chat/input.ts";
import { isGranted } from "../granted.ts";

/** How many lines are kept. */
export const INPUT_HISTORY_LINES = 500;

/** The typed lines of one person, in a file. */
export class InputHistory {
  readonly #path: string;
  /** What was in the file, newest first. */
  readonly lines: string[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, lines: string[]) {
    this.#path = path;
    this.lines = lines;
  }

  /**
   * Opens the input history of a name.
   *
   * @param dir The folder; made if it is missing.
   * @param name Whose it is.
   * @returns Nothing where reading and writing are not permitted already, or fail: the chat works without.
   */
  static async open(dir: string, name: string): Promise<InputHistory | undefined> {
    if (!await isGranted("read", dir) || !await isGranted("write", dir)) return undefined;
    // A name may hold characters that file systems refuse, but never a slash.
    const path = `${dir}/${encodeURIComponent(foldName(name))}.txt`;
    try {
      await Deno.mkdir(dir, { recursive: true });
      const text = await Deno.readTextFile(path).catch((error) => {
        if (error instanceof Deno.errors.NotFound) return "";
        throw error;
      });
      const lines = text.split("\n").filter((line) => line !== "" && mayRemember(line));
      return new InputHistory(path, lines.reverse().slice(0, INPUT_HISTORY_LINES));
    } catch {
      return undefined;
    }
  }

  /**
   * Writes the file, which only its owner may read. An error means that nothing is kept; nobody is told.
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

/**
 * What a person typed, kept from one run to the next.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { makePrivateDirectory } from "../../common/private_files.ts";
import { mayRemember } from "../chat/input.ts";
import { isGranted } from "../granted.ts";
import { updateSharedFile } from "./shared_file.ts";

/** How many lines are kept. */
export const INPUT_HISTORY_LINES = 500;

/** The typed lines of one person, in a file that several clients may share. */
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
      makePrivateDirectory(dir);
      const lines = await update(path, (lines) => lines, { create: false }).catch((error) => {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      });
      return new InputHistory(path, lines.toReversed());
    } catch {
      return undefined;
    }
  }

  /**
   * Adds a line to the file, which only its owner may read, as the newest one; what other clients have added stays. An
   * error means that it is not kept; nobody is told.
   */
  add(line: string): void {
    const append = (
      lines: string[],
    ): string[] => [...lines.filter((other) => other !== line), line];
    this.#writing = this.#writing.then(() => update(this.#path, append, { create: true })).then(
      () => {},
      () => {},
    );
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }
}

/**
 * Changes the file while no other client reads or changes it.
 *
 * @param change Gets the lines and gives the new ones, oldest first.
 * @returns The new lines that were kept.
 */
async function update(
  path: string,
  change: (lines: string[]) => string[],
  { create }: { create: boolean },
): Promise<string[]> {
  let lines: string[] = [];
  await updateSharedFile(path, (text) => {
    lines = change(text.split("\n").filter((line) => line !== "" && mayRemember(line)))
      .slice(-INPUT_HISTORY_LINES);
    return lines.map((line) => line + "\n").join("");
  }, { create });
  return lines;
}

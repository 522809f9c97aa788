/**
 * The person's own words for command lines.
 *
 * @module
 */

import type { Profile } from "../profile/profile.ts";
import { splitWord, withoutSlash, type Words } from "./input.ts";

/** The aliases of the settings. A command's word is never one, so that the commands stay as the help tells. */
export class Aliases {
  readonly #profile: Pick<Profile, "table">;
  readonly #isCommand: (word: string) => boolean;

  /**
   * Goes by what the settings say at the moment.
   *
   * @param isCommand Whether a word names a command.
   */
  constructor(profile: Pick<Profile, "table">, isCommand: (word: string) => boolean) {
    this.#profile = profile;
    this.#isCommand = isCommand;
  }

  /** The words that can be typed. */
  get words(): string[] {
    return [...this.#all.keys()].filter((word) => !this.#isCommand(word));
  }

  /** The words that cannot, since commands have them. */
  get hidden(): string[] {
    return [...this.#all.keys()].filter(this.#isCommand);
  }

  /** The command line behind a word; case does not matter. */
  find(word: string): string | undefined {
    const folded = word.toLowerCase();
    return this.#isCommand(folded) ? undefined : this.#all.get(folded);
  }

  /**
   * The command that is meant by a word and what stands behind it: the words of the alias, then those. An alias may begin
   * with another one, but none comes twice.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   *
   * const table = () => new Map([["gs", "message #dev good night"]]);
   * const aliases = new Aliases({ table }, (word) => word === "message");
   * assertEquals(aliases.expand({ word: "gs", rest: "all" }), {
   *   word: "message",
   *   rest: "#dev good night all",
   * });
   * ```
   */
  expand({ word, rest }: Words): Words {
    const all = this.#all;
    for (;;) {
      const folded = word.toLowerCase();
      const line = this.#isCommand(folded) ? undefined : all.get(folded);
      if (line === undefined) return { word, rest };
      all.delete(folded);
      const first = splitWord(withoutSlash(line.trim()));
      word = first.word;
      rest = [first.rest, rest].filter((part) => part !== "").join(" ");
    }
  }

  get #all(): Map<string, string> {
    const table = this.#profile.table("aliases");
    return new Map([...table].map(([word, line]) => [word.toLowerCase(), line]));
  }
}

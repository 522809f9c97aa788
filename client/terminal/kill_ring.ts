/**
 * What was cut.
 *
 * @module
 */

/** As much as a shell keeps. */
const MAX_KILLS = 32;

/** The last texts that were cut, to be put back. */
export class KillRing {
  /** Newest first. */
  readonly #kills: string[] = [];
  #at = 0;

  /** A text was cut; an empty one does not count. */
  add(text: string): void {
    if (text === "") return;
    this.#kills.unshift(text);
    this.#kills.length = Math.min(this.#kills.length, MAX_KILLS);
  }

  /** What was cut last. */
  get newest(): string | undefined {
    this.#at = 0;
    return this.#kills[0];
  }

  /** What was cut before the one that was asked for last; behind the oldest comes the newest. */
  older(): string | undefined {
    if (this.#kills.length === 0) return undefined;
    this.#at = (this.#at + 1) % this.#kills.length;
    return this.#kills[this.#at];
  }
}

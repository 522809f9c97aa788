/**
 * The conversations in which something was missed.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { Gap } from "./gap.ts";

/** Gaps by the folded names of their conversations, in the order in which they were opened. */
export class Gaps implements Iterable<Gap> {
  readonly #gaps = new Map<string, Gap>();

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#gaps.size === 0;
  }

  /** How much waits behind all of them: arrivals, and the UTF-16 units of their lines. */
  get waiting(): { arrivals: number; units: number } {
    let [arrivals, units] = [0, 0];
    for (const gap of this) {
      arrivals += gap.waiting;
      units += gap.units;
    }
    return { arrivals, units };
  }

  /** The gap of a conversation, if there is one. */
  get(name: string): Gap | undefined {
    return this.#gaps.get(foldName(name));
  }

  /** Whether a gap is one of these, and not closed. */
  has(gap: Gap): boolean {
    return this.get(gap.name) === gap;
  }

  /**
   * The gap of a conversation; makes one if there is none.
   *
   * @param after The last message that was seen, for a new one.
   */
  open(name: string, after: number): Gap {
    const gap = this.get(name) ?? new Gap(name, after);
    this.#gaps.set(foldName(name), gap);
    return gap;
  }

  /** Takes a gap out; `false` if it was not in any more. */
  close(gap: Gap): boolean {
    return this.has(gap) && this.#gaps.delete(foldName(gap.name));
  }

  /** The gaps of now: closing one while looking at them disturbs nothing. */
  [Symbol.iterator](): IterableIterator<Gap> {
    return [...this.#gaps.values()].values();
  }
}

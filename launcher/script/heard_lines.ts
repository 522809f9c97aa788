/**
 * The lines that one process has printed, for a script that waits for them.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { within } from "../within.ts";

/** Older lines are forgotten when more than this are said between two waits. */
const MAX_LINES = 10_000;

/**
 * The lines of one speaker, each waited for at most once.
 *
 * Guarantees: a wait looks at the lines since the one that the last successful wait found, those said before the
 * wait began included. One wait at a time.
 */
export class HeardLines {
  readonly #clock: Clock;
  #lines: string[] = [];
  #waiting: { pattern: RegExp; settle: (found: boolean) => void } | undefined;
  #isOver = false;

  /** Nothing was said yet; the clock measures waits. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last lines that no wait has found yet. */
  last(count: number): string[] {
    return this.#lines.slice(-count);
  }

  /** The speaker has said this. */
  say(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    if (!this.#waiting?.pattern.test(line)) return;
    this.#lines = [];
    this.#waiting.settle(true);
    this.#waiting = undefined;
  }

  /** The speaker says no more. */
  end(): void {
    this.#isOver = true;
    this.#waiting?.settle(false);
  }

  /**
   * Resolves with whether a line that matches was heard in time, before the speaker fell silent for good.
   *
   * @param pattern Without the flags `g` and `y`.
   */
  async wait(pattern: RegExp, seconds: number): Promise<boolean> {
    const found = this.#lines.findIndex((line) => pattern.test(line));
    if (found !== -1) this.#lines.splice(0, found + 1);
    if (found !== -1 || this.#isOver) return found !== -1;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting = { pattern, settle: resolve };
    const isHeard = await within(seconds * 1000, promise, this.#clock);
    this.#waiting = undefined;
    return isHeard ?? false;
  }
}

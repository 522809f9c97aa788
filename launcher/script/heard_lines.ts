/**
 * What somebody has said, for those who wait to hear it.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";

/** A speaker who says more than this between two waits is heard from here on only. */
const MAX_LINES = 10_000;

interface Waiting {
  pattern: RegExp;
  heard: (found: boolean) => void;
}

/**
 * The lines of one speaker, each waited for at most once.
 *
 * Guarantees: a wait looks at the lines since the one that the last successful wait found, those said before the
 * wait began included; it ends at the first line that matches, when the speaker falls silent for good, or when its
 * time is up. One wait at a time.
 */
export class HeardLines {
  readonly #clock: Clock;
  #lines: string[] = [];
  #waiting: Waiting | undefined;
  #isOver = false;

  /**
   * Nothing was said yet.
   *
   * @param clock Whose time a wait's time is.
   */
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
    if (this.#waiting?.pattern.test(line)) {
      this.#lines = [];
      this.#waiting.heard(true);
    }
  }

  /** The speaker says no more. */
  end(): void {
    this.#isOver = true;
    this.#waiting?.heard(false);
  }

  /**
   * Resolves with whether a line that matches was heard.
   *
   * @param pattern Without the flags `g` and `y`.
   * @param seconds How long to wait for it.
   */
  async wait(pattern: RegExp, seconds: number): Promise<boolean> {
    const found = this.#lines.findIndex((line) => pattern.test(line));
    if (found !== -1) {
      this.#lines.splice(0, found + 1);
      return true;
    }
    if (this.#isOver) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#clock.setTimeout(() => resolve(false), seconds * 1000);
    this.#waiting = { pattern, heard: resolve };
    try {
      return await promise;
    } finally {
      this.#clock.clearTimeout(timer);
      this.#waiting = undefined;
    }
  }
}

/**
 * How many records were logged.
 *
 * @module
 */

import { BaseHandler } from "@std/log/base-handler";
import type { LogRecord } from "@std/log/logger";

export type { BaseHandler, LogRecord };

/** Counts the records that handlers get, by level, and writes nothing. What `Repeats` sums up is one record. */
export class LevelCounts extends BaseHandler {
  /** How many there were, by the level's name. */
  readonly counts: ReadonlyMap<string, number>;
  readonly #counts = new Map(
    ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"].map((name) => [name, 0]),
  );

  /** Has counted nothing. */
  constructor() {
    super("NOTSET");
    this.counts = this.#counts;
  }

  /** Counts a record. */
  override handle({ levelName }: LogRecord): void {
    this.#counts.set(levelName, (this.#counts.get(levelName) ?? 0) + 1);
  }

  /** Does nothing. */
  override log(): void {}
}

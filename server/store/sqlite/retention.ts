import type { DatabaseSync, StatementSync } from "node:sqlite";

import { type MessageIndex, takeUnits } from "./message_index.ts";

/**
 * Lets go of kept messages that are too old, and of those of conversations that have ended, with their words in the
 * search index. Synchronous; what changes something belongs into a transaction.
 *
 * A row that still waits in a mailbox stays, as a letter and nothing else.
 */
export class SqliteRetention {
  readonly #old: StatementSync;
  readonly #ended: StatementSync;
  readonly #ofEnded: StatementSync;
  readonly #deleteEnded: StatementSync;
  readonly #deleteUnmarked: StatementSync;
  readonly #release: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#old = db.prepare(
      `SELECT id, length(body) AS units FROM messages
         WHERE conversation IS NOT NULL AND time < ? ORDER BY time`,
    );
    this.#ended = db.prepare("SELECT id FROM conversations WHERE ended = 1 LIMIT 1");
    this.#ofEnded = db.prepare(
      "SELECT id, length(body) AS units FROM messages WHERE conversation = ?",
    );
    this.#deleteEnded = db.prepare("DELETE FROM conversations WHERE id = ?");
    this.#deleteUnmarked = db.prepare(
      `DELETE FROM messages
         WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM letters WHERE message = ?1)`,
    );
    this.#release = db.prepare(
      "UPDATE messages SET conversation = NULL, seq = NULL, fingerprint = NULL WHERE id = ?",
    );
  }

  /**
   * Whether there is anything to let go of.
   *
   * @param before Unix seconds: older messages go.
   */
  isDue(before: number): boolean {
    return this.#old.get(before) !== undefined || this.#ended.get() !== undefined;
  }

  /**
   * Lets go of some, at least one if there is one: the time goes with the length of their texts.
   *
   * @param before Unix seconds.
   * @param units About how many code units of rows, at most.
   * @returns Whether there may be more.
   */
  forget(index: MessageIndex, before: number, units: number): boolean {
    const old = takeUnits(this.#old.iterate(before), units);
    this.#letGo(index, old.taken);
    if (old.taken.length > 0) return true;
    const ended = this.#ended.get()?.id as number | undefined;
    if (ended === undefined) return false;
    const gone = takeUnits(this.#ofEnded.iterate(ended), units);
    this.#letGo(index, gone.taken);
    if (!gone.more) this.#deleteEnded.run(ended);
    return true; // perhaps there is another ended one
  }

  #letGo(index: MessageIndex, rows: readonly Record<string, unknown>[]): void {
    for (const row of rows) {
      const id = row.id as number;
      index.changing(id, () => {
        if (this.#deleteUnmarked.run(id).changes === 0) this.#release.run(id);
      });
    }
  }
}

import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { SizeLimit } from "../size_limit.ts";
import type { NameStatus } from "../store.ts";

/** The names that were ever online. Synchronous; what changes something belongs into a transaction. */
export class SqliteNames {
  readonly #size: SizeLimit;
  readonly #status: StatementSync;
  readonly #lastDay: StatementSync;
  readonly #shown: StatementSync;
  readonly #isKnown: StatementSync;
  readonly #remember: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#status = db.prepare(
      `SELECT EXISTS (SELECT 1 FROM accounts WHERE folded = ?1) AS has_account,
              EXISTS (SELECT 1 FROM names WHERE folded = ?1) AS was_online`,
    );
    this.#lastDay = db.prepare("SELECT last_day FROM names WHERE folded = ? AND name = ?");
    this.#shown = db.prepare("SELECT name FROM names WHERE folded = ?");
    this.#isKnown = db.prepare(
      `SELECT 1 FROM names WHERE folded = ?1 UNION ALL SELECT 1 FROM accounts WHERE folded = ?1`,
    );
    this.#remember = db.prepare(
      `INSERT INTO names (folded, name, last_day) VALUES (?, ?, ?)
         ON CONFLICT (folded) DO UPDATE SET name = excluded.name, last_day = excluded.last_day`,
    );
    this.#forget = db.prepare(
      `DELETE FROM names WHERE folded IN (SELECT folded FROM names WHERE last_day < ? LIMIT ?)`,
    );
  }

  /** See `Store.nameStatus`. */
  status(folded: string): NameStatus {
    const row = this.#status.get(folded);
    return row?.has_account === 1 ? "account" : row?.was_online === 1 ? "guest" : "unknown";
  }

  /** The day (since 1970-01-01) at which a name was last remembered in this very form. */
  lastDay(folded: string, name: string): number | undefined {
    return this.#lastDay.get(folded, name)?.last_day as number | undefined;
  }

  /** A name in the form in which it was last remembered. */
  shown(folded: string): string | undefined {
    return this.#shown.get(folded)?.name as string | undefined;
  }

  /**
   * Writes down that a name was online on a day.
   *
   * @returns Whether it is new.
   * @throws {StoreFullError} Only if it is new: a known name's day takes no room.
   */
  remember(folded: string, name: string, day: number): boolean {
    const isNew = this.#isKnown.get(folded) === undefined;
    if (isNew) this.#size.check();
    this.#remember.run(folded, name, day);
    return isNew;
  }

  /** Deletes names that were last online before a day; at most `limit`. Returns how many. */
  forget(beforeDay: number, limit: number): number {
    return Number(this.#forget.run(beforeDay, limit).changes);
  }
}

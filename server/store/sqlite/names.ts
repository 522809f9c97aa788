import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { SizeLimit } from "../size_limit.ts";
import type { KnownPerson, NameStatus } from "../store.ts";

const MINUTES_A_DAY = 1_440;

/** The names that were ever online. Synchronous; what changes something belongs into a transaction. */
export class SqliteNames {
  readonly #size: SizeLimit;
  readonly #status: StatementSync;
  readonly #lastDay: StatementSync;
  readonly #shown: StatementSync;
  readonly #isKnown: StatementSync;
  readonly #remember: StatementSync;
  readonly #forget: StatementSync;
  readonly #person: StatementSync;
  readonly #left: StatementSync;

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
      `INSERT INTO names (folded, name, last_day, last_minute) VALUES (?, ?, ?, ?)
         ON CONFLICT (folded) DO UPDATE
           SET name = excluded.name, last_day = excluded.last_day, last_minute = excluded.last_minute`,
    );
    this.#person = db.prepare(
      `SELECT coalesce(n.name, a.name) AS name, a.id AS account, n.last_minute
         FROM (SELECT ?1 AS folded) f LEFT JOIN names n USING (folded) LEFT JOIN accounts a USING (folded)`,
    );
    this.#left = db.prepare(
      `UPDATE names SET last_minute = ?2, last_day = max(last_day, ?3)
         WHERE folded = ?1 AND (last_minute IS NULL OR last_minute < ?2)`,
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
   * Writes down that a name was online in a minute (since 1970).
   *
   * @returns Whether it is new.
   * @throws {StoreFullError} Only if it is new: a known name's day takes no room.
   */
  remember(folded: string, name: string, minute: number): boolean {
    const isNew = this.#isKnown.get(folded) === undefined;
    if (isNew) this.#size.check();
    this.#remember.run(folded, name, dayOf(minute), minute);
    return isNew;
  }

  /** See `Store.findPerson`. */
  find(folded: string): KnownPerson | undefined {
    const { name, account, last_minute: lastMinute } = this.#person.get(folded)!;
    if (name === null) return undefined;
    return {
      name: name as string,
      isAccount: account !== null,
      ...(lastMinute !== null && { lastMinute: lastMinute as number }),
    };
  }

  /** See `Store.noteLeft`. */
  noteLeft(left: readonly (readonly [string, number])[]): void {
    for (const [folded, minute] of left) this.#left.run(folded, minute, dayOf(minute));
  }

  /** Deletes names that were last online before a day; at most `limit`. Returns how many. */
  forget(beforeDay: number, limit: number): number {
    return Number(this.#forget.run(beforeDay, limit).changes);
  }
}

function dayOf(minute: number): number {
  return Math.floor(minute / MINUTES_A_DAY);
}

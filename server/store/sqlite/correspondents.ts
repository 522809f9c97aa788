import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import type { SizeLimit } from "../size_limit.ts";

/** Who has written to whom. Synchronous; what changes something belongs into a transaction. */
export class SqliteCorrespondents {
  readonly #size: SizeLimit;
  readonly #has: StatementSync;
  readonly #pair: StatementSync;
  readonly #insert: StatementSync;
  readonly #trim: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#has = db.prepare(
      `SELECT 1 FROM correspondents WHERE account = (SELECT id FROM accounts WHERE folded = ?)
          AND other = (SELECT id FROM accounts WHERE folded = ?)`,
    );
    this.#pair = db.prepare(
      "SELECT a.id, o.id AS other FROM accounts a, accounts o WHERE a.folded = ? AND o.folded = ?",
    );
    this.#insert = db.prepare(
      "INSERT INTO correspondents (account, other) VALUES (?, ?) ON CONFLICT DO NOTHING",
    );
    this.#trim = db.prepare(
      `DELETE FROM correspondents WHERE account = ?1 AND id <= (
         SELECT id FROM correspondents WHERE account = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
    );
  }

  /** Whether an account is known to have written to another. */
  has(folded: string, other: string): boolean {
    return this.#has.get(folded, other) !== undefined;
  }

  /**
   * An account has written to another; nothing happens if one of them is no account.
   *
   * @throws {StoreFullError} If the database may not grow.
   */
  noteNames(folded: string, other: string): void {
    const pair = this.#pair.get(folded, other);
    if (pair === undefined) return;
    this.#size.check();
    this.note(pair.id as number, pair.other as number);
  }

  /** An account has written to another, by their ids. */
  note(account: number, other: number): void {
    if (this.#insert.run(account, other).changes === 0) return;
    this.#trim.run(account, LIMITS.maxCorrespondents);
  }
}

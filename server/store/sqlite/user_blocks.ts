import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import type { SizeLimit } from "../size_limit.ts";

/** Blocks between accounts. Synchronous; what changes something belongs into a transaction. */
export class SqliteUserBlocks {
  readonly #size: SizeLimit;
  readonly #pair: StatementSync;
  readonly #has: StatementSync;
  readonly #list: StatementSync;
  readonly #count: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#pair = db.prepare(
      `SELECT a.id, o.id AS other,
              EXISTS (SELECT 1 FROM user_blocks WHERE account = a.id AND other = o.id) AS is_on
         FROM accounts a, accounts o WHERE a.folded = ? AND o.folded = ?`,
    );
    this.#has = db.prepare(
      `SELECT 1 FROM user_blocks WHERE account = (SELECT id FROM accounts WHERE folded = ?)
          AND other = (SELECT id FROM accounts WHERE folded = ?)`,
    );
    this.#list = db.prepare(
      `SELECT o.folded, o.name FROM user_blocks b JOIN accounts o ON o.id = b.other
         WHERE b.account = (SELECT id FROM accounts WHERE folded = ?)`,
    );
    this.#count = db.prepare("SELECT count(*) AS n FROM user_blocks WHERE account = ?");
    this.#insert = db.prepare("INSERT INTO user_blocks (account, other, since) VALUES (?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM user_blocks WHERE account = ? AND other = ?");
  }

  /**
   * See `BlockedUsers.set`.
   *
   * @param time Unix seconds.
   * @throws {StoreFullError} If the database may not grow.
   */
  set(
    folded: string,
    other: string,
    isOn: boolean,
    time: number,
  ): "done" | "no-account" | "too-many" {
    const pair = this.#pair.get(folded, other);
    if (pair === undefined) return "no-account";
    if ((pair.is_on === 1) === isOn) return "done";
    if (!isOn) {
      this.#delete.run(pair.id!, pair.other!);
      return "done";
    }
    if (this.#count.get(pair.id!)!.n as number >= LIMITS.maxBlockedUsers) return "too-many";
    this.#size.check();
    this.#insert.run(pair.id!, pair.other!, time);
    return "done";
  }

  /** See `BlockedUsers.has`. */
  has(folded: string, other: string): boolean {
    return this.#has.get(folded, other) !== undefined;
  }

  /** Folded and shown names of those whom an account blocks, sorted by the former in code unit order. */
  list(folded: string): { folded: string; name: string }[] {
    // Sorted here: SQLite compares bytes of UTF-8, and all else is sorted by code units.
    return this.#list.all(folded)
      .map((row) => ({ folded: row.folded as string, name: row.name as string }))
      .sort((a, b) => a.folded < b.folded ? -1 : 1);
  }
}

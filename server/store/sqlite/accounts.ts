import type { DatabaseSync, StatementSync } from "node:sqlite";

import { accountNameFault } from "../../../common/names.ts";
import type { SizeLimit } from "../size_limit.ts";
import type { Account } from "../store.ts";

/** Accounts, and names that are blocked. Synchronous; what changes something belongs into a transaction. */
export class SqliteAccounts {
  readonly #size: SizeLimit;
  readonly #account: StatementSync;
  readonly #block: StatementSync;
  readonly #create: StatementSync;
  readonly #replaceHash: StatementSync;
  readonly #count: StatementSync;
  readonly #legacyNames: ReadonlySet<string>;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, size: SizeLimit) {
    this.#size = size;
    this.#account = db.prepare(
      `SELECT a.name, a.password_hash, b.reason
         FROM accounts a LEFT JOIN blocks b USING (folded) WHERE folded = ?`,
    );
    this.#block = db.prepare("SELECT reason FROM blocks WHERE folded = ?");
    this.#create = db.prepare(
      `INSERT INTO accounts (folded, name, password_hash, created) VALUES (?, ?, ?, ?)
         ON CONFLICT (folded) DO NOTHING`,
    );
    this.#replaceHash = db.prepare(
      "UPDATE accounts SET password_hash = ? WHERE folded = ? AND password_hash = ?",
    );
    this.#count = db.prepare("SELECT count(*) AS count FROM accounts");
    this.#legacyNames = readLegacyNames(db);
  }

  /** See `Store.findAccount`. */
  find(folded: string): Account | undefined {
    const row = this.#account.get(folded);
    if (row === undefined) return undefined;
    return {
      folded,
      name: row.name as string,
      passwordHash: row.password_hash as string,
      blocked: (row.reason as string | null) ?? undefined,
    };
  }

  /** See `Store.hasLegacyAccount`. */
  hasLegacy(folded: string): boolean {
    // An account of the set may have been removed meanwhile.
    return this.#legacyNames.has(folded) && this.#account.get(folded) !== undefined;
  }

  /** See `Store.countAccounts`. */
  count(): number {
    return this.#count.get()!.count as number;
  }

  /** See `Store.blockReason`. */
  blockReason(folded: string): string | undefined {
    return this.#block.get(folded)?.reason as string | undefined;
  }

  /**
   * Makes an account.
   *
   * @param time Unix seconds.
   * @returns `false` if there is one already.
   * @throws {StoreFullError} If the database may not grow.
   */
  create(folded: string, name: string, passwordHash: string, time: number): boolean {
    this.#size.check();
    return this.#create.run(folded, name, passwordHash, time).changes === 1;
  }

  /** See `Store.replacePasswordHash`. */
  replaceHash(folded: string, oldHash: string, newHash: string): boolean {
    return this.#replaceHash.run(newHash, folded, oldHash).changes === 1;
  }
}

/** Folded names of the accounts that could not be made today. */
function readLegacyNames(db: DatabaseSync): ReadonlySet<string> {
  // Names of printable ASCII are looked at by SQLite alone: they are nearly all, and allowed.
  const rows = db.prepare("SELECT folded, name FROM accounts WHERE folded GLOB '*[^ -~]*'")
    .iterate();
  const names = new Set<string>();
  for (const row of rows) {
    if (accountNameFault(row.name as string) !== undefined) names.add(row.folded as string);
  }
  return names;
}

import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";

/** The networks from which owners have logged in. Synchronous; what changes something belongs into a transaction. */
export class SqliteTrustedNetworks {
  readonly #lastDay: StatementSync;
  readonly #trust: StatementSync;
  readonly #drop: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#lastDay = db.prepare(
      `SELECT t.last_day FROM trusted_networks t JOIN accounts a ON a.id = t.account
         WHERE a.folded = ? AND t.network = ?`,
    );
    this.#trust = db.prepare(
      `INSERT INTO trusted_networks (account, network, last_day)
         SELECT id, ?3, ?4 FROM accounts WHERE folded = ?1 AND password_hash = ?2
         ON CONFLICT (account, network) DO UPDATE SET last_day = excluded.last_day
         RETURNING account`,
    );
    this.#drop = db.prepare(
      `DELETE FROM trusted_networks WHERE account = ?1 AND network IN (
         SELECT network FROM trusted_networks WHERE account = ?1
           ORDER BY network = ?2 DESC, last_day DESC LIMIT -1 OFFSET ?3)`,
    );
    this.#forget = db.prepare(
      `DELETE FROM trusted_networks WHERE (account, network) IN
         (SELECT account, network FROM trusted_networks WHERE last_day <= ? LIMIT ?)`,
    );
  }

  /** The day (since 1970-01-01) of the last login to an account from a network. */
  lastDay(folded: string, network: string): number | undefined {
    return this.#lastDay.get(folded, network)?.last_day as number | undefined;
  }

  /** Writes down a login on a day; nothing happens if the account has another hash by now. */
  trust(folded: string, passwordHash: string, network: string, day: number): void {
    const row = this.#trust.get(folded, passwordHash, network, day);
    if (row === undefined) return;
    this.#drop.run(row.account as number, network, LIMITS.maxTrustedNetworks);
  }

  /** Deletes what was last used on a day or before; at most `limit`. Returns how many. */
  forget(untilDay: number, limit: number): number {
    return Number(this.#forget.run(untilDay, limit).changes);
  }
}

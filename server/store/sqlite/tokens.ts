import type { DatabaseSync, StatementSync } from "node:sqlite";

import { isSameHash, MAX_TOKENS } from "../../accounts/tokens.ts";
import type { RightToken, SessionEnd } from "../resume_store.ts";

/** The tokens of accounts, as hashes. Synchronous; what changes something belongs into a transaction. */
export class SqliteTokens {
  readonly #list: StatementSync;
  readonly #hasAny: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertIf: StatementSync;
  readonly #deleteOthers: StatementSync;
  readonly #deleteOldest: StatementSync;
  readonly #deleteAll: StatementSync;
  readonly #end: StatementSync;
  readonly #endAll: StatementSync;
  readonly #forget: StatementSync;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync) {
    const account = "account = (SELECT id FROM accounts WHERE folded = ?1)";
    this.#list = db.prepare(
      `SELECT hash, session FROM resume_tokens
         WHERE ${account} AND (ended IS NULL OR ended > ?2)`,
    );
    this.#hasAny = db.prepare(`SELECT 1 FROM resume_tokens WHERE ${account} LIMIT 1`);
    this.#insert = db.prepare(
      "INSERT INTO resume_tokens (account, hash) SELECT id, ?2 FROM accounts WHERE folded = ?1",
    );
    this.#insertIf = db.prepare(
      `INSERT INTO resume_tokens (account, hash)
         SELECT id, ?2 FROM accounts WHERE folded = ?1 AND password_hash = ?3`,
    );
    this.#deleteOthers = db.prepare(`DELETE FROM resume_tokens WHERE ${account} AND hash <> ?2`);
    this.#deleteOldest = db.prepare(
      `DELETE FROM resume_tokens WHERE ${account} AND hash <> ?2 AND id NOT IN (
         SELECT id FROM resume_tokens WHERE ${account} AND hash <> ?2
           ORDER BY id DESC LIMIT ${MAX_TOKENS - 2})`,
    );
    this.#deleteAll = db.prepare(`DELETE FROM resume_tokens WHERE ${account}`);
    this.#end = db.prepare(
      `UPDATE resume_tokens SET session = ?3, ended = ?4 WHERE ${account} AND hash = ?2`,
    );
    this.#endAll = db.prepare("UPDATE resume_tokens SET ended = ? WHERE ended IS NULL");
    this.#forget = db.prepare(
      `DELETE FROM resume_tokens WHERE id IN
         (SELECT id FROM resume_tokens WHERE ended <= ? LIMIT ?)`,
    );
  }

  /**
   * A token of an account, if it is right.
   *
   * @param endedAfter Unix seconds: those of connections that ended before are not.
   */
  find(folded: string, hash: string, endedAfter: number): RightToken | undefined {
    let right: RightToken | undefined;
    for (const row of this.#list.all(folded, endedAfter)) {
      const isRight = isSameHash(row.hash as string, hash);
      if (isRight) right = { session: (row.session as string | null) ?? undefined };
    }
    return right;
  }

  /** Whether an account has a token. */
  hasAny(folded: string): boolean {
    return this.#hasAny.get(folded) !== undefined;
  }

  /** See `ResumeStore.save`. */
  save(folded: string, passwordHash: string, hash: string): boolean {
    if (this.#insertIf.run(folded, hash, passwordHash).changes === 0) return false;
    this.settle(folded, hash);
    return true;
  }

  /** See `ResumeStore.use`. */
  use(
    folded: string,
    hash: string,
    nextHash: string,
    endedAfter: number,
  ): RightToken | undefined {
    const right = this.find(folded, hash, endedAfter);
    if (right === undefined) return undefined;
    this.#deleteOldest.run(folded, hash);
    this.#insert.run(folded, nextHash);
    return right;
  }

  /** See `ResumeStore.settle`. */
  settle(folded: string, hash: string): void {
    this.#deleteOthers.run(folded, hash);
  }

  /** See `ResumeStore.end`; at that time (Unix seconds). */
  end(folded: string, { hashes, session }: SessionEnd, time: number): void {
    for (const hash of hashes) this.#end.run(folded, hash, session, time);
  }

  /** The process that had all connections is gone: they have ended at that time (Unix seconds) at the latest. */
  endAll(time: number): void {
    this.#endAll.run(time);
  }

  /** See `ResumeStore.forget`. */
  deleteAll(folded: string): void {
    this.#deleteAll.run(folded);
  }

  /** Deletes tokens of connections that ended at a time (Unix seconds) or before; at most `limit`. Returns how many. */
  forget(until: number, limit: number): number {
    return Number(this.#forget.run(until, limit).changes);
  }
}

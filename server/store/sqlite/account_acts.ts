import type { DatabaseSync, SQLInputValue } from "node:sqlite";

import type { NamedInvite } from "../admin_acts.ts";
import { type Act, ADMINISTRATOR } from "../room_store.ts";
import { SizeLimit } from "../size_limit.ts";
import { SqliteInvites } from "./invites.ts";
import { MessageIndex } from "./message_index.ts";
import { MessageTexts } from "./message_texts.ts";
import { SqliteRemovals } from "./removals.ts";
import { SERVER_WIDE, SqliteRoomActs } from "./room_acts.ts";
import { SqliteRoomChanges } from "./room_changes.ts";

const SECONDS_A_DAY = 86_400;

/**
 * What an administrator does to accounts, names and codes: see `AdminActs`. Each is noted as done by
 * {@linkcode ADMINISTRATOR}, and in the journals from which a server learns of it. Synchronous; each belongs into a
 * transaction.
 *
 * These are rare, so statements are prepared when they are needed.
 */
export class SqliteAccountActs {
  readonly #db: DatabaseSync;
  readonly #exactNow: () => number;

  /**
   * Works on an open connection, which stays the caller's.
   *
   * @param now Unix seconds, with fractions, as acts are noted: they are listed by their times.
   */
  constructor(db: DatabaseSync, now: () => number) {
    this.#db = db;
    this.#exactNow = now;
  }

  /** See `AdminActs.add`. */
  add(folded: string, name: string, passwordHash: string): boolean {
    return this.#noted(
      { action: "add", target: name },
      this.#change(
        `INSERT INTO accounts (folded, name, password_hash, created) VALUES (?, ?, ?, ?)
           ON CONFLICT (folded) DO NOTHING`,
        folded,
        name,
        passwordHash,
        this.#now,
      ),
    );
  }

  /** See `AdminActs.setPassword`. */
  setPassword(folded: string, passwordHash: string): boolean {
    this.#change(
      "DELETE FROM trusted_networks WHERE account = (SELECT id FROM accounts WHERE folded = ?)",
      folded,
    );
    this.#forgetTokens(folded);
    return this.#noted(
      { action: "password", target: this.#shown(folded) },
      this.#change("UPDATE accounts SET password_hash = ? WHERE folded = ?", passwordHash, folded),
    );
  }

  /** See `AdminActs.block`. */
  block(folded: string, name: string, reason: string): boolean {
    this.#change(
      `INSERT INTO blocks (folded, name, reason, since) VALUES (?, ?, ?, ?)
         ON CONFLICT (folded) DO UPDATE SET reason = excluded.reason`,
      folded,
      name,
      reason,
      this.#now,
    );
    this.#forgetTokens(folded);
    this.announce(folded, "blocked", reason);
    return this.#noted({ action: "block", target: name, detail: { reason } }, true);
  }

  /** See `AdminActs.unblock`. */
  unblock(folded: string): boolean {
    const target = this.#shown(folded); // before the block goes with its name
    return this.#noted(
      { action: "unblock", target },
      this.#change("DELETE FROM blocks WHERE folded = ?", folded),
    );
  }

  /**
   * Deletes an account with its mailbox, and notes that its messages are to be erased.
   *
   * @returns How many letters went with it; `undefined` if there is no such account.
   */
  remove(folded: string): number | undefined {
    const db = this.#db;
    const found = db.prepare("SELECT id, name, letter_count FROM accounts WHERE folded = ?")
      .get(folded);
    if (found === undefined) return undefined;
    const id = found.id as number;
    new SqliteRoomChanges(db).addOf(id, this.#now); // rooms that name it are others without it
    this.#change("DELETE FROM accounts WHERE id = ?", id);
    this.announce(folded, "removed", "");
    this.removals().begin(id, folded, this.#now);
    // Behind the account, with which what was done to it goes: that it was removed is to be known.
    this.#noted({ action: "remove", target: found.name as string }, true);
    return found.letter_count as number;
  }

  /**
   * See `AdminActs.invite`.
   *
   * @param id Its number; without one it gets the next one.
   */
  invite({ hash, uses, days, note }: NamedInvite, id?: number): void {
    const expires = this.#now + days * SECONDS_A_DAY;
    new SqliteInvites(this.#db).make({ hash, uses, expires, note }, this.#now, id);
    this.#noted({ action: "invite", detail: { uses, days, note } }, true);
  }

  /** See `AdminActs.revokeInvite`. */
  revokeInvite(id: number): boolean {
    return this.#noted(
      { action: "revoke", detail: { id } },
      new SqliteInvites(this.#db).revoke(id, this.#now),
    );
  }

  /** What is left of accounts that are gone. */
  removals(): SqliteRemovals {
    const index = new MessageIndex(this.#db);
    const texts = new MessageTexts(this.#db, (id, change) => index.changing(id, change));
    return new SqliteRemovals(this.#db, texts);
  }

  /** Has a server that runs on the file learn of it. */
  announce(folded: string, kind: "blocked" | "removed", reason: string): void {
    this.#change(
      "INSERT INTO account_changes (folded, kind, reason, time) VALUES (?, ?, ?, ?)",
      folded,
      kind,
      reason,
      this.#now,
    );
  }

  get #now(): number {
    return Math.floor(this.#exactNow());
  }

  /** A name as its owner typed it, or an administrator. */
  #shown(folded: string): string {
    const row = this.#db.prepare(
      `SELECT name FROM accounts WHERE folded = ?1
         UNION ALL SELECT name FROM blocks WHERE folded = ?1`,
    ).get(folded);
    return row?.name as string | undefined ?? folded;
  }

  #forgetTokens(folded: string): void {
    this.#change(
      "DELETE FROM resume_tokens WHERE account = (SELECT id FROM accounts WHERE folded = ?)",
      folded,
    );
  }

  /** Notes an act, if anything was changed by it; gives whether. */
  #noted(act: Omit<Act, "by">, isChanged: boolean): boolean {
    if (!isChanged) return false;
    // The operator is not held by the operator's own limit.
    const size = new SizeLimit(this.#db, { path: "", maxBytes: 0, onChange: () => {} });
    new SqliteRoomActs(this.#db, size)
      .note(SERVER_WIDE, { by: ADMINISTRATOR, ...act }, this.#exactNow());
    return true;
  }

  #change(sql: string, ...values: SQLInputValue[]): boolean {
    return Number(this.#db.prepare(sql).run(...values).changes) > 0;
  }
}

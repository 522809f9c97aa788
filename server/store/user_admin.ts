/**
 * What an administrator does to the embedded store, beside a server that may be running on it.
 *
 * @module
 */

import { backup, type DatabaseSync, type SQLInputValue } from "node:sqlite";

import { openPrivateFile } from "../../common/private_files.ts";
import { exportAccount } from "./account_export.ts";
import { findClash } from "./refold.ts";
import { truncateLog } from "./sqlite/erasure.ts";
import { type Act, ADMINISTRATOR } from "./room_store.ts";
import { SizeLimit } from "./size_limit.ts";
import { type Invite, type NewInvite, SqliteInvites } from "./sqlite/invites.ts";
import { MessageIndex } from "./sqlite/message_index.ts";
import { MessageTexts } from "./sqlite/message_texts.ts";
import { type RemovedMessages, SqliteRemovals } from "./sqlite/removals.ts";
import { SERVER_WIDE, SqliteRoomActs } from "./sqlite/room_acts.ts";
import { SqliteRoomChanges } from "./sqlite/room_changes.ts";
import { openDatabase } from "./sqlite_file.ts";
import { inTransaction } from "./transaction.ts";

const SECONDS_A_DAY = 86_400;
const ALL_PAGES = 2 ** 31 - 1;
/** Code units of messages that one transaction erases: a server's writes wait for it about a tenth of a second. */
const REMOVE_UNITS = 16_384;

/** A name that has an account, is blocked, or both. */
export interface UserRecord {
  /** The name as shown. */
  readonly name: string;
  /** The account; `undefined` if only the name is blocked. */
  readonly account: AccountRecord | undefined;
  /** Why and since when (Unix seconds) the name is blocked; `undefined` if it is not. */
  readonly blocked: { readonly reason: string; readonly since: number } | undefined;
}

/** An account, as an administrator sees it. */
export interface AccountRecord {
  /** See `passwords.ts`. */
  readonly passwordHash: string;
  /** Unix seconds. */
  readonly created: number;
  /** Unix seconds of the beginning of the day (UTC) of the last login; `undefined` if there was none lately. */
  readonly lastSeen: number | undefined;
  /** Messages in the mailbox. */
  readonly letters: number;
  /** Bytes in the mailbox. */
  readonly letterBytes: number;
}

/** What went with an account. */
export interface RemovedAccount extends RemovedMessages {
  /** Messages in its mailbox. */
  letters: number;
  /** Whether none of it is left in the files; else another program reads the database. */
  isErased: boolean;
}

/** Lets others write to the database: a step of a removal is over in less time. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/**
 * Administration of accounts and blocked names. Names come folded (`foldName`) with their shown form. Each
 * method is one transaction, on disk when it returns; a server that runs on the same file notices within two
 * seconds. What is changed is noted as done by {@linkcode ADMINISTRATOR}, see `RoomAdmin.listActs`.
 */
export class UserAdmin implements Disposable {
  /**
   * Why the database could not be brought up to date: its accounts clash. Then its names are folded as they were, and
   * only `list`, `remove` and `backup` may be called.
   */
  readonly clash: string | undefined;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  /** With fractions, as a server notes acts: they are listed by their times. */
  readonly #exactNow: () => number;

  private constructor(db: DatabaseSync, now: () => number, clash: string | undefined) {
    this.#db = db;
    this.#now = () => Math.floor(now());
    this.#exactNow = now;
    this.clash = clash;
  }

  /**
   * Opens the database.
   *
   * @param path The server's database file.
   * @param create Whether a missing file is made.
   * @param now Unix seconds, with fractions.
   * @param keepsClashes Whether to open it although its accounts clash: see {@linkcode UserAdmin.clash}.
   * @param busyTimeoutMs Milliseconds that each call waits while another program is in the way.
   * @throws {StartError} One line that names the file, what is wrong and what to do.
   */
  static open(
    path: string,
    create: boolean,
    now: () => number,
    keepsClashes: boolean = false,
    busyTimeoutMs: number = 5_000,
  ): UserAdmin {
    const db = openDatabase(path, { create, keepsClashes, busyTimeoutMs });
    return new UserAdmin(db, now, keepsClashes ? findClash(db)?.message : undefined);
  }

  /** Whether it is a node's copy of what several nodes remember. */
  get isCopy(): boolean {
    if (this.clash !== undefined) return false; // older than copies are
    return this.#db.prepare("SELECT 1 FROM replica").get() !== undefined;
  }

  /** All accounts and blocked names, sorted by folded name. */
  list(): UserRecord[] {
    const rows = this.#db.prepare(
      `SELECT coalesce(a.name, b.name) AS name, a.password_hash, a.created, n.last_day,
              a.letter_count, a.letter_bytes, b.reason, b.since
         FROM (SELECT folded FROM accounts UNION SELECT folded FROM blocks) AS f
         LEFT JOIN accounts a ON a.folded = f.folded
         LEFT JOIN blocks b ON b.folded = f.folded
         LEFT JOIN names n ON n.folded = f.folded
         ORDER BY f.folded`,
    ).all();
    return rows.map((row) => ({
      name: row.name as string,
      account: row.password_hash === null ? undefined : {
        passwordHash: row.password_hash as string,
        created: row.created as number,
        lastSeen: row.last_day === null ? undefined : row.last_day as number * SECONDS_A_DAY,
        letters: row.letter_count as number,
        letterBytes: row.letter_bytes as number,
      },
      blocked: row.reason === null
        ? undefined
        : { reason: row.reason as string, since: row.since as number },
    }));
  }

  /** Whether there is an account of that name. */
  has(folded: string): boolean {
    return this.#db.prepare("SELECT 1 FROM accounts WHERE folded = ?").get(folded) !== undefined;
  }

  /** Makes an account; `false` if there is one already. */
  add(folded: string, name: string, passwordHash: string): boolean {
    return this.#noting({ action: "add", target: name }, () =>
      this.#change(
        `INSERT INTO accounts (folded, name, password_hash, created) VALUES (?, ?, ?, ?)
           ON CONFLICT (folded) DO NOTHING`,
        folded,
        name,
        passwordHash,
        this.#now(),
      ));
  }

  /**
   * Replaces a password, and with it the trust in the networks where the old one was used and what was to stand for
   * it; `false` if there is no such account.
   */
  setPassword(folded: string, passwordHash: string): boolean {
    return this.#noting({ action: "password", target: this.#shown(folded) }, () => {
      this.#change(
        `DELETE FROM trusted_networks
           WHERE account = (SELECT id FROM accounts WHERE folded = ?)`,
        folded,
      );
      this.#forgetTokens(folded);
      return this.#change(
        "UPDATE accounts SET password_hash = ? WHERE folded = ?",
        passwordHash,
        folded,
      );
    });
  }

  /** Blocks a name, account or not; once more replaces the reason. */
  block(folded: string, name: string, reason: string): void {
    this.#noting({ action: "block", target: name, detail: { reason } }, () => {
      this.#change(
        `INSERT INTO blocks (folded, name, reason, since) VALUES (?, ?, ?, ?)
           ON CONFLICT (folded) DO UPDATE SET reason = excluded.reason`,
        folded,
        name,
        reason,
        this.#now(),
      );
      this.#forgetTokens(folded);
      this.#announce(folded, "blocked", reason);
      return true;
    });
  }

  /** Ends a block; `false` if there was none. */
  unblock(folded: string): boolean {
    return this.#noting(
      { action: "unblock", target: this.#shown(folded) },
      () => this.#change("DELETE FROM blocks WHERE folded = ?", folded),
    );
  }

  /**
   * Removes an account with its mailbox, its direct conversations (for those it wrote with, too) and what it said in
   * rooms: when this resolves, none of it is in the files. The name stays known; a block stays.
   *
   * The account goes at once, the messages in many short transactions. If it is interrupted, a second call goes on; the
   * next retention of a server does, too.
   *
   * @param name The name as shown: where accounts clash, this spelling alone says which of them is meant.
   * @returns What went; `undefined` if there is no such account and nothing is left of one.
   */
  async remove(folded: string, name: string = folded): Promise<RemovedAccount | undefined> {
    const letters = inTransaction(this.#db, () => this.#removeAccount(folded, name));
    const removed: RemovedMessages = { direct: 0, rooms: 0 };
    // A file whose accounts clash is older than messages that are kept: there are mailboxes only.
    if (this.clash === undefined) await this.#removeMessages(folded, removed);
    const isErased = truncateLog(this.#db);
    if (letters === undefined && removed.direct + removed.rooms === 0) return undefined;
    return { letters: letters ?? 0, ...removed, isErased };
  }

  /** Makes an invitation code known by its hash; it is good for so many days. */
  invite({ days, ...invite }: Omit<NewInvite, "expires"> & { days: number }): void {
    const now = this.#now();
    const { uses, note } = invite;
    this.#noting({ action: "invite", detail: { uses, days, note } }, () => {
      new SqliteInvites(this.#db).make({ ...invite, expires: now + days * SECONDS_A_DAY }, now);
      return true;
    });
  }

  /** The invitation codes that make an account now, those that expire first before all others. */
  listInvites(): Invite[] {
    return new SqliteInvites(this.#db).list(this.#now());
  }

  /** Makes an invitation code worthless; `false` if none of that number is good now. */
  revokeInvite(id: number): boolean {
    return this.#noting(
      { action: "revoke", detail: { id } },
      () => new SqliteInvites(this.#db).revoke(id, this.#now()),
    );
  }

  /**
   * All that there is of an account, in an order that stays (docs/operating.md): see {@linkcode exportAccount}.
   *
   * @returns `undefined` if there is no such account.
   */
  export(folded: string): Iterable<object> | undefined {
    return exportAccount(this.#db, folded);
  }

  /**
   * Writes a consistent copy of the whole database into a new file, also while a server runs on it.
   *
   * By the online backup API (sqlite.org/backup.html), since Deno allows `VACUUM INTO` only with all
   * permissions. In one step, because a write by the server between two steps makes the backup start over.
   *
   * @throws {Deno.errors.AlreadyExists} If there is a file of that name.
   * @throws {Error} If the file cannot be written.
   */
  async backup(path: string): Promise<void> {
    openPrivateFile(path, { createNew: true }).close();
    await backup(this.#db, path, { rate: ALL_PAGES });
  }

  /** Closes the database. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** Gives how many letters went with the account. */
  #removeAccount(folded: string, name: string): number | undefined {
    const [column, key] = this.clash === undefined ? ["folded", folded] : ["name", name];
    if (this.clash === undefined) this.#announceRooms(folded);
    const row = this.#db.prepare(
      `DELETE FROM accounts WHERE ${column} = ? RETURNING id, folded, name, letter_count`,
    ).get(key);
    if (row === undefined) return undefined;
    this.#announce(row.folded as string, "removed", "");
    if (this.clash === undefined) {
      this.#removals().begin(row.id as number, row.folded as string, this.#now());
      // Behind the account, with which what was done to it goes: that it was removed is to be known.
      this.#note({ action: "remove", target: row.name as string });
    }
    return row.letter_count as number;
  }

  async #removeMessages(folded: string, removed: RemovedMessages): Promise<void> {
    const removals = this.#removals();
    for (const removal of removals.list(folded)) {
      let left: typeof removal | undefined = removal;
      while (left !== undefined) {
        const next: typeof removal = left;
        left = inTransaction(this.#db, () => removals.step(next, REMOVE_UNITS, removed));
        if (left !== undefined) await pause();
      }
    }
  }

  #removals(): SqliteRemovals {
    const index = new MessageIndex(this.#db);
    const texts = new MessageTexts(this.#db, (id, change) => index.changing(id, change));
    return new SqliteRemovals(this.#db, texts);
  }

  /** A name as its owner typed it, or an administrator. */
  #shown(folded: string): string {
    const row = this.#db.prepare(
      `SELECT name FROM accounts WHERE folded = ?1
         UNION ALL SELECT name FROM blocks WHERE folded = ?1`,
    ).get(folded);
    return row?.name as string | undefined ?? folded;
  }

  /** Changes something, and notes it if something was changed. */
  #noting(act: Omit<Act, "by">, change: () => boolean): boolean {
    return inTransaction(this.#db, () => {
      const isChanged = change();
      if (isChanged) this.#note(act);
      return isChanged;
    });
  }

  #note(act: Omit<Act, "by">): void {
    // The operator is not held by the operator's own limit.
    const size = new SizeLimit(this.#db, { path: "", maxBytes: 0, onChange: () => {} });
    new SqliteRoomActs(this.#db, size)
      .note(SERVER_WIDE, { by: ADMINISTRATOR, ...act }, this.#exactNow());
  }

  #change(sql: string, ...values: SQLInputValue[]): boolean {
    return Number(this.#db.prepare(sql).run(...values).changes) > 0;
  }

  #forgetTokens(folded: string): void {
    this.#change(
      "DELETE FROM resume_tokens WHERE account = (SELECT id FROM accounts WHERE folded = ?)",
      folded,
    );
  }

  /** Rooms that name an account are others without it. */
  #announceRooms(folded: string): void {
    const row = this.#db.prepare("SELECT id FROM accounts WHERE folded = ?").get(folded);
    if (row !== undefined) {
      new SqliteRoomChanges(this.#db).addOf(row.id as number, this.#now());
    }
  }

  #announce(folded: string, kind: "blocked" | "removed", reason: string): void {
    this.#change(
      "INSERT INTO account_changes (folded, kind, reason, time) VALUES (?, ?, ?, ?)",
      folded,
      kind,
      reason,
      this.#now(),
    );
  }
}

/**
 * What an administrator does to the embedded store, beside a server that may be running on it.
 *
 * @module
 */

import { backup, DatabaseSync } from "node:sqlite";

import { openPrivateFile } from "../../common/private_files.ts";
import { exportAccount } from "./account_export.ts";
import { findClash } from "./refold.ts";
import { truncateLog } from "./sqlite/erasure.ts";
import type { NamedInvite, RemovedAccount } from "./admin_acts.ts";
import { SqliteAccountActs } from "./sqlite/account_acts.ts";
import { type Invite, SqliteInvites } from "./sqlite/invites.ts";
import type { RemovedMessages } from "./sqlite/removals.ts";
import { checkIntegrity, openDatabase } from "./sqlite_file.ts";
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

/** Lets others write to the database, and signals come: a step of a removal is over in less time. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/**
 * Administration of accounts and blocked names. Names come folded (`foldName`) with their shown form. Each
 * method is one transaction, on disk when it returns; a server that runs on the same file notices within two
 * seconds.
 */
export class UserAdmin implements Disposable {
  /**
   * Why the database could not be brought up to date: its accounts clash. Then its names are folded as they were, and
   * only `list`, `remove` and `backup` may be called.
   */
  readonly clash: string | undefined;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #acts: SqliteAccountActs;

  private constructor(db: DatabaseSync, now: () => number, clash: string | undefined) {
    this.#db = db;
    this.#now = () => Math.floor(now());
    this.#acts = new SqliteAccountActs(db, now);
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

  /** See `AdminActs.add`. */
  add(folded: string, name: string, passwordHash: string): boolean {
    return inTransaction(this.#db, () => this.#acts.add(folded, name, passwordHash));
  }

  /** See `AdminActs.setPassword`. */
  setPassword(folded: string, passwordHash: string): boolean {
    return inTransaction(this.#db, () => this.#acts.setPassword(folded, passwordHash));
  }

  /** See `AdminActs.block`. */
  block(folded: string, name: string, reason: string): boolean {
    return inTransaction(this.#db, () => this.#acts.block(folded, name, reason));
  }

  /** See `AdminActs.unblock`. */
  unblock(folded: string): boolean {
    return inTransaction(this.#db, () => this.#acts.unblock(folded));
  }

  /**
   * See `AdminActs.remove`: when this resolves, nothing of it is in the files.
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

  /** See `AdminActs.invite`. */
  invite(invite: NamedInvite): void {
    inTransaction(this.#db, () => this.#acts.invite(invite));
  }

  /** The invitation codes that make an account now, those that expire first before all others. */
  listInvites(): Invite[] {
    return new SqliteInvites(this.#db).list(this.#now());
  }

  /** See `AdminActs.revokeInvite`. */
  revokeInvite(id: number): boolean {
    return inTransaction(this.#db, () => this.#acts.revokeInvite(id));
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
   * permissions. In one step, because a write by the server between two steps makes the backup start over. The copy is read
   * through before it gets its name.
   *
   * @param signal Ends it between copying and reading, or after that: nothing else has a turn meanwhile.
   * @throws {Deno.errors.AlreadyExists} If there is a file of that name.
   * @throws {Error} If the file cannot be written, or is damaged; the reason of the signal.
   */
  async backup(path: string, signal?: AbortSignal): Promise<void> {
    refuseExisting(path);
    // Whatever ends this before the copy is whole, nothing of that name is left that looks like one.
    const part = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
    try {
      openPrivateFile(part, { createNew: true }).close();
      await backup(this.#db, part, { rate: ALL_PAGES });
      await pause();
      signal?.throwIfAborted();
      checkCopy(part);
      await pause();
      signal?.throwIfAborted();
      // Fails if there is a file by now: renaming alone would replace it.
      openPrivateFile(path, { createNew: true }).close();
      Deno.renameSync(part, path);
    } catch (error) {
      for (const end of ["", "-journal", "-wal"]) removeIfThere(part + end);
      throw error;
    }
  }

  /** Closes the database. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** Gives how many letters went with the account. */
  #removeAccount(folded: string, name: string): number | undefined {
    if (this.clash === undefined) return this.#acts.remove(folded);
    const row = this.#db.prepare(
      "DELETE FROM accounts WHERE name = ? RETURNING folded, letter_count",
    ).get(name);
    if (row === undefined) return undefined;
    this.#acts.announce(row.folded as string, "removed", "");
    return row.letter_count as number;
  }

  async #removeMessages(folded: string, removed: RemovedMessages): Promise<void> {
    const removals = this.#acts.removals();
    for (const removal of removals.list(folded)) {
      let left: typeof removal | undefined = removal;
      while (left !== undefined) {
        const next: typeof removal = left;
        left = inTransaction(this.#db, () => removals.step(next, REMOVE_UNITS, removed));
        if (left !== undefined) await pause();
      }
    }
  }
}

function checkCopy(path: string): void {
  using copy = new DatabaseSync(path);
  // Nobody else has it, and so it needs no memory that is shared by way of a file: network drives have none.
  copy.exec("PRAGMA locking_mode = EXCLUSIVE");
  checkIntegrity(copy);
}

function refuseExisting(path: string): void {
  try {
    if (!Deno.lstatSync(path).isFile) throw new Error("it is no regular file; name a new one");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  throw new Deno.errors.AlreadyExists();
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // What matters is why the backup failed.
  }
}

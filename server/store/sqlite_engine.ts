/**
 * The statements of the embedded database. Synchronous: the caller decides which thread waits.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../common/limits.ts";
import type {
  Account,
  AccountChange,
  Letter,
  NameStatus,
  StoredLetter,
  StoreOutcome,
} from "./store.ts";
import { inTransaction } from "./transaction.ts";

/** One change of the database. Plain data, so that it can travel to another thread. */
export type Write =
  | { kind: "rememberName"; folded: string; name: string; day: number }
  | { kind: "createAccount"; folded: string; name: string; passwordHash: string; time: number }
  | { kind: "replacePasswordHash"; folded: string; oldHash: string; newHash: string }
  | { kind: "trustNetwork"; folded: string; passwordHash: string; network: string; day: number }
  | { kind: "storeLetter"; letter: Letter; isRescue: boolean }
  | { kind: "deleteLetters"; folded: string; upTo: number }
  | {
    kind: "forget";
    namesBeforeDay: number;
    trustBeforeDay: number;
    lettersBefore: number;
    limit: number;
  };

/**
 * What a {@linkcode Write} gives: `createAccount` and `replacePasswordHash` whether they did it, `storeLetter`
 * its outcome, `forget` how many rows it deleted.
 */
export type WriteResult = boolean | number | StoreOutcome | undefined;

/** What a mailbox may hold. */
export interface MailboxLimits {
  /** Messages. */
  readonly maxLetters: number;
  /** Bytes of their texts with names and ids, as stored. */
  readonly maxLetterBytes: number;
}

/** Reading: what needs no transaction of its own. */
export class SqliteReader {
  readonly #nameStatus: StatementSync;
  readonly #lastDay: StatementSync;
  readonly #account: StatementSync;
  readonly #block: StatementSync;
  readonly #trustedDay: StatementSync;
  readonly #letters: StatementSync;
  readonly #changes: StatementSync;
  readonly #lastChange: StatementSync;

  /** Prepares the statements on an open connection with the current schema, which stays the caller's. */
  constructor(db: DatabaseSync) {
    this.#nameStatus = db.prepare(
      `SELECT EXISTS (SELECT 1 FROM accounts WHERE folded = ?1) AS has_account,
              EXISTS (SELECT 1 FROM names WHERE folded = ?1) AS was_online`,
    );
    this.#lastDay = db.prepare("SELECT last_day FROM names WHERE folded = ? AND name = ?");
    this.#account = db.prepare(
      `SELECT a.name, a.password_hash, b.reason
         FROM accounts a LEFT JOIN blocks b USING (folded) WHERE folded = ?`,
    );
    this.#block = db.prepare("SELECT reason FROM blocks WHERE folded = ?");
    this.#trustedDay = db.prepare(
      `SELECT t.last_day FROM trusted_networks t JOIN accounts a ON a.id = t.account
         WHERE a.folded = ? AND t.network = ?`,
    );
    this.#letters = db.prepare(
      `SELECT l.stored, l.time, l.body FROM letters l JOIN accounts a ON a.id = l.account
         WHERE a.folded = ? AND l.stored > ? ORDER BY l.stored LIMIT ?`,
    );
    this.#changes = db.prepare(
      "SELECT seq, folded, kind, reason FROM account_changes WHERE seq > ? ORDER BY seq",
    );
    // Not max(seq): retention may have emptied the table, and numbers are never used twice.
    this.#lastChange = db.prepare(
      "SELECT seq FROM sqlite_sequence WHERE name = 'account_changes'",
    );
  }

  /** See `Store.nameStatus`. */
  nameStatus(folded: string): NameStatus {
    const row = this.#nameStatus.get(folded);
    return row?.has_account === 1 ? "account" : row?.was_online === 1 ? "guest" : "unknown";
  }

  /** The day (since 1970-01-01) at which a name was last remembered in this very form. */
  lastDay(folded: string, name: string): number | undefined {
    return this.#lastDay.get(folded, name)?.last_day as number | undefined;
  }

  /** See `Store.findAccount`. */
  findAccount(folded: string): Account | undefined {
    const row = this.#account.get(folded);
    if (row === undefined) return undefined;
    return {
      folded,
      name: row.name as string,
      passwordHash: row.password_hash as string,
      blocked: (row.reason as string | null) ?? undefined,
    };
  }

  /** See `Store.blockReason`. */
  blockReason(folded: string): string | undefined {
    return this.#block.get(folded)?.reason as string | undefined;
  }

  /** The day (since 1970-01-01) of the last login to an account from a network. */
  trustedDay(folded: string, network: string): number | undefined {
    return this.#trustedDay.get(folded, network)?.last_day as number | undefined;
  }

  /** See `Store.listLetters`. */
  listLetters(folded: string, after: number, limit: number): StoredLetter[] {
    return this.#letters.all(folded, after, limit).map((row) => ({
      folded,
      ...readBody(row.body as string),
      time: row.time as number,
      stored: row.stored as number,
    }));
  }

  /** The number of the latest change that an administrator made. */
  lastChange(): number {
    return (this.#lastChange.get()?.seq as number | undefined) ?? 0;
  }

  /** The changes after that number, oldest first. */
  listChanges(after: number): (AccountChange & { seq: number })[] {
    return this.#changes.all(after).map((row) => ({
      seq: row.seq as number,
      folded: row.folded as string,
      kind: row.kind as AccountChange["kind"],
      reason: row.reason as string,
    }));
  }
}

/** Writing: batches, each one transaction. */
export class SqliteWriter {
  readonly #db: DatabaseSync;
  readonly #limits: MailboxLimits;
  readonly #rememberName: StatementSync;
  readonly #createAccount: StatementSync;
  readonly #replaceHash: StatementSync;
  readonly #trustNetwork: StatementSync;
  readonly #dropNetworks: StatementSync;
  readonly #countLetter: StatementSync;
  readonly #hasAccount: StatementSync;
  readonly #insertLetter: StatementSync;
  readonly #deleteLetters: StatementSync;
  readonly #forgetNames: StatementSync;
  readonly #forgetNetworks: StatementSync;
  readonly #forgetLetters: StatementSync;
  readonly #forgetChanges: StatementSync;

  /** Prepares the statements on an open, writable connection, which stays the caller's. */
  constructor(db: DatabaseSync, limits: MailboxLimits) {
    this.#db = db;
    this.#limits = limits;
    this.#rememberName = db.prepare(
      `INSERT INTO names (folded, name, last_day) VALUES (?, ?, ?)
         ON CONFLICT (folded) DO UPDATE SET name = excluded.name, last_day = excluded.last_day`,
    );
    this.#createAccount = db.prepare(
      `INSERT INTO accounts (folded, name, password_hash, created) VALUES (?, ?, ?, ?)
         ON CONFLICT (folded) DO NOTHING`,
    );
    this.#replaceHash = db.prepare(
      "UPDATE accounts SET password_hash = ? WHERE folded = ? AND password_hash = ?",
    );
    this.#trustNetwork = db.prepare(
      `INSERT INTO trusted_networks (account, network, last_day)
         SELECT id, ?3, ?4 FROM accounts WHERE folded = ?1 AND password_hash = ?2
         ON CONFLICT (account, network) DO UPDATE SET last_day = excluded.last_day
         RETURNING account`,
    );
    this.#dropNetworks = db.prepare(
      `DELETE FROM trusted_networks WHERE account = ?1 AND network IN (
         SELECT network FROM trusted_networks WHERE account = ?1
           ORDER BY network = ?2 DESC, last_day DESC LIMIT -1 OFFSET ?3)`,
    );
    this.#countLetter = db.prepare(
      `UPDATE accounts SET last_stored = last_stored + 1, letter_count = letter_count + 1,
              letter_bytes = letter_bytes + ?2
         WHERE folded = ?1 AND letter_count < ?3 AND letter_bytes + ?2 <= ?4
         RETURNING id, last_stored`,
    );
    this.#hasAccount = db.prepare("SELECT 1 FROM accounts WHERE folded = ?");
    this.#insertLetter = db.prepare(
      "INSERT INTO letters (account, stored, time, bytes, body) VALUES (?, ?, ?, ?, ?)",
    );
    this.#deleteLetters = db.prepare(
      `DELETE FROM letters
         WHERE account = (SELECT id FROM accounts WHERE folded = ?) AND stored <= ?`,
    );
    this.#forgetNames = db.prepare(
      `DELETE FROM names WHERE folded IN (SELECT folded FROM names WHERE last_day < ? LIMIT ?)`,
    );
    this.#forgetNetworks = db.prepare(
      `DELETE FROM trusted_networks WHERE (account, network) IN
         (SELECT account, network FROM trusted_networks WHERE last_day <= ? LIMIT ?)`,
    );
    this.#forgetLetters = db.prepare(
      `DELETE FROM letters WHERE rowid IN (SELECT rowid FROM letters WHERE time < ? LIMIT ?)`,
    );
    this.#forgetChanges = db.prepare("DELETE FROM account_changes WHERE time < ?");
  }

  /**
   * Does all the writes in order in one transaction, which is on disk when this returns.
   *
   * @returns One result per write.
   * @throws {Error} SQLite's, if it fails: then none of the writes was done.
   */
  apply(writes: readonly Write[]): WriteResult[] {
    return inTransaction(this.#db, () => writes.map((write) => this.#applyOne(write)));
  }

  #applyOne(write: Write): WriteResult {
    switch (write.kind) {
      case "rememberName":
        this.#rememberName.run(write.folded, write.name, write.day);
        return undefined;
      case "createAccount": {
        const { folded, name, passwordHash, time } = write;
        return this.#createAccount.run(folded, name, passwordHash, time).changes === 1;
      }
      case "replacePasswordHash": {
        const { folded, oldHash, newHash } = write;
        return this.#replaceHash.run(newHash, folded, oldHash).changes === 1;
      }
      case "trustNetwork":
        this.#trust(write.folded, write.passwordHash, write.network, write.day);
        return undefined;
      case "storeLetter":
        return this.#storeLetter(write.letter, write.isRescue);
      case "deleteLetters":
        this.#deleteLetters.run(write.folded, write.upTo);
        return undefined;
      case "forget": {
        const { namesBeforeDay, trustBeforeDay, lettersBefore, limit } = write;
        this.#forgetChanges.run(lettersBefore);
        const deleted = [
          this.#forgetNames.run(namesBeforeDay, limit),
          this.#forgetNetworks.run(trustBeforeDay, limit),
          this.#forgetLetters.run(lettersBefore, limit),
        ];
        return deleted.reduce((sum, { changes }) => sum + Number(changes), 0);
      }
    }
  }

  #trust(folded: string, passwordHash: string, network: string, day: number): void {
    const row = this.#trustNetwork.get(folded, passwordHash, network, day);
    if (row === undefined) return;
    this.#dropNetworks.run(row.account as number, network, LIMITS.maxTrustedNetworks);
  }

  #storeLetter(letter: Letter, isRescue: boolean): StoreOutcome {
    const { maxLetters, maxLetterBytes } = isRescue ? UNLIMITED : this.#limits;
    const body = writeBody(letter);
    const bytes = Buffer.byteLength(body);
    const row = this.#countLetter.get(letter.folded, bytes, maxLetters, maxLetterBytes);
    if (row === undefined) {
      return this.#hasAccount.get(letter.folded) === undefined ? "no-account" : "full";
    }
    this.#insertLetter.run(row.id as number, row.last_stored as number, letter.time, bytes, body);
    return "stored";
  }
}

/** For letters that were accepted already: the count in SQLite has 63 bits. */
const UNLIMITED = { maxLetters: Number.MAX_SAFE_INTEGER, maxLetterBytes: Number.MAX_SAFE_INTEGER };

/** The parts of a letter that have no column of their own. */
type Body = Pick<Letter, "to" | "from" | "message" | "id">;

function writeBody({ to, from, message, id }: Letter): string {
  return JSON.stringify({ to, from, message, id });
}

function readBody(text: string): Body {
  const { to, from, message, id } = JSON.parse(text) as Body;
  return { to, from, message, id };
}

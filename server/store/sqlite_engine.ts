/**
 * The statements of the embedded database. Synchronous: the caller decides which thread waits.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";

import { LIMITS } from "../../common/limits.ts";
import { accountNameFault, foldName } from "../../common/names.ts";
import { type Incoming, refusalOf, type Shares } from "./mailbox_limits.ts";
import type { RoomTable, RoomWrite, RoomWriteResult } from "./room_table.ts";
import { FULL, type SizeLimit } from "./size_limit.ts";
import {
  type Account,
  type AccountChange,
  type Letter,
  type MailboxRefusal,
  type NameStatus,
  type StoredLetter,
  StoreFullError,
  type StoreOutcome,
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
  | { kind: "noteCorrespondent"; folded: string; other: string }
  | RoomWrite
  | {
    kind: "forget";
    namesBeforeDay: number;
    trustBeforeDay: number;
    lettersBefore: number;
    limit: number;
  };

/**
 * What a {@linkcode Write} gives: `rememberName` whether the name was new, `createAccount` and
 * `replacePasswordHash` whether they did it, `storeLetter` its outcome, `forget` how many rows it deleted; an error
 * if it was not done because the database may not grow. Those of rooms: {@linkcode RoomWriteResult}.
 */
export type WriteResult =
  | boolean
  | number
  | StoreOutcome
  | RoomWriteResult
  | StoreFullError
  | undefined;

/** Reading: what needs no transaction of its own. */
export class SqliteReader {
  readonly #nameStatus: StatementSync;
  readonly #lastDay: StatementSync;
  readonly #account: StatementSync;
  readonly #block: StatementSync;
  readonly #legacyNames: ReadonlySet<string>;
  readonly #trustedDay: StatementSync;
  readonly #letters: StatementSync;
  readonly #correspondent: StatementSync;
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
    this.#correspondent = db.prepare(
      `SELECT 1 FROM correspondents WHERE account = (SELECT id FROM accounts WHERE folded = ?)
          AND other = (SELECT id FROM accounts WHERE folded = ?)`,
    );
    this.#changes = db.prepare(
      "SELECT seq, folded, kind, reason FROM account_changes WHERE seq > ? ORDER BY seq",
    );
    this.#legacyNames = readLegacyNames(db);
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

  /** See `Store.hasLegacyAccount`. */
  hasLegacyAccount(folded: string): boolean {
    // An account of the set may have been removed meanwhile.
    return this.#legacyNames.has(folded) && this.#account.get(folded) !== undefined;
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

  /** Whether an account is known to have written to another. */
  isCorrespondent(folded: string, other: string): boolean {
    return this.#correspondent.get(folded, other) !== undefined;
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
  readonly #mailboxLimits: Shares;
  readonly #size: SizeLimit;
  readonly #rooms: RoomTable;
  readonly #isKnown: StatementSync;
  readonly #rememberName: StatementSync;
  readonly #createAccount: StatementSync;
  readonly #replaceHash: StatementSync;
  readonly #mailbox: StatementSync;
  readonly #trustNetwork: StatementSync;
  readonly #dropNetworks: StatementSync;
  readonly #insertLetter: StatementSync;
  readonly #deleteLetters: StatementSync;
  readonly #pair: StatementSync;
  readonly #insertCorrespondent: StatementSync;
  readonly #trimCorrespondents: StatementSync;
  readonly #forgetNames: StatementSync;
  readonly #forgetNetworks: StatementSync;
  readonly #forgetLetters: StatementSync;
  readonly #forgetChanges: StatementSync;

  /**
   * Prepares the statements on an open, writable connection, which stays the caller's.
   *
   * @param mailboxLimits Who may have how much of a mailbox.
   * @param size Whether the database may grow.
   * @param rooms The tables of rooms, on the same connection.
   */
  constructor(db: DatabaseSync, mailboxLimits: Shares, size: SizeLimit, rooms: RoomTable) {
    this.#db = db;
    this.#rooms = rooms;
    this.#mailboxLimits = mailboxLimits;
    this.#size = size;
    this.#isKnown = db.prepare(
      `SELECT 1 FROM names WHERE folded = ?1 UNION ALL SELECT 1 FROM accounts WHERE folded = ?1`,
    );
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
    this.#mailbox = db.prepare(
      `SELECT a.id, a.last_stored, a.letter_count, a.letter_bytes, a.guest_count, a.guest_bytes,
              a.stranger_count, a.stranger_bytes, f.id AS sender,
              coalesce(s.letter_count, 0) AS sender_count, coalesce(s.letter_bytes, 0) AS sender_bytes,
              EXISTS (SELECT 1 FROM correspondents WHERE account = a.id AND other = f.id) AS knows_sender,
              EXISTS (SELECT 1 FROM correspondents WHERE account = f.id AND other = a.id) AS is_noted
         FROM accounts a LEFT JOIN accounts f ON f.folded = ?2
         LEFT JOIN shares s ON s.account = a.id AND s.sender = ?2
         WHERE a.folded = ?1`,
    );
    this.#insertLetter = db.prepare(
      `INSERT INTO letters (account, stored, time, bytes, body, sender, is_guest, is_stranger)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#deleteLetters = db.prepare(
      `DELETE FROM letters
         WHERE account = (SELECT id FROM accounts WHERE folded = ?) AND stored <= ?`,
    );
    this.#pair = db.prepare(
      "SELECT a.id, o.id AS other FROM accounts a, accounts o WHERE a.folded = ? AND o.folded = ?",
    );
    this.#insertCorrespondent = db.prepare(
      "INSERT INTO correspondents (account, other) VALUES (?, ?) ON CONFLICT DO NOTHING",
    );
    this.#trimCorrespondents = db.prepare(
      `DELETE FROM correspondents WHERE account = ?1 AND id <= (
         SELECT id FROM correspondents WHERE account = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
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
        return this.#remember(write.folded, write.name, write.day);
      case "createAccount": {
        const { folded, name, passwordHash, time } = write;
        if (!this.#size.admits()) return new StoreFullError(FULL);
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
      case "noteCorrespondent": {
        const pair = this.#pair.get(write.folded, write.other);
        if (pair === undefined) return undefined;
        if (!this.#size.admits()) return new StoreFullError(FULL);
        this.#note(pair.id as number, pair.other as number);
        return undefined;
      }
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
      default:
        return this.#rooms.apply(write);
    }
  }

  #trust(folded: string, passwordHash: string, network: string, day: number): void {
    const row = this.#trustNetwork.get(folded, passwordHash, network, day);
    if (row === undefined) return;
    this.#dropNetworks.run(row.account as number, network, LIMITS.maxTrustedNetworks);
  }

  #remember(folded: string, name: string, day: number): boolean | StoreFullError {
    const isNew = this.#isKnown.get(folded) === undefined;
    // A known name's day is written all the same: that takes no room.
    if (isNew && !this.#size.admits()) return new StoreFullError(FULL);
    this.#rememberName.run(folded, name, day);
    return isNew;
  }

  #storeLetter(letter: Letter, isRescue: boolean): StoreOutcome | StoreFullError {
    const sender = foldName(letter.from);
    const row = this.#mailbox.get(letter.folded, sender) as MailboxRow | undefined;
    if (row === undefined) return "no-account";
    const body = writeBody(letter);
    const bytes = Buffer.byteLength(body);
    const isGuest = row.sender === null;
    const isStranger = row.knows_sender === 0;
    if (!isRescue) {
      const refusal = this.#refusalOf({ bytes, isGuest, isStranger }, row);
      if (refusal !== undefined) return refusal;
      if (!this.#size.admits(bytes)) return new StoreFullError(FULL);
    }
    const { id, last_stored } = row;
    const [guest, stranger] = [Number(isGuest), Number(isStranger)];
    this.#insertLetter.run(id, last_stored + 1, letter.time, bytes, body, sender, guest, stranger);
    if (row.sender !== null && row.is_noted === 0) this.#note(row.sender, id);
    return "stored";
  }

  #refusalOf(letter: Incoming, row: MailboxRow): MailboxRefusal | undefined {
    const held = {
      whole: { letters: row.letter_count, bytes: row.letter_bytes },
      sender: { letters: row.sender_count, bytes: row.sender_bytes },
      guests: { letters: row.guest_count, bytes: row.guest_bytes },
      strangers: { letters: row.stranger_count, bytes: row.stranger_bytes },
    };
    return refusalOf(letter, held, this.#mailboxLimits);
  }

  /** An account has written to another. */
  #note(account: number, other: number): void {
    if (this.#insertCorrespondent.run(account, other).changes === 0) return;
    this.#trimCorrespondents.run(account, LIMITS.maxCorrespondents);
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

/** A mailbox, what each has of it, and whether its owner and the sender have written to each other. */
interface MailboxRow {
  readonly id: number;
  readonly last_stored: number;
  readonly letter_count: number;
  readonly letter_bytes: number;
  readonly guest_count: number;
  readonly guest_bytes: number;
  readonly stranger_count: number;
  readonly stranger_bytes: number;
  /** The sender's account; `null` for a guest. */
  readonly sender: number | null;
  readonly sender_count: number;
  readonly sender_bytes: number;
  /** Whether the owner has written to the sender. */
  readonly knows_sender: 0 | 1;
  /** Whether it is known that the sender has written to the owner. */
  readonly is_noted: 0 | 1;
}

/** The parts of a letter that have no column of their own. */
type Body = Pick<Letter, "to" | "from" | "message" | "id">;

function writeBody({ to, from, message, id }: Letter): string {
  return JSON.stringify({ to, from, message, id });
}

function readBody(text: string): Body {
  const { to, from, message, id } = JSON.parse(text) as Body;
  return { to, from, message, id };
}

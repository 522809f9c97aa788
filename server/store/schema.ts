/**
 * The tables of the embedded database and the way from each version to the next.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import { inTransaction } from "./transaction.ts";

/** Marks a file as ours in its header ("JIM1"), so that another program's database is never taken for one. */
export const APPLICATION_ID = 0x4a494d31;

/**
 * Step `n` leads from version `n` to version `n + 1`; a new file is version 0. A released step is
 * never edited: databases that it made exist.
 */
export const MIGRATIONS: readonly string[] = [
  // 0 → 1: names, accounts, mailboxes, blocked names.
  `CREATE TABLE names (
     folded   TEXT PRIMARY KEY,
     name     TEXT NOT NULL,
     last_day INTEGER NOT NULL            -- days since 1970-01-01: one write a day is enough
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX names_by_day ON names (last_day);

   CREATE TABLE accounts (
     id            INTEGER PRIMARY KEY AUTOINCREMENT,
     folded        TEXT NOT NULL UNIQUE,
     name          TEXT NOT NULL,
     password_hash TEXT NOT NULL,
     created       REAL NOT NULL,
     last_stored   INTEGER NOT NULL DEFAULT 0,  -- the highest letter number ever given
     letter_count  INTEGER NOT NULL DEFAULT 0,  -- what the mailbox holds now: a limit is checked
     letter_bytes  INTEGER NOT NULL DEFAULT 0   -- at every letter, so it must not need a scan
   ) STRICT;

   CREATE TABLE letters (
     account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     stored  INTEGER NOT NULL,
     time    REAL NOT NULL,
     bytes   INTEGER NOT NULL,
     body    TEXT NOT NULL,               -- JSON: keeps NUL and lone surrogates, which TEXT does not
     PRIMARY KEY (account, stored)
   ) STRICT;
   CREATE INDEX letters_by_time ON letters (time);
   CREATE TRIGGER letter_deleted AFTER DELETE ON letters BEGIN
     UPDATE accounts SET letter_count = letter_count - 1, letter_bytes = letter_bytes - old.bytes
       WHERE id = old.account;
   END;

   CREATE TABLE blocks (
     folded TEXT PRIMARY KEY,
     name   TEXT NOT NULL,
     reason TEXT NOT NULL,
     since  REAL NOT NULL
   ) STRICT, WITHOUT ROWID;`,

  // 1 → 2: a journal of what administrators did, from which a running server learns whom to disconnect.
  `CREATE TABLE account_changes (
     seq    INTEGER PRIMARY KEY AUTOINCREMENT,
     folded TEXT NOT NULL,
     kind   TEXT NOT NULL CHECK (kind IN ('blocked', 'removed')),
     reason TEXT NOT NULL,
     time   REAL NOT NULL
   ) STRICT;
   CREATE INDEX account_changes_by_time ON account_changes (time);`,

  // 2 → 3: the networks from which owners have logged in.
  `CREATE TABLE trusted_networks (
     account  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     network  TEXT NOT NULL,              -- a hash: see trusted_networks.ts
     last_day INTEGER NOT NULL,           -- days since 1970-01-01, as in names
     PRIMARY KEY (account, network)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX trusted_networks_by_day ON trusted_networks (last_day);`,
];

/** The version that this program writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** The file is no database of ours, or one of a later program. `message` completes "Cannot open …: ". */
export class SchemaError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "SchemaError";
}

/**
 * Brings a database up to {@linkcode SCHEMA_VERSION}, in one transaction: after a crash it is the old version
 * or the new one. Does not write if there is nothing to do.
 *
 * @param db An open, writable connection outside a transaction.
 * @param steps The way from each version to the next; a shorter list makes an older file.
 * @throws {SchemaError} If the file belongs to another program or to a later version of this one.
 */
export function migrate(db: DatabaseSync, steps: readonly string[] = MIGRATIONS): void {
  checkOwner(db, steps.length);
  if (readPragma(db, "user_version") === steps.length) return;
  inTransaction(db, () => {
    // Another program may have brought the same old file up to date while this one waited.
    const version = readPragma(db, "user_version");
    for (const step of steps.slice(version)) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}`);
  });
}

/**
 * Makes sure, without writing, that a file is empty or ours and no newer than this program.
 *
 * @param known The highest version that the caller understands.
 * @throws {SchemaError} If it is not.
 */
export function checkOwner(db: DatabaseSync, known: number = SCHEMA_VERSION): void {
  const version = readPragma(db, "user_version");
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (isEmpty && version === 0) return;
  if (readPragma(db, "application_id") !== APPLICATION_ID) {
    throw new SchemaError("it is another program's database; choose another file");
  }
  if (version > known) {
    throw new SchemaError(
      `its schema version is ${version}, this program knows up to ${known}; use the newer program`,
    );
  }
}

function readPragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

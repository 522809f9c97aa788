/**
 * Opening the file of the embedded database.
 *
 * @module
 */

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { messageOf, StartError } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";
import { makePrivateDirectory, openPrivateFile } from "../../common/private_files.ts";
import { refuseCutFile } from "./cut_file.ts";
import { NameClashError, refoldNames } from "./refold.ts";
import { checkOwner, migrate, MIGRATIONS, SCHEMA_VERSION } from "./schema.ts";
import { renewIndex } from "./sqlite/message_index.ts";
import { isReadOnly, toStartError } from "./sqlite_errors.ts";

/** A database that lives in memory and ends with its connection. */
export const IN_MEMORY = ":memory:";

/** Bytes to which the write-ahead log shrinks back after a burst, instead of keeping its largest size for ever. */
export const LOG_SIZE_LIMIT = 67_108_864;

/**
 * Pages in the write-ahead log from which on a commit also copies them to the database. More than SQLite's 1000, since
 * a single transaction of many messages writes as many, each commit would then copy, and a page that was written by
 * several would be copied each time; still well below {@linkcode LOG_SIZE_LIMIT}.
 */
const CHECKPOINT_PAGES = 4_000;

/** How {@linkcode openDatabase} opens. */
export interface OpenDatabaseOptions {
  /**
   * Milliseconds to wait for a lock that another connection holds; the thread stands still meanwhile.
   *
   * @default {2000}
   */
  busyTimeoutMs?: number;
  /**
   * Whether a missing file is made, with its directory.
   *
   * @default {true}
   */
  create?: boolean;
  /**
   * Whether to read through the whole file in search of damage.
   *
   * @default {false}
   */
  check?: boolean;
  /**
   * Pages (of 4096 bytes) that the file may have; more is refused as if the disk were full. No limit if absent.
   */
  maxPages?: number;
  /**
   * Whether a file whose accounts clash is opened all the same, one step below the one that folds names anew.
   *
   * @default {false}
   */
  keepsClashes?: boolean;
}

/**
 * Opens a database file, makes it if it is missing (readable by its owner only, since it holds messages and
 * password hashes), and brings its schema up to date. A commit is on disk when it returns: write-ahead log
 * with `synchronous = FULL` (sqlite.org/pragma.html#pragma_synchronous).
 *
 * @param path The file, or {@linkcode IN_MEMORY}.
 * @throws {StartError} One line that names the file, what is wrong and what to do.
 */
export function openDatabase(path: string, options: OpenDatabaseOptions = {}): DatabaseSync {
  const { busyTimeoutMs = 2_000, create = true, check = false, maxPages, keepsClashes = false } =
    options;
  let db: DatabaseSync | undefined;
  try {
    if (path !== IN_MEMORY) {
      prepareFile(path, create);
      refuseCutFile(path, busyTimeoutMs);
    }
    db = new DatabaseSync(path);
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    // Nothing is written into a file before it is known to be ours.
    checkOwner(db);
    const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
    if (path !== IN_MEMORY && mode !== "wal") {
      throw new Error("its file system allows no write-ahead log; choose a local disk");
    }
    // What is deleted is overwritten, not only marked as free.
    db.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON");
    db.exec(`PRAGMA journal_size_limit = ${LOG_SIZE_LIMIT}`);
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`);
    if (check) checkIntegrity(db);
    try {
      migrate(db);
      renewIndex(db);
    } catch (error) {
      if (!(keepsClashes && error instanceof NameClashError)) throw error;
      migrate(db, MIGRATIONS.slice(0, MIGRATIONS.indexOf(refoldNames)));
    }
    // A read-only file fails only at its first write: have that now.
    db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${SCHEMA_VERSION}; ROLLBACK`);
    return db;
  } catch (error) {
    db?.close();
    // All that SQLite says where it can make no files beside it.
    const isUnable = /unable to open/.test(messageOf(error));
    throw toStartError(path, isUnable ? findReadOnly(path) ?? error : error);
  }
}

/**
 * Makes sure that there is a database file. A new one is empty, and only its owner may use it; SQLite gives the files
 * beside it the same mode.
 *
 * @param path The file, not {@linkcode IN_MEMORY}.
 * @param create Whether a missing one is made, with its directory.
 * @throws {StartError} If it is no regular file, or missing and not to be made.
 */
export function prepareFile(path: string, create: boolean): void {
  const cannot = (why: string): StartError =>
    new StartError(`Cannot open database '${printable(path)}': ${why}`);
  try {
    const { isDirectory, isFile } = Deno.statSync(path);
    if (isDirectory) throw cannot("it is a directory; name a file");
    if (!isFile) throw cannot("it is no regular file; name one");
    return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (!create) throw cannot("there is no such file; name the server's with --db");
  try {
    openPrivateFile(path).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // Its parent need not be writable unless the directory is missing.
    makePrivateDirectory(dirname(path));
    openPrivateFile(path).close();
  }
}

/**
 * Finds out whether a file is on a read-only file system. There it fails to give the file its own name, which changes
 * nothing elsewhere.
 *
 * @returns What the system says, if it is.
 */
export function findReadOnly(path: string): unknown {
  try {
    const file = Deno.realPathSync(path);
    Deno.renameSync(file, file);
  } catch (error) {
    if (isReadOnly(error)) return error;
  }
  return undefined;
}

/**
 * Reads all of a database, which takes as long as that takes.
 *
 * @throws {Error} If it is damaged.
 */
export function checkIntegrity(db: DatabaseSync): void {
  const result = db.prepare("PRAGMA quick_check(1)").get()?.quick_check;
  if (result !== "ok") throw new Error("database disk image is malformed");
}

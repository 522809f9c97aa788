/**
 * What SQLite says when something fails, in one line for the person who has to fix it.
 *
 * @module
 */

import { messageOf, StartError, systemWords } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";
import { SchemaError } from "./schema_error.ts";
import { StoreError } from "./store.ts";

const LOCKED = /database is locked|database table is locked/;
const LOCKED_CAUSE = "another program keeps it locked; end that one";
/** As SQLite and the system say it. */
const READ_ONLY = /readonly database|Read-only file system/;

/**
 * SQLite's texts (sqlite.org/rescode.html) and what to do. Matched by text, since `node:sqlite` gives no result
 * code for errors that appear when a statement runs.
 */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [LOCKED, LOCKED_CAUSE],
  [READ_ONLY, "it is read-only; make the file and its directory writable"],
  [/disk is full/, "the disk is full; make room"],
  [
    /not a database/,
    "it is no SQLite database, or corrupt; restore a backup or choose another file",
  ],
  [/malformed/, "it is corrupt; restore a backup or move it away"],
  [/disk I\/O error/, "the disk does not read or write (I/O error); check the disk"],
  [/unable to open/, "the file cannot be opened; check the permissions of it and its directory"],
];

/** One line on why the engine failed, without a path. */
export function describeFault(error: unknown): string {
  const text = messageOf(error);
  if (error instanceof SchemaError) return text;
  if (error instanceof Deno.errors.NotCapable) {
    // What Deno says of devices and the like, to a program that has both.
    if (/^Requires all access/.test(text)) return "it is no regular file on a disk; name one";
    return `this program may not touch it; run it with --allow-read and --allow-write`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "access is denied; check the permissions of it and its directory";
  }
  const cause = CAUSES.find(([pattern]) => pattern.test(text))?.[1];
  return cause ?? systemWords(error);
}

/** Whether the engine failed only because another connection holds the file; also if another thread says so. */
export function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return LOCKED.test(error.message) ||
    (error instanceof StoreError && error.message.endsWith(LOCKED_CAUSE));
}

/** Whether the engine failed because a file is damaged. */
export function isDamage(error: unknown): boolean {
  return /malformed|not a database/.test(messageOf(error));
}

/** Whether something failed because a file, or the file system it is on, is read-only. */
export function isReadOnly(error: unknown): boolean {
  return READ_ONLY.test(messageOf(error));
}

/** The error for callers of a store whose engine failed at run time. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(`Database failed: ${describeFault(error)}`, { cause: error });
}

/** The error for the person who starts a program with this file. */
export function toStartError(path: string, error: unknown): StartError {
  if (error instanceof StartError) return error;
  return new StartError(`Cannot open database '${printable(path)}': ${describeFault(error)}`, {
    cause: error,
  });
}

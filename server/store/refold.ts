/**
 * Names that were folded by an earlier rule are folded anew.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import { foldName } from "../../common/names.ts";
import { printable } from "../../common/printable.ts";
import { SchemaError } from "./schema_error.ts";

/** Groups that the error names; the others are counted. */
const MAX_SHOWN = 12;

/** Accounts of one file have one name by today's rule. Which of them stays, only a person can say. */
export class NameClashError extends SchemaError {
  /** The name of the class, for logs. */
  override readonly name = "NameClashError";

  /**
   * Names all of them, as far as a line has room.
   *
   * @param clashes The names of each such group of accounts, as shown.
   */
  constructor(clashes: readonly (readonly string[])[]) {
    const shown = clashes.slice(0, MAX_SHOWN)
      .map((names) => names.map((name) => `'${printable(name)}'`).join(" = "));
    const more = clashes.length - shown.length;
    const all = more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
    super(
      `accounts have names that are the same now: ${all}; nothing was changed; keep one of each, ` +
        "and remove the others, spelled like this, with: deno task users remove NAME",
    );
  }
}

/**
 * Folds all names of a database by today's rule. Guests' names that become one are one that was online on the later
 * day; of two blocks the one that was there first stays.
 *
 * @param db A writable connection in a transaction, with the tables of version 2.
 * @throws {NameClashError} If accounts become one; the caller rolls back.
 */
export function refoldNames(db: DatabaseSync): void {
  const clash = findClash(db);
  if (clash !== undefined) throw clash;
  const move = {
    accounts: db.prepare("UPDATE accounts SET folded = ?2 WHERE folded = ?1"),
    account_changes: db.prepare("UPDATE account_changes SET folded = ?2 WHERE folded = ?1"),
    // Copies; the old row goes afterwards.
    names: db.prepare(
      `INSERT INTO names (folded, name, last_day)
         SELECT ?2, name, last_day FROM names WHERE folded = ?1
         ON CONFLICT (folded) DO UPDATE SET name = excluded.name, last_day = excluded.last_day
           WHERE excluded.last_day > names.last_day`,
    ),
    blocks: db.prepare(
      `INSERT INTO blocks (folded, name, reason, since)
         SELECT ?2, name, reason, since FROM blocks WHERE folded = ?1
         ON CONFLICT (folded) DO UPDATE
           SET name = excluded.name, reason = excluded.reason, since = excluded.since
           WHERE excluded.since < blocks.since`,
    ),
  };
  for (const table of ["accounts", "account_changes", "names", "blocks"] as const) {
    // Where a row was moved and not copied, there is nothing left under the old key.
    const forget = db.prepare(`DELETE FROM ${table} WHERE folded = ?`);
    for (const [old, folded] of changedKeys(db, table)) {
      move[table].run(old, folded);
      forget.run(old);
    }
  }
}

/** The keys of a table that are folded differently today, with what they become. No new key is among the old ones. */
function changedKeys(db: DatabaseSync, table: string): Map<string, string> {
  const changed = new Map<string, string>();
  for (const { folded } of db.prepare(`SELECT folded FROM ${table}`).iterate()) {
    const today = foldName(folded as string);
    if (today !== folded) changed.set(folded as string, today);
  }
  return changed;
}

/** The error that {@linkcode refoldNames} would throw. */
export function findClash(db: DatabaseSync): NameClashError | undefined {
  const nameOf = db.prepare("SELECT name FROM accounts WHERE folded = ?");
  const groups = new Map<string, string[]>();
  for (const [old, folded] of changedKeys(db, "accounts")) {
    const group = groups.get(folded) ?? [folded];
    group.push(old);
    groups.set(folded, group);
  }
  const clashes = [...groups.values()]
    .map((keys) => keys.map((key) => nameOf.get(key)?.name as string | undefined))
    .map((names) => names.filter((name) => name !== undefined).sort())
    .filter((names) => names.length > 1)
    .sort(([a], [b]) => a! < b! ? -1 : 1);
  return clashes.length === 0 ? undefined : new NameClashError(clashes);
}

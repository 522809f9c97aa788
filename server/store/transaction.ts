/**
 * Transactions of the embedded database.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

/**
 * Does work in one transaction, which is on disk when this returns. It is immediate: of two programs that want to
 * write, the second waits at the beginning, not in the middle.
 *
 * @param db A writable connection outside a transaction.
 * @returns What the work returned.
 * @throws {unknown} What the work threw, or SQLite's error: then nothing was changed.
 */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk ends the transaction by itself; a second ROLLBACK would hide the cause.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

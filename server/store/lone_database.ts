/**
 * Telling the database of a server alone from a node's, before anything is made for the node.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

import { SqliteReplicaTable } from "./sqlite/replica_table.ts";
import { SchemaError } from "./schema_error.ts";
import { toStartError } from "./sqlite_errors.ts";
import { IN_MEMORY } from "./sqlite_file.ts";

/**
 * Looks whether a node may have this file, and changes nothing. A file that is missing, damaged, of an older version or
 * another program's passes: `openSqliteReplica` has to say more of it.
 *
 * @throws {StartError} If a server without `--nats` has used it.
 */
export function refuseLoneDatabase(path: string): void {
  if (path === IN_MEMORY) return;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    SqliteReplicaTable.refuseAlone(db);
  } catch (error) {
    if (error instanceof SchemaError) throw toStartError(path, error);
  } finally {
    db?.close();
  }
}

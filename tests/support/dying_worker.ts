/**
 * A thread that dies in the middle of a transaction on the database that it is named after.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

const scope = self as unknown as { readonly name: string; onmessage: () => void; close(): void };

scope.onmessage = () => {
  const db = new DatabaseSync(scope.name);
  db.exec("BEGIN IMMEDIATE; DELETE FROM names");
  throw new Error("A secret that stands in an error");
};

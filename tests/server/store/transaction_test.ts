import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { inTransaction } from "../../../server/store/transaction.ts";

function open(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (n INTEGER PRIMARY KEY)");
  return db;
}

const rows = (db: DatabaseSync): unknown[] => db.prepare("SELECT n FROM t").all().map(({ n }) => n);

Deno.test("work in a transaction is done as a whole, and gives its result", () => {
  using db = open();
  assertEquals(inTransaction(db, () => (db.exec("INSERT INTO t VALUES (1), (2)"), "done")), "done");
  assert(!db.isTransaction);
  assertEquals(rows(db), [1, 2]);
});

Deno.test("work that fails changes nothing, and its error comes through", () => {
  using db = open();
  const fail = (): never => {
    db.exec("INSERT INTO t VALUES (1)");
    throw new RangeError("no");
  };
  assertThrows(() => inTransaction(db, fail), RangeError, "no");
  assert(!db.isTransaction);
  assertEquals(rows(db), []);
});

Deno.test("an error behind which SQLite has ended the transaction is not hidden", () => {
  using db = open();
  const endAndFail = (): never => {
    db.exec("ROLLBACK");
    throw new Error("the disk is full");
  };
  assertThrows(() => inTransaction(db, endAndFail), Error, "the disk is full");
});

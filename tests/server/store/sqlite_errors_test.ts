import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";

import { DatabaseSync } from "node:sqlite";

import { StartError } from "../../../common/errors.ts";
import { SchemaError } from "../../../server/store/schema_error.ts";
import {
  describeFault,
  isLocked,
  toStartError,
  toStoreError,
} from "../../../server/store/sqlite_errors.ts";
import { openDatabase } from "../../../server/store/sqlite_file.ts";
import { StoreError } from "../../../server/store/store.ts";
import { withDatabasePath } from "../../support/database_path.ts";

Deno.test("what a read-only file makes SQLite say becomes one line on what to do", async () => {
  await withDatabasePath((path) => {
    openDatabase(path).close();
    using db = new DatabaseSync(path, { readOnly: true });
    const error = assertThrows(() => db.exec("DELETE FROM names"));
    assertEquals(
      toStartError(path, error).message,
      `Cannot open database '${path}': it is read-only; make the file and its directory writable`,
    );
    assertEquals(
      toStoreError(error).message,
      "Database failed: it is read-only; make the file and its directory writable",
    );
  });
});

Deno.test("a fault is what SQLite or the system says, turned into what to do", () => {
  for (
    const [error, said] of [
      [new Error("database or disk is full"), "the disk is full; make room"],
      [new Error("disk I/O error"), /^the disk does not read or write/],
      [new Error("unable to open database file"), /check the permissions/],
      [new Error("database disk image is malformed"), /^it is corrupt/],
      [new Deno.errors.NotCapable("write to /x"), /--allow-read and --allow-write$/],
      [
        new Deno.errors.NotCapable('Requires all access to "/dev/full", run again with …'),
        "it is no regular file on a disk; name one",
      ],
      [new Error("Read-only file system (os error 30): open '/x'"), /^it is read-only/],
      [new Deno.errors.PermissionDenied("/x"), /^access is denied/],
      [new SchemaError("it is full of rows"), "it is full of rows"],
      [new Error("Is a directory (os error 21): open '/x'"), "Is a directory"],
      [new Error("odd\n\x1b[2J"), "odd\\n\\u{1b}[2J"],
      ["thrown text", "thrown text"],
    ] as const
  ) {
    const text = describeFault(error);
    if (typeof said === "string") assertEquals(text, said);
    else assert(said.test(text), text);
  }
});

Deno.test("only a lock counts as locked", () => {
  assert(isLocked(new Error("database is locked")));
  assert(isLocked(new Error("database table is locked: accounts")));
  assert(!isLocked(new Error("database or disk is full")));
  assert(!isLocked("database is locked"));
});

Deno.test("an error that is what is wanted already stays as it is; others become its cause", () => {
  const store = new StoreError("Database is closed");
  assertStrictEquals(toStoreError(store), store);
  const start = new StartError("Cannot open");
  assertStrictEquals(toStartError("x", start), start);
  const full = new Error("database or disk is full");
  assertStrictEquals(toStoreError(full).cause, full);
  assertStrictEquals(toStartError("a\nb", full).cause, full);
  assertEquals(
    toStartError("a\nb", full).message,
    "Cannot open database 'a\\nb': the disk is full; make room",
  );
});

import { assert, assertEquals } from "@std/assert";

import { openDatabase } from "../../../server/store/sqlite_file.ts";
import { SizeLimit } from "../../../server/store/size_limit.ts";
import { withDatabasePath } from "../../support/database_path.ts";

const MIB = 1024 ** 2;

Deno.test("pages in use count, those of the transaction under way too; emptied ones are room again", async () => {
  await withDatabasePath((path) => {
    using db = openDatabase(path);
    const changes: boolean[] = [];
    const limit = new SizeLimit(db, { path, maxBytes: MIB, onChange: (is) => changes.push(is) });
    const insert = db.prepare("INSERT INTO blocks VALUES (?, '', ?, 0)");
    assert(limit.admits(MIB / 2));
    assert(!limit.admits(MIB));
    assertEquals(changes, [true]);
    limit.committed();
    assertEquals(changes, [true, false]);

    db.exec("BEGIN");
    let rows = 0;
    while (limit.admits(4_000)) insert.run(`${rows++}`, "x".repeat(4_000));
    assert(rows > 100 && rows < 256, `${rows}`);
    db.exec("COMMIT");
    limit.committed();
    assert(!limit.admits(4_000));
    assertEquals(changes, [true, false, true]);

    db.exec("DELETE FROM blocks WHERE folded IN ('7', '8', '9')");
    limit.committed();
    assert(limit.admits(4_000), "emptied pages are used again");
    assertEquals(changes, [true, false, true], "it is nearly full");
    db.exec("DELETE FROM blocks");
    limit.committed();
    assertEquals(changes, [true, false, true, false]);
    assert(limit.admits(MIB / 2));
  });
});

Deno.test("0 is no limit", () => {
  using db = openDatabase(":memory:");
  const onChange = (): void => assert(false);
  const limit = new SizeLimit(db, { path: ":memory:", maxBytes: 0, onChange });
  assert(limit.admits(Number.MAX_SAFE_INTEGER));
  limit.committed();
});

Deno.test("a write-ahead log counts with what it has beyond its usual 64 MiB", async () => {
  await withDatabasePath((path) => {
    using db = openDatabase(path);
    const limit = new SizeLimit(db, { path, maxBytes: 11 * MIB, onChange: () => {} });
    // A reader that stays keeps the log from being written back.
    using reader = openDatabase(path);
    reader.exec("BEGIN; SELECT count(*) FROM names");
    const replace = db.prepare("REPLACE INTO blocks VALUES ('a', '', ?, 0)");
    for (let n = 0; n < 17; n++) replace.run("x".repeat(4 * MIB));
    limit.committed();
    assert(limit.admits(MIB), "68 MiB are little more than usual");
    for (let n = 0; n < 3; n++) replace.run("x".repeat(4 * MIB));
    limit.committed();
    assert(!limit.admits(0));
    reader.exec("ROLLBACK");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    limit.committed();
    assert(limit.admits(MIB));
  });
});

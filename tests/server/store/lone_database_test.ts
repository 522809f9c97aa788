import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { refuseLoneDatabase } from "../../../server/store/lone_database.ts";
import { openSqliteReplica, openSqliteStore } from "../../../server/store/sqlite.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { runServer } from "../../support/server_process.ts";

Deno.test("a database that a server alone has used is no node's", async () => {
  await withDatabasePath(async (path) => {
    await using alone = openSqliteStore(path);
    refuseLoneDatabase(path);
    await alone.rememberName("eve", "Eve");
    assertThrows(
      () => refuseLoneDatabase(path),
      StartError,
      "it belongs to a server without --nats; choose another file with --db FILE",
    );
  });
});

Deno.test("server --nats refuses it before it looks for NATS", async () => {
  await withDatabasePath(async (db) => {
    {
      await using alone = openSqliteStore(db);
      await alone.rememberName("eve", "Eve");
    }
    const { code, stderr } = await runServer(["--nats", "nats://127.0.0.1:1"], { db });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "it belongs to a server without --nats");
  });
});

Deno.test("a node's copy passes, and so does what is no database of ours, untouched", async () => {
  await withDatabasePath(async (path) => {
    refuseLoneDatabase(":memory:");
    refuseLoneDatabase(path);
    assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
    await Deno.writeTextFile(path, "a text");
    refuseLoneDatabase(path);
    assertEquals(await Deno.readTextFile(path), "a text");
    await Deno.remove(path);
    await using copy = openSqliteReplica(path, { replicaOf: "log" });
    const stamp = { seq: 1, at: Date.UTC(2026, 0, 1) };
    await copy.apply(stamp, (writes) => writes.createAccount("ann", "Ann", "hash"));
    refuseLoneDatabase(path);
  });
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { TrustedNetworks } from "../../../server/accounts/trusted_networks.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { BrokenStore } from "../../support/broken_store.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { RecordingLog } from "../../support/recording_log.ts";

const BOB = { folded: "bob", passwordHash: "hash" };

Deno.test("an account's networks are remembered across a restart, for that account alone", async () => {
  await withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path);
      const networks = new TrustedNetworks(store, new RecordingLog());
      for (const name of ["bob", "eve"]) await store.createAccount(name, name, "hash");
      assert(!await networks.has("bob", "192.0.2.1"));
      await networks.add(BOB, "192.0.2.1");
    }
    await using store = openSqliteStore(path);
    const networks = new TrustedNetworks(store, new RecordingLog());
    assert(await networks.has("bob", "192.0.2.1"));
    assert(!await networks.has("bob", "192.0.2.2"));
    assert(!await networks.has("eve", "192.0.2.1"));
  });
});

Deno.test("no address is in the database, and one address looks different for each account", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path);
    const networks = new TrustedNetworks(store, new RecordingLog());
    for (const name of ["bob", "eve"]) {
      await store.createAccount(name, name, "hash");
      await networks.add({ folded: name, passwordHash: "hash" }, "192.0.2.1");
    }
    using db = new DatabaseSync(path);
    const marks = db.prepare("SELECT network FROM trusted_networks").all().map((row) =>
      row.network
    );
    assertEquals(new Set(marks).size, 2);
    assert(!marks.join().includes("192"));
  });
});

Deno.test("a store that fails trusts nobody, and a login does not fail because it cannot be remembered", async () => {
  await using broken = new BrokenStore("disk full");
  const log = new RecordingLog();
  const networks = new TrustedNetworks(broken.store, log);
  broken.isBroken = true;
  await networks.add(BOB, "192.0.2.1");
  assertEquals(log.of("network not remembered").map(({ fields }) => fields), [
    { name: "bob", reason: "disk full" },
  ]);
  await assertRejects(() => networks.has("bob", "192.0.2.1"), Error, "disk full");
});

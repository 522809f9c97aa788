import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "node:path";

import { RoomAdmin } from "../../../server/store/room_admin.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { IN_MEMORY } from "../../../server/store/sqlite_file.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";

const NOW = 1_767_225_600;

Deno.test("an account is made once, and its password is replaced only where there is one", () => {
  using users = UserAdmin.open(IN_MEMORY, true, () => NOW);
  assert(!users.has("bob") && !users.setPassword("bob", "hash"));
  assert(users.add("bob", "Bob", "hash"));
  assert(!users.add("bob", "BOB", "other"));
  assert(users.has("bob") && users.setPassword("bob", "other"));
  assertEquals(users.list(), [{
    name: "Bob",
    account: {
      passwordHash: "other",
      created: NOW,
      lastSeen: undefined,
      letters: 0,
      letterBytes: 0,
    },
    blocked: undefined,
  }]);
});

Deno.test("a second block replaces the reason and keeps the time", () => {
  let now = NOW;
  using users = UserAdmin.open(IN_MEMORY, true, () => now);
  users.block("eve", "Eve", "spam");
  now += 60;
  users.block("eve", "Eve", "more spam");
  assertEquals(users.list().map(({ blocked }) => blocked), [{ reason: "more spam", since: NOW }]);
  assert(users.unblock("eve") && !users.unblock("eve"));
  assertEquals(users.list(), []);
});

Deno.test("an account goes with its mailbox; its block and what is known of the name stay", async () => {
  await withDatabasePath(async (path) => {
    using users = UserAdmin.open(path, true, () => NOW);
    await using store = openSqliteStore(path);
    await store.rememberName("bob", "Bob");
    users.add("bob", "Bob", "hash");
    users.block("bob", "Bob", "spam");
    const letter = { folded: "bob", to: "Bob", from: "eve", message: "hi", id: undefined };
    await store.storeLetter({ ...letter, time: Date.now() / 1000 });
    const removed = { letters: 1, direct: 0, rooms: 0, isErased: true };
    assertEquals([await users.remove("bob"), await users.remove("bob")], [removed, undefined]);
    assertEquals(await store.nameStatus("bob"), "guest");
    assertEquals(await store.blockReason("bob"), "spam");
  });
});

Deno.test("a new password and the end of an account end the trust in networks", async () => {
  await withDatabasePath(async (path) => {
    using users = UserAdmin.open(path, true, () => NOW);
    await using store = openSqliteStore(path);
    for (const name of ["bob", "eve"]) {
      users.add(name, name, "hash");
      await store.trustNetwork(name, "hash", "home");
    }
    users.setPassword("bob", "other");
    assertEquals(await store.isTrustedNetwork("bob", "home"), false);
    assertEquals(await store.isTrustedNetwork("eve", "home"), true);
    // A login with the old password that ends only now.
    await store.trustNetwork("bob", "hash", "home");
    assertEquals(await store.isTrustedNetwork("bob", "home"), false);
    await users.remove("eve");
    users.add("eve", "eve", "hash");
    assertEquals(await store.isTrustedNetwork("eve", "home"), false);
  });
});

Deno.test("what an administrator changes is noted, once, and what is not changed is not", () =>
  withDatabasePath(async (path) => {
    using users = UserAdmin.open(path, true, () => NOW);
    using rooms = RoomAdmin.open(path, () => NOW);
    const noted: unknown[] = [];
    const acts = (): unknown[] => {
      const all = rooms.listActs({ limit: 99 }).reverse();
      return all.slice(noted.length).map((act) => {
        noted.push(act);
        const { time, room, roomId, by, ...what } = act;
        assertEquals([time, room, roomId, by], [NOW, "", 0, "(administrator)"]);
        return what;
      });
    };
    assert(!users.setPassword("bob", "hash") && !users.unblock("bob") && !users.revokeInvite(1));
    assertEquals(await users.remove("bob"), undefined);
    assertEquals(acts(), []);
    users.add("bob", "Bob", "hash");
    assert(!users.add("bob", "BOB", "hash"));
    users.setPassword("bob", "other");
    users.block("eve", "Eve", "spam");
    users.unblock("eve");
    users.invite({ hash: "hash", uses: 2, days: 3, note: "x" });
    users.revokeInvite(1);
    assertEquals(acts(), [
      { action: "add", target: "Bob" },
      { action: "password", target: "Bob" },
      { action: "block", target: "Eve", detail: { reason: "spam" } },
      { action: "unblock", target: "Eve" },
      { action: "invite", detail: { uses: 2, days: 3, note: "x" } },
      { action: "revoke", detail: { id: 1 } },
    ]);
    // What was done to the account goes with it, but not that it was removed; whoever takes the name has none of it.
    await users.remove("bob");
    users.add("bob", "bob", "hash");
    assertEquals(rooms.listActs({ limit: 99 }).map(({ action, target }) => [action, target]), [
      ["add", "bob"],
      ["remove", "Bob"],
      ...[["revoke", undefined], ["invite", undefined], ["unblock", "Eve"], ["block", "Eve"]],
    ]);
    const exported = [...users.export("bob")!].map((record) => JSON.stringify(record));
    assertEquals(exported.filter((record) => record.includes("room_act")).length, 1);
  }));

Deno.test("a backup that somebody interrupts leaves nothing", () =>
  withDatabasePath(async (path) => {
    using users = UserAdmin.open(path, true, () => NOW);
    const copy = `${path}.copy`;
    const interrupt = new AbortController();
    const backup = users.backup(copy, interrupt.signal);
    interrupt.abort(new Error("it was interrupted"));
    await assertRejects(() => backup, Error, "it was interrupted");
    const files = [...Deno.readDirSync(dirname(path))].map(({ name }) => name);
    assertEquals(files.filter((name) => name.includes("copy")), []);
    await users.backup(copy, new AbortController().signal);
    assert(Deno.statSync(copy).size > 0);
  }));

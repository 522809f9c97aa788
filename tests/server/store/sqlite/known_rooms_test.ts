import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import type { StoredRoom, StoredSanction } from "../../../../server/store/room_store.ts";
import { openSqliteStore } from "../../../../server/store/sqlite.ts";
import { KnownRooms } from "../../../../server/store/sqlite/known_rooms.ts";
import { StoreError } from "../../../../server/store/store.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { writeRoom } from "../../../support/write_room.ts";

function room(folded: string, people = 0): StoredRoom {
  const sanction = (name: string, until?: number): StoredSanction => ({
    ...{ kind: "ban", folded: name, name, isAccount: false, network: undefined },
    ...{ until, reason: "", by: "eve" },
  });
  return {
    ...{ id: 1, folded, name: folded, topic: "", isLasting: true, isPrivate: false },
    ...{ isModerated: false, slow: 0, roles: [], invited: [] },
    sanctions: [sanction("mal", 10), ...Array.from({ length: people }, (_, n) => sanction(`${n}`))],
  };
}

Deno.test("a room is known until another connection commits; what is over is left out", () =>
  withDatabasePath((path) => {
    using own = new DatabaseSync(path);
    own.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
    using other = new DatabaseSync(path);
    const known = new KnownRooms(own);
    assertEquals(known.get("#a", 0), undefined);
    known.set(room("#a"));
    own.exec("INSERT INTO t VALUES (1)");
    assertEquals(known.get("#a", 9), room("#a"));
    assertEquals(known.get("#a", 10), { ...room("#a"), sanctions: [] });
    assertEquals(known.get("#a", 9), room("#a"));
    other.exec("INSERT INTO t VALUES (2)");
    assertEquals(known.get("#a", 9), undefined);
    known.set(room("#a"));
    known.set(room("#b"));
    known.delete("#a");
    assertEquals([known.get("#a", 9), known.get("#b", 9)], [undefined, room("#b")]);
    known.clear();
    assertEquals(known.get("#b", 9), undefined);
  }));

Deno.test("rooms that name very many people push out those that were used the longest ago", () => {
  using db = new DatabaseSync(":memory:");
  const known = new KnownRooms(db);
  assertEquals(known.get("#r0", 0), undefined);
  for (let n = 0; n < 40; n++) known.set(room(`#r${n}`, 1_000));
  assert(known.get("#r0", 0) !== undefined);
  for (let n = 40; n < 60; n++) known.set(room(`#r${n}`, 1_000));
  assertEquals([known.get("#r0", 0) !== undefined, known.get("#r1", 0)], [true, undefined]);
  for (let n = 0; n < 1_000; n++) known.set(room("#r0", 1_000)); // the same again takes no more
  assert(known.get("#r59", 0) !== undefined);
});

Deno.test("what was not committed is not known", () =>
  withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, { lockTimeoutMs: 0 });
    await store.createAccount("eve", "eve", "hash");
    await store.rooms.open("#dev", { folded: "eve", roomName: "#dev", maxRooms: 0 });
    {
      // A table that is gone makes the transaction fail behind the write.
      using db = new DatabaseSync(path);
      db.exec("ALTER TABLE reads RENAME TO gone");
    }
    const topic = writeRoom(store.rooms, "#dev", { kind: "set", topic: "tea" });
    const failing = store.markRead("eve", 1, 1);
    await Promise.all([topic, failing].map((write) => assertRejects(() => write, StoreError)));
    assertEquals((await store.rooms.find("#dev"))?.topic, "");
  }));

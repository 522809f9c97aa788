// What `RoomStore` promises, on real files.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { migrate, MIGRATIONS } from "../../../server/store/schema.ts";
import type { RoomViewer } from "../../../server/store/room_store.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../server/store/sqlite.ts";
import { type Store, StoreError, StoreFullError } from "../../../server/store/store.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { retentionIsDone } from "../../support/retention.ts";
import { settle } from "../../support/settle.ts";
import { writeRoom } from "../../support/write_room.ts";

const DAY_MS = 86_400_000;
/** Sees what everybody sees. */
const NOBODY: RoomViewer = {
  folded: "nobody",
  isAccount: false,
  network: "192.0.2.1",
  rooms: new Set(),
};
/** What a room is like that has just been made. */
const PLAIN = {
  ...{ isLasting: true as const, isPrivate: false, isModerated: false, slow: 0 },
  ...{ invited: [], sanctions: [] },
};
const ownedBy = (name: string) => [{ folded: name.toLowerCase(), name, role: "owner" as const }];
const maker = (folded: string, roomName: string, maxRooms = 0) => ({ folded, roomName, maxRooms });

/** A store with accounts eve and bob. */
async function withStore(
  test: (store: Store, path: string, clock: FakeClock) => Promise<void>,
  options: SqliteStoreOptions = {},
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock, ...options });
    for (const name of ["eve", "bob"]) await store.createAccount(name, name, "hash");
    await test(store, path, clock);
  });
}

const list = ({ rooms }: Store, limit: number) => rooms.list(NOBODY, limit, 0);

Deno.test("a room is there after a restart, in its maker's spelling, with topic and owner", async () => {
  await withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path);
      await store.createAccount("eve", "Eve", "hash");
      assertEquals(await store.rooms.open("#dev"), undefined);
      const room = {
        ...{ ...PLAIN, id: 1, folded: "#dev", name: "#Dev", topic: "", roles: ownedBy("Eve") },
        ...{ conversation: 1, last: 0 },
      };
      assertEquals(await store.rooms.open("#dev", maker("eve", "#Dev")), { ...room, isNew: true });
      assertEquals(await store.rooms.open("#dev", maker("eve", "#DEV")), { ...room, isNew: false });
      await writeRoom(store.rooms, "#dev", { kind: "set", topic: "tea" });
    }
    await using store = openSqliteStore(path);
    const room = {
      ...{ ...PLAIN, id: 1, folded: "#dev", name: "#Dev", topic: "tea", roles: ownedBy("Eve") },
    };
    assertEquals(await store.rooms.find("#dev"), room);
    const opened = { ...room, isNew: false, conversation: 1, last: 0 };
    assertEquals(await store.rooms.open("#dev"), opened);
    assertEquals(await store.rooms.find("#none"), undefined);
  });
});

Deno.test("of two who make a room at once one does; a name that is no account's makes none", () =>
  withStore(async ({ rooms }) => {
    const [eves, bobs] = await Promise.all([
      rooms.open("#dev", maker("eve", "#dev")),
      rooms.open("#dev", maker("bob", "#DEV")),
    ]);
    assert(typeof eves === "object" && typeof bobs === "object");
    assertEquals([eves.isNew, bobs.isNew, bobs.roles], [true, false, ownedBy("eve")]);
    assertEquals(await rooms.open("#other", maker("guest", "#other")), undefined);
    assertEquals(await rooms.find("#other"), undefined);
  }));

Deno.test("an account owns so many rooms at most; 0 is no limit", () =>
  withStore(async (store) => {
    const { rooms } = store;
    const open = (name: string, max: number) => rooms.open(name, maker("eve", name, max));
    const outcomes = await Promise.all(["#a", "#b", "#c"].map((name) => open(name, 2)));
    assertEquals(outcomes.map((room) => typeof room), ["object", "object", "string"]);
    assertEquals(await open("#c", 2), "too-many");
    assertEquals(await rooms.find("#c"), undefined);
    assertEquals((await rooms.open("#a", maker("eve", "#a", 2)) as { id: number }).id, 1);
    assertEquals(typeof await open("#c", 0), "object");
    await writeRoom(store.rooms, "#a", { kind: "remove" });
    assertEquals(typeof await open("#d", 3), "object");
  }));

Deno.test("a number is never used again", () =>
  withStore(async (store) => {
    const { rooms } = store;
    await rooms.open("#dev", maker("eve", "#dev"));
    await writeRoom(store.rooms, "#dev", { kind: "remove" });
    assertEquals(await writeRoom(store.rooms, "#dev", { kind: "set", topic: "x" }), undefined);
    assertEquals(await rooms.find("#dev"), undefined);
    const again = await rooms.open("#dev", maker("bob", "#dev"));
    assertEquals(typeof again === "object" && [again.id, again.roles], [2, ownedBy("bob")]);
  }));

Deno.test("a removed account owns nothing any more, nor does who gets its name; its rooms go on", () =>
  withStore(async (store, path) => {
    await store.rooms.open("#dev", maker("eve", "#dev", 1));
    using admin = UserAdmin.open(path, false, () => 0);
    await admin.remove("eve");
    assertEquals((await store.rooms.find("#dev"))?.roles, []);
    await store.createAccount("eve", "eve", "hash");
    assertEquals((await store.rooms.find("#dev"))?.roles, []);
    assertEquals(
      (await store.rooms.open("#dev", maker("eve", "#dev")) as { isNew: boolean }).isNew,
      false,
    );
    assertEquals(typeof await store.rooms.open("#new", maker("eve", "#new", 1)), "object");
  }));

Deno.test("a room that nobody was in for so many days is forgotten, however many; one with people never", () =>
  withStore(async (store, path, clock) => {
    const { rooms } = store;
    for (const name of ["#sat", "#left"]) await rooms.open(name, maker("eve", name));
    rooms.close((await rooms.find("#left"))!.id);
    {
      using db = new DatabaseSync(path);
      const day = Math.floor(clock.epochMs() / DAY_MS);
      const insert = db.prepare(
        "INSERT INTO rooms (folded, name, made, last_day) VALUES (?, ?, 0, ?)",
      );
      db.exec("BEGIN");
      for (let n = 0; n < 1_200; n++) insert.run(`#old${n}`, `#old${n}`, day);
      db.exec("COMMIT");
    }
    const pass = async (days: number): Promise<void> => {
      for (let hour = 0; hour < days * 24; hour++) {
        clock.advance(3_600_000);
        if (hour % 24 === 0) await settle();
      }
      for (let n = 0; n < 10; n++) await settle();
      await retentionIsDone(clock);
    };
    await pass(9);
    assertEquals((await list(store, 0)).total, 1_202);
    assertEquals((await rooms.open("#left") as { isNew: boolean }).isNew, false, "again a while");
    rooms.close((await rooms.find("#left"))!.id);
    await pass(3);
    assertEquals((await list(store, 9)).rooms.map(({ name }) => name), ["#left", "#sat"]);
    await pass(10);
    assertEquals((await list(store, 9)).rooms.map(({ name }) => name), ["#sat"]);
    // A crash does not forget it, either: that somebody was in is written every day.
    await using other = openSqliteStore(path, { clock, roomDays: 2 });
    for (let n = 0; n < 3; n++) await settle();
    assertEquals((await list(other, 9)).total, 1);
    rooms.close((await rooms.find("#sat"))!.id);
    await pass(12);
    assertEquals((await list(store, 9)).total, 0);
  }, { roomDays: 10 }));

Deno.test("the list is by folded name, of so many, and counts all", () =>
  withStore(async (store) => {
    for (const name of ["#b", "#Ä", "#a"]) {
      await store.rooms.open(name.toLowerCase(), maker("eve", name));
    }
    await writeRoom(store.rooms, "#b", { kind: "set", topic: "tea" });
    assertEquals(await list(store, 2), {
      rooms: [
        { folded: "#a", name: "#a", topic: "" },
        { folded: "#b", name: "#b", topic: "tea" },
      ],
      total: 3,
    });
    assertEquals((await list(store, 9)).rooms.at(-1)?.name, "#Ä");
  }));

Deno.test("at its limit the store makes no room and takes no topic; entering and removing go on", () =>
  withStore(async (store) => {
    const { rooms } = store;
    await rooms.open("#dev", maker("eve", "#dev"));
    const letter = { folded: "bob", to: "bob", from: "eve", id: undefined, time: 0 };
    let isFull = false;
    for (let n = 0; !isFull && n < 200; n++) {
      const message = "x".repeat(10_000);
      isFull = await store.storeLetter({ ...letter, message }).then(() => false, () => true);
    }
    assert(isFull);
    await assertRejects(() => rooms.open("#new", maker("eve", "#new")), StoreFullError);
    await assertRejects(
      () => writeRoom(store.rooms, "#dev", { kind: "set", topic: "tea" }),
      StoreFullError,
    );
    assertEquals(await rooms.find("#new"), undefined);
    assertEquals(
      (await rooms.open("#dev", maker("eve", "#dev")) as { isNew: boolean }).isNew,
      false,
    );
    for (const what of [{ kind: "set", topic: "" }, { kind: "remove" }] as const) {
      assert("after" in (await writeRoom(store.rooms, "#dev", what))!);
    }
  }, {
    maxBytes: 1024 ** 2,
    mailbox: {
      sender: { letters: 1e6, bytes: 1e9 },
      strangers: { letters: 1e6, bytes: 1e9 },
      whole: { letters: 1e6, bytes: 1e9 },
    },
  }));

Deno.test("a closed store takes no room", () =>
  withDatabasePath(async (path) => {
    const store = openSqliteStore(path);
    await store[Symbol.asyncDispose]();
    await assertRejects(() => store.rooms.find("#dev"), StoreError);
    await assertRejects(() => store.rooms.open("#dev", maker("eve", "#dev")), StoreError);
  }));

Deno.test("a file of the version before rooms is upgraded, and its accounts make some", async () => {
  const before = MIGRATIONS.findIndex((step) =>
    typeof step === "string" && step.includes("CREATE TABLE rooms")
  );
  await withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(old, MIGRATIONS.slice(0, before));
      old.exec(`INSERT INTO accounts (folded, name, password_hash, created)
        VALUES ('eve', 'Eve', 'hash', 0);`);
    }
    for (const isNew of [true, false]) {
      await using store = openSqliteStore(path);
      const room = await store.rooms.open("#dev", maker("eve", "#Dev"));
      assertEquals(room, {
        ...{ ...PLAIN, id: 1, folded: "#dev", name: "#Dev", topic: "" },
        ...{ roles: ownedBy("Eve"), isNew, conversation: 1, last: 0 },
      });
    }
  });
});

Deno.test("100 000 rooms: the first thousand and their number are read by way of the index", () =>
  withStore(async (store, path) => {
    {
      using db = new DatabaseSync(path);
      db.exec(`WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        INSERT INTO rooms (folded, name, topic, made, last_day)
          SELECT '#r' || i, '#r' || i, '', 0, 30000 FROM n;`);
      const plans = [
        "SELECT folded, name, topic FROM rooms WHERE private = 0 ORDER BY folded LIMIT 1000",
        "DELETE FROM rooms WHERE id IN (SELECT id FROM rooms WHERE last_day < 1 LIMIT 500)",
      ].map((sql) =>
        db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => detail).join("; ")
      );
      assert(/USING INDEX/.test(plans[0]!) && !/TEMP B-TREE/.test(plans[0]!), plans[0]);
      assert(/rooms_by_day/.test(plans[1]!), plans[1]);
    }
    const { rooms, total } = await list(store, 1_000);
    assertEquals([rooms.length, rooms[0]?.name, total], [1_000, "#r1", 100_000]);
  }));

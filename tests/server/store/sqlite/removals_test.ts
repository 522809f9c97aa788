// What goes with an account, on real files.
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { openSqliteStore, type SqliteStoreOptions } from "../../../../server/store/sqlite.ts";
import { MessageTexts } from "../../../../server/store/sqlite/message_texts.ts";
import { SqliteRemovals } from "../../../../server/store/sqlite/removals.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import type { Store } from "../../../../server/store/store.ts";
import { inTransaction } from "../../../../server/store/transaction.ts";
import { UserAdmin } from "../../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { filesWith } from "../../../support/files_with.ts";
import { putRoomMessages } from "../../../support/room_messages.ts";

const NOW = Math.floor(Date.now() / 1_000);

/** A store with ann, bob and carl; ann owns #dev. */
async function open(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const store = openSqliteStore(path, options);
  for (const name of ["ann", "bob", "carl"]) await store.createAccount(name, name, "hash");
  await store.rooms.open("#dev", { folded: "ann", roomName: "#dev", maxRooms: 0 });
  return store;
}

async function write(store: Store, from: string, folded: string, message: string): Promise<void> {
  const letter = { folded, to: folded, from, message, id: undefined, time: NOW };
  assertEquals(await store.storeLetter(letter), "stored");
}

/** Direct messages of ann and bob to and fro, and what else there is. */
async function fill(store: Store, path: string): Promise<void> {
  await write(store, "ann", "bob", "ann to bob: secret");
  await write(store, "bob", "ann", "bob to ann: secret");
  await write(store, "ann", "ann", "ann to ann: secret");
  await write(store, "guest", "ann", "guest to ann: secret");
  await store.deleteLetters("bob", 1);
  await write(store, "ann", "carl", "ann to carl: secret");
  await write(store, "bob", "carl", "bob to carl: stays");
  putRoomMessages(
    path,
    { room: "#dev", seq: 1, from: "ann", message: "ann in a room: secret" },
    { room: "#dev", seq: 2, from: "bob", message: "bob in a room: stays" },
    { room: "#dev", seq: 3, from: "ann", message: "a guest in a room: stays", session: "s" },
  );
}

function bodies(path: string): string[] {
  using db = new DatabaseSync(path, { readOnly: true });
  return db.prepare("SELECT body FROM messages ORDER BY id").all()
    .map(({ body }) => JSON.parse(body as string).message);
}

const LEFT = ["bob to carl: stays", "bob in a room: stays", "a guest in a room: stays"];

Deno.test("an account goes with all that it said and was told, while a server runs; nothing else goes", () =>
  withDatabasePath(async (path) => {
    await using store = await open(path);
    await fill(store, path);
    {
      using admin = UserAdmin.open(path, false, () => NOW);
      assertEquals(await admin.remove("ann"), { letters: 3, direct: 4, rooms: 1, isErased: true });
    }
    assertEquals(filesWith(path, "secret"), []);
    assertEquals(bodies(path), LEFT);
    assertEquals((await store.listLetters("carl", 0, 9)).map(({ stored }) => stored), [2]);
    const room = (await store.openRoom(1))!;
    const { messages } = await store.listMessages(room, { limit: 9 });
    assertEquals(messages.map(({ seq }) => seq), [2, 3]);
  }));

Deno.test("a removal that is interrupted is completed by the next one, and then there is no such account", () =>
  withDatabasePath(async (path) => {
    const time = NOW;
    {
      await using store = await open(path);
      await fill(store, path);
      using db = openDatabase(path);
      const account = db.prepare("DELETE FROM accounts WHERE folded = 'ann' RETURNING id").get()!;
      new SqliteRemovals(db, new MessageTexts(db)).begin(account.id as number, "ann", time);
    }
    using admin = UserAdmin.open(path, false, () => NOW);
    admin.add("ann", "ann", "hash");
    assertEquals(await admin.remove("ann"), { letters: 0, direct: 4, rooms: 1, isErased: true });
    assertEquals(bodies(path), LEFT);
    assertEquals(await admin.remove("ann"), undefined);
  }));

Deno.test("a removal that is interrupted is completed by the retention, also of what came later", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock(NOW * 1_000);
    {
      await using store = await open(path);
      await fill(store, path);
      using db = openDatabase(path);
      const account = db.prepare("DELETE FROM accounts WHERE folded = 'ann' RETURNING id").get()!;
      new SqliteRemovals(db, new MessageTexts(db)).begin(account.id as number, "ann", NOW);
    }
    await using store = openSqliteStore(path, { clock });
    const settled = async (condition: () => boolean): Promise<void> => {
      for (let n = 0; n < 1_000 && !condition(); n++) await store.replacePasswordHash("x", "", "");
      assert(condition());
    };
    clock.advance(0);
    await settled(() => bodies(path).length === LEFT.length);
    await settled(() => filesWith(path, "secret").length === 0);
    // Somebody who was online with it may have said something since.
    putRoomMessages(path, { room: "#dev", seq: 4, from: "nobody", message: "late: secret" });
    using db = new DatabaseSync(path);
    db.exec("UPDATE messages SET sender = 1 WHERE seq = 4");
    const removals = (): unknown => db.prepare("SELECT count(*) AS n FROM removals").get()?.n;
    assertEquals(removals(), 1);
    clock.advance(3_600_000);
    await settled(() => removals() === 0);
    assertEquals(bodies(path), LEFT);
  }));

Deno.test("a step is short, whatever there is, and steps find all", () =>
  withDatabasePath((path) => {
    using db = openDatabase(path);
    db.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
         INSERT INTO messages (time, sender, body)
           SELECT 0, CASE WHEN i < 1200 OR i % 100 = 0 THEN 7 ELSE 8 END, '{}' FROM n`,
    );
    const left = db.prepare("SELECT count(*) AS n FROM messages WHERE sender = 7");
    const removals = new SqliteRemovals(db, new MessageTexts(db));
    removals.begin(7, "eve", 0);
    const removed = { direct: 0, rooms: 0 };
    const swept: number[] = [];
    for (let next = removals.list("eve")[0]; next !== undefined;) {
      swept.push(next.swept);
      const before = removed.direct;
      const step = next;
      next = inTransaction(db, () => removals.step(step, removed));
      assert(removed.direct - before <= 500);
    }
    assertEquals(swept, [0, 500, 1_000, 6_000, 11_000]);
    assertEquals([left.get()?.n, removed], [0, { direct: 1_199 + 109, rooms: 0 }]);
    assertEquals(removals.list()[0]?.swept, 12_000);
    assertEquals(db.prepare("SELECT count(*) AS n FROM messages").get()?.n, 12_000 - 1_308);
    assertEquals(removals.goOn(30), false);
    assertEquals(removals.list().length, 1);
    assertEquals([removals.goOn(61), removals.list()], [false, []]);
  }));

// Conversations of rooms, and what an account's list has of them, on real files.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { migrate, MIGRATIONS } from "../../../../server/store/schema.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../../server/store/sqlite.ts";
import { type Store, StoreFullError } from "../../../../server/store/store.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { eventually } from "../../../support/server_fixture.ts";
import { settle } from "../../../support/settle.ts";
import { writeRoom } from "../../../support/write_room.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Runs a test with a store in which ann and bob have accounts, and ann a room. */
async function withStore(
  test: (parts: { store: Store; path: string; clock: FakeClock; room: number }) => Promise<void>,
  options: SqliteStoreOptions = {},
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock, ...options });
    for (const name of ["ann", "bob"]) await store.createAccount(name, name, "hash");
    await test({ store, path, clock, room: await open(store, "#dev") });
  });
}

/** Somebody enters a room of ann's, made if need be; gives its number. */
async function open(store: Store, name: string): Promise<number> {
  const maker = { folded: "ann", roomName: name, maxRooms: 0 };
  const room = await store.rooms.open(name, maker);
  assert(typeof room === "object");
  return room.id;
}

/** What is kept of a message; gives its number once it is. */
function keep(
  store: Store,
  conversation: number,
  message: string,
  { sender = "ann" as string | undefined, to = "#dev", time = Date.UTC(2026, 0, 1) / 1_000 } = {},
): { seq: number; isKept: Promise<boolean> } {
  const seq = store.nextSeq(conversation)!;
  const rest = { id: undefined, fingerprint: undefined, delivered: 1, guest: "session" };
  const from = sender ?? "guest";
  const isKept = store.keepMessage({
    ...{ conversation, seq, from, sender, to, message, time },
    ...rest,
  });
  return { seq, isKept };
}

/** One number that the file has, as another connection reads it. */
function value(path: string, sql: string): unknown {
  using db = new DatabaseSync(path, { readOnly: true });
  return Object.values(db.prepare(sql).get()!)[0];
}

Deno.test("a room opens with its conversation and the number of its newest message, behind what is being written", () =>
  withStore(async ({ store, room }) => {
    const conversation = (await store.openRoom(room))!;
    const last = async (): Promise<number> =>
      (await store.rooms.open("#dev") as { last: number }).last;
    assertEquals(await last(), 0);
    for (let n = 1; n <= 600; n++) {
      if (store.nextSeq(conversation) === undefined) await store.openRoom(room);
      assertEquals(keep(store, conversation, `${n}`).seq, n);
      if (n % 100 === 0) assertEquals(await last(), n); // none of them was waited for
    }
    const page = await store.listMessages(conversation, { after: 10, before: 13, limit: 100 });
    assertEquals([page.messages.map(({ seq }) => seq), page.more], [[11, 12], false]);
    const first = await store.listMessages(conversation, { after: 10, before: 20, limit: 1 });
    assertEquals([first.messages.map(({ seq }) => seq), first.more], [[11], true]);
    assertEquals(await store.openRoom(999), undefined);
  }));

Deno.test("a message exists from the moment in which it has a number", () =>
  withStore(async ({ store, room }) => {
    const conversation = (await store.openRoom(room))!;
    const { seq, isKept } = keep(store, conversation, "1");
    for (let n = 0; n < 2; n++) {
      const exist = [seq, seq + 1, 99].map((one) => store.hasMessage(conversation, one));
      assertEquals([exist, store.hasMessage(conversation + 1, seq)], [[true, false, false], false]);
      assertEquals(await isKept, true);
    }
  }));

Deno.test("what is read in the transaction that keeps a message knows of it", () =>
  withStore(async ({ store, room }) => {
    const conversation = (await store.openRoom(room))!;
    await store.rooms.remember(room, "bob");
    const { seq } = keep(store, conversation, "1");
    await store.markRead("bob", conversation, 99);
    const [summary] = await store.listConversations("bob", 10);
    assertEquals([summary!.last, summary!.read, summary!.unread], [seq, seq, 0]);
  }));

Deno.test("a room's end in the midst of messages: what comes behind it is not kept, and nothing else fails", () =>
  withStore(async ({ store, path, room }) => {
    const conversation = (await store.openRoom(room))!;
    const other = (await store.openDirect("ann", "bob"))!;
    const before = keep(store, conversation, "before");
    const removed = writeRoom(store.rooms, "#dev", { kind: "remove" }).then((end) =>
      "after" in end!
    );
    const behind = keep(store, conversation, "behind");
    const direct = keep(store, other, "to bob", { to: "bob" });
    assertEquals([await before.isKept, await removed, await behind.isKept], [true, true, false]);
    assertEquals(await direct.isKept, true);
    assertEquals(await keep(store, conversation, "later").isKept, false);
    assertEquals(await store.openRoom(room), undefined);
    // The same name: another room, and numbers of its own.
    const again = await open(store, "#dev");
    assert(again > room);
    const fresh = (await store.openRoom(again))!;
    assertEquals([fresh === conversation, keep(store, fresh, "new").seq], [false, 1]);
    await store.listMessages(fresh, { limit: 1 });
    assertEquals(value(path, "SELECT count(*) FROM conversations WHERE ended = 1"), 1);
  }));

Deno.test("the texts of a removed room are deleted at once, some at a time; what takes its place meanwhile stays", () =>
  withStore(async ({ store, path, clock, room }) => {
    clock.advance(0); // the retention's first run
    await settle();
    const conversation = (await store.openRoom(room))!;
    const kept: Promise<boolean>[] = [];
    for (let n = 0; n < 1_700; n++) {
      if (store.nextSeq(conversation) === undefined) await store.openRoom(room);
      kept.push(keep(store, conversation, `${n}`).isKept);
    }
    await Promise.all(kept);
    const messages = (): number => value(path, "SELECT count(*) FROM messages") as number;
    assertEquals(messages(), 1_700);
    await writeRoom(store.rooms, "#dev", { kind: "remove" });
    const again = (await store.openRoom(await open(store, "#dev")))!;
    await keep(store, again, "new").isKept;
    clock.advance(0);
    let left = messages();
    const steps: number[] = [];
    while (left > 1) {
      await store.markRead("ann", again, 1); // behind the retention's next step
      steps.push(left - messages());
      left = messages();
    }
    assert(steps.every((step) => step <= 500) && steps.length >= 4, `${steps}`);
    await settle();
    assertEquals(value(path, "SELECT count(*) FROM conversations"), 1);
    assertEquals((await store.listMessages(again, { limit: 9 })).messages.length, 1);
    assertEquals(await keep(store, conversation, "late").isKept, false, "its row is gone, too");
  }));

Deno.test("a room that nobody entered for --room-days takes its messages with it", () =>
  withStore(async ({ store, path, clock, room }) => {
    const conversation = (await store.openRoom(room))!;
    await keep(store, conversation, "old").isKept;
    store.rooms.close(room);
    clock.advance(11 * DAY_MS);
    for (let n = 0; n < 4; n++) {
      clock.advance(n === 0 ? HOUR_MS : 0);
      await settle();
      await store.markRead("ann", conversation, 1);
    }
    assertEquals(value(path, "SELECT count(*) FROM rooms"), 0);
    const left = (): unknown =>
      value(path, "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM conversations)");
    await eventually(() => left() === 0, () => `the end of ${left()} rows`);
  }, { roomDays: 10 }));

Deno.test("conversations list the rooms that an account is remembered in, with direct ones, the newest first", () =>
  withStore(async ({ store, room }) => {
    const list = async (name = "bob", limit = 10): Promise<unknown[]> =>
      (await store.listConversations(name, limit)).map((one) => [one.with, one.last, one.unread]);
    const time = Date.UTC(2026, 0, 1) / 1_000;
    const dev = (await store.openRoom(room))!;
    const direct = (await store.openDirect("ann", "bob"))!;
    const [quiet, busy] = [await open(store, "#quiet"), await open(store, "#Busy")];
    for (const id of [room, quiet, busy]) await store.rooms.remember(id, "bob");
    keep(store, dev, "1", { time: time + 1 });
    keep(store, direct, "1", { to: "bob", time: time + 2 });
    const busyTalk = (await store.openRoom(busy))!;
    keep(store, busyTalk, "1", { time: time + 3 });
    keep(store, busyTalk, "2", { time: time + 4, sender: undefined });
    keep(store, busyTalk, "3", { time: time + 5, sender: "bob" });
    const all = [["#Busy", 3, 2], ["ann", 1, 1], ["#dev", 1, 1], ["#quiet", 0, 0]];
    assertEquals(await list(), all);
    assertEquals(await list("bob", 2), all.slice(0, 2));
    assertEquals(await list("ann"), [["bob", 1, 0]]);
    await store.rooms.remember(busy, "bob"); // once more
    await store.rooms.forgetMember(busy, "bob");
    await store.rooms.forgetMember(busy, "ann"); // who is not remembered
    await writeRoom(store.rooms, "#dev", { kind: "remove" });
    assertEquals(await list(), [["ann", 1, 1], ["#quiet", 0, 0]]);
  }));

Deno.test("who is in a room is written once; of an account's rooms the latest thousand are remembered", () =>
  withStore(async ({ store, path, room }) => {
    await store.rooms.remember(room, "bob");
    using db = new DatabaseSync(path);
    const version = (): unknown => db.prepare("PRAGMA data_version").get()!.data_version;
    const before = version();
    await store.rooms.remember(room, "bob");
    assertEquals(version(), before, "nothing was written");
    db.exec(`WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      INSERT INTO rooms (folded, name, topic, made, last_day)
        SELECT '#r' || i, '#r' || i, '', 0, 30000 FROM n;
      INSERT INTO room_members (account, room) SELECT 2, id FROM rooms WHERE id <> ${room};`);
    assertEquals(value(path, "SELECT count(*) FROM room_members"), 1_001);
    await store.rooms.remember(await open(store, "#new"), "bob");
    assertEquals(value(path, "SELECT count(*) FROM room_members"), 1_000);
    assertEquals(value(path, `SELECT count(*) FROM room_members WHERE room = ${room}`), 0);
    db.exec("DELETE FROM accounts WHERE folded = 'bob'");
    assertEquals(value(path, "SELECT count(*) FROM room_members"), 0);
  }));

Deno.test("a full database: rooms are entered, nothing is remembered, and no conversation is begun", () =>
  withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(old);
      old.exec(
        `INSERT INTO accounts (folded, name, password_hash, created) VALUES ('ann', 'ann', '', 0);
        INSERT INTO rooms (folded, name, topic, made, last_day) VALUES ('#dev', '#dev', '', 0, 30000);`,
      );
    }
    await using store = openSqliteStore(path, { maxBytes: 4_096 });
    const room = await store.rooms.open("#dev");
    assert(typeof room === "object");
    assertEquals([room.conversation, room.last], [undefined, 0]);
    await assertRejects(() => store.openRoom(room.id), StoreFullError);
    await assertRejects(() => store.rooms.remember(room.id, "ann"), StoreFullError);
    await store.rooms.forgetMember(room.id, "ann");
  }));

Deno.test("with 0 days rooms have no conversations, and who is in them is not written", () =>
  withStore(async ({ store, path, room }) => {
    const opened = await store.rooms.open("#dev");
    assertEquals(typeof opened === "object" && opened.conversation, undefined);
    assertEquals(await store.openRoom(room), undefined);
    await store.rooms.remember(room, "ann");
    assertEquals(value(path, "SELECT count(*) FROM room_members"), 0);
  }, { historyDays: 0 }));

Deno.test("a file of the version before is upgraded: its rooms are remembered and talked in", () =>
  withDatabasePath(async (path) => {
    {
      using old = new DatabaseSync(path);
      migrate(
        old,
        MIGRATIONS.slice(
          0,
          MIGRATIONS.findIndex((step) =>
            typeof step === "string" && step.includes("CREATE TABLE room_members")
          ),
        ),
      );
      old.exec(
        `INSERT INTO accounts (folded, name, password_hash, created) VALUES ('ann', 'ann', '', 0);
        INSERT INTO rooms (folded, name, topic, made, last_day) VALUES ('#dev', '#Dev', '', 0, 30000);
        INSERT INTO room_roles VALUES (1, 1, 'owner');`,
      );
    }
    await using store = openSqliteStore(path);
    const room = await store.rooms.open("#dev");
    assert(typeof room === "object");
    assertEquals(keep(store, room.conversation!, "hi").seq, 1);
    await store.rooms.remember(room.id, "ann");
    assertEquals((await store.listConversations("ann", 1))[0]!.with, "#Dev");
    assert("after" in (await writeRoom(store.rooms, "#dev", { kind: "remove" }))!);
  }));

// What `RoomStore.change` promises: every write, alone and at random against the plain model.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { LIMITS } from "../../../common/limits.ts";
import type {
  RoomStore,
  RoomWrite,
  StoredRoom,
  StoredSanction,
} from "../../../server/store/room_store.ts";
import { migrate, MIGRATIONS } from "../../../server/store/schema.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Store, StoreError } from "../../../server/store/store.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { MemoryRooms } from "../../support/memory_rooms.ts";
import { seededRandom } from "../../support/random.ts";
import { writeRoom } from "../../support/write_room.ts";
import { roomDeed } from "../../support/room_deed.ts";

const ACCOUNTS = ["ann", "bob", "eve", "mal"];

/** A store with accounts, and with #dev of eve's. */
async function withStore(
  test: (store: Store, path: string, clock: FakeClock) => Promise<void>,
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    for (const name of ACCOUNTS) await store.createAccount(name, name, "hash");
    await store.rooms.open("#dev", { folded: "eve", roomName: "#Dev", maxRooms: 0 });
    await test(store, path, clock);
  });
}

function sanction(folded: string, more: Partial<StoredSanction> = {}): StoredSanction {
  return {
    ...{ kind: "ban", folded, name: folded, isAccount: true, network: undefined },
    ...{ until: undefined, reason: "", by: "eve", ...more },
  };
}

const grant = (account: string, role: "owner" | "moderator" | "member", maxRooms = 0) =>
  ({ kind: "grant", account, role, maxRooms }) as const;

/** What a write makes of #dev, or why it is not done. */
async function after(rooms: RoomStore, write: RoomWrite): Promise<StoredRoom | string | undefined> {
  const written = await writeRoom(rooms, "#dev", write);
  return written && ("refused" in written ? written.refused : written.after);
}

Deno.test("each write changes what it says, gives the room before and after, and is there after a restart", () =>
  withDatabasePath(async (path) => {
    const steps: [RoomWrite, Partial<StoredRoom>][] = [
      [{ kind: "set", topic: "tea", isPrivate: true }, { topic: "tea", isPrivate: true }],
      [{ kind: "set", isModerated: true, slow: 2.5 }, { isModerated: true, slow: 2.5 }],
      [{ kind: "set", topic: "", isPrivate: false }, { topic: "", isPrivate: false }],
      [{ kind: "set" }, {}],
      [{ kind: "invite", account: "bob", on: true }, {
        invited: [{ folded: "bob", name: "Bob" }],
      }],
      [{ kind: "invite", account: "bob", on: true }, {}],
      [grant("bob", "moderator"), {
        roles: [{ folded: "bob", name: "Bob", role: "moderator" }, {
          folded: "eve",
          name: "Eve",
          role: "owner",
        }],
      }],
      [{ kind: "sanction", sanction: sanction("bob") }, { sanctions: [sanction("bob")] }],
      [grant("bob", "member"), { roles: [{ folded: "eve", name: "Eve", role: "owner" }] }],
      [{ kind: "invite", account: "bob", on: false }, { invited: [] }],
      [{ kind: "invite", account: "bob", on: false }, {}],
      [{ kind: "sanction", sanction: sanction("bob", { reason: "again", until: 1e12 }) }, {
        sanctions: [sanction("bob", { reason: "again", until: 1e12 })],
      }],
      [{ kind: "lift", sanction: "mute", folded: "bob" }, {}],
      [{ kind: "lift", sanction: "ban", folded: "bob" }, { sanctions: [] }],
      [{ kind: "note" }, {}],
    ];
    let room: StoredRoom;
    {
      await using store = openSqliteStore(path);
      for (const name of ["Bob", "Eve"]) await store.createAccount(name.toLowerCase(), name, "");
      await store.rooms.open("#dev", { folded: "eve", roomName: "#Dev", maxRooms: 0 });
      room = (await store.rooms.find("#dev"))!;
    }
    for (const [write, change] of steps) {
      await using store = openSqliteStore(path);
      const expected: StoredRoom = { ...room, ...change };
      assertEquals(await writeRoom(store.rooms, "#dev", write), { before: room, after: expected });
      assertEquals(await store.rooms.find("#dev"), expected);
      room = expected;
    }
    await using store = openSqliteStore(path);
    const end = await writeRoom(store.rooms, "#dev", { kind: "remove" });
    assertEquals(end, { before: room, after: room });
    assertEquals(await store.rooms.find("#dev"), undefined);
    assertEquals(await writeRoom(store.rooms, "#dev", { kind: "note" }), undefined);
  }));

Deno.test("what is refused: no such account, the last owner, too many; nothing is noted then", () =>
  withStore(async (store, path) => {
    const { rooms } = store;
    assertEquals(await after(rooms, { kind: "invite", account: "guest", on: true }), "no-account");
    assertEquals(await after(rooms, { kind: "invite", account: "guest", on: false }), "no-account");
    assertEquals(await after(rooms, grant("guest", "owner")), "no-account");
    assertEquals(
      await after(rooms, { kind: "sanction", sanction: sanction("guest") }),
      "no-account",
    );
    for (const role of ["member", "moderator"] as const) {
      assertEquals(await after(rooms, grant("eve", role)), "last-owner");
    }
    await rooms.open("#bobs", { folded: "bob", roomName: "#bobs", maxRooms: 0 });
    assertEquals(await after(rooms, grant("bob", "owner", 1)), "too-many");
    assertEquals(await rooms.change("#dev", roomDeed(), () => ({ refused: "mine" })), {
      refused: "mine",
    });
    using db = new DatabaseSync(path);
    assertEquals(db.prepare("SELECT count(*) AS n FROM room_acts").get()?.n, 0);
    assert(typeof await after(rooms, grant("bob", "owner", 2)) === "object");
    assert(typeof await after(rooms, grant("eve", "moderator")) === "object");
    assertEquals(await after(rooms, grant("bob", "member")), "last-owner");
  }));

Deno.test("a room has so many roles, invitations and sanctions; those that are over make room", () =>
  withStore(async ({ rooms }, path, clock) => {
    const now = clock.epochMs() / 1000;
    {
      using db = new DatabaseSync(path);
      db.exec(`
        WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
          INSERT INTO accounts (folded, name, password_hash, created)
            SELECT 'n' || i, 'n' || i, '', 0 FROM n;
        INSERT INTO room_roles SELECT 1, id, 'moderator' FROM accounts
          WHERE folded GLOB 'n*' LIMIT ${LIMITS.maxRoomRoles - 2};
        INSERT INTO room_invitations SELECT 1, id FROM accounts
          WHERE folded GLOB 'n*' LIMIT ${LIMITS.maxRoomInvitations - 1};
        INSERT INTO room_sanctions (room, kind, account, folded, name, until, reason, by, time)
          SELECT 1, 'mute', id, folded, name, ${now + 60}, '', '', 0 FROM accounts
            WHERE folded GLOB 'n*' LIMIT ${LIMITS.maxRoomSanctions - 1};`);
    }
    const ban = (name: string): RoomWrite => ({ kind: "sanction", sanction: sanction(name) });
    const invite = (account: string, on = true): RoomWrite => ({ kind: "invite", account, on });
    for (const write of [grant("bob", "moderator"), invite("bob"), ban("bob")]) {
      assertEquals(typeof await after(rooms, write), "object", "the last one");
    }
    for (const write of [grant("ann", "moderator"), invite("ann"), ban("ann")]) {
      assertEquals(await after(rooms, write), "too-many");
    }
    // Who has one already takes no further place.
    for (const write of [grant("bob", "owner"), invite("bob"), ban("bob")]) {
      assertEquals(typeof await after(rooms, write), "object", "the same one");
    }
    await after(rooms, invite("bob", false));
    await after(rooms, grant("bob", "member"));
    assertEquals(typeof await after(rooms, invite("ann")), "object");
    assertEquals(typeof await after(rooms, grant("ann", "moderator")), "object");
    clock.advance(60_000);
    assertEquals(await after(rooms, ban("ann")), {
      ...(await rooms.find("#dev"))!,
      sanctions: [sanction("ann"), sanction("bob")],
    });
  }));

Deno.test("a decision that throws is its caller's fault alone; two decisions at once see one another", () =>
  withStore(async ({ rooms }) => {
    const failing = rooms.change("#dev", roomDeed(), () => {
      throw new TypeError("not mine");
    });
    const add = () =>
      rooms.change("#dev", roomDeed(), (_, { topic }) => ({
        order: {
          write: { kind: "set", topic: `${topic}x` },
          act: { by: "eve", action: "topic" },
        },
      }));
    const adding = Promise.all([add(), add(), add()]);
    await assertRejects(() => failing, TypeError, "not mine");
    await adding;
    assertEquals((await rooms.find("#dev"))?.topic, "xxx");
  }));

Deno.test("whatever is written at random, the room is as in the plain model", () =>
  withStore(async (store) => {
    const random = seededRandom(18);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    const model = new MemoryRooms(undefined, (folded) => ACCOUNTS.includes(folded));
    await model.open("#dev", { folded: "eve", roomName: "#Dev", maxRooms: 0 });
    const people = [...ACCOUNTS, "guest", "other"];
    const kinds = ["ban", "mute"] as const;
    const writes: (() => RoomWrite)[] = [
      () => ({ kind: "set", ...pick([{ topic: pick(["", "tea"]) }, { isPrivate: true }, {}]) }),
      () => ({ kind: "set", ...pick([{ isPrivate: false }, { isModerated: true }, { slow: 3 }]) }),
      () => ({ kind: "invite", account: pick(people), on: random() < 0.6 }),
      () => ({
        kind: "sanction",
        sanction: sanction(pick(people), {
          ...{ kind: pick(kinds), isAccount: false, until: pick([undefined, 4e9]) },
          ...{ network: pick([undefined, "mark"]), reason: pick(["", "spam"]) },
        }),
      }),
      () => ({
        kind: "sanction",
        sanction: sanction(pick(people), { kind: pick(kinds), until: pick([undefined, 3e9]) }),
      }),
      () => ({ kind: "lift", sanction: pick(kinds), folded: pick(people) }),
      () => grant(pick(people), pick(["owner", "moderator", "member"] as const)),
      () => ({ kind: "note" }),
    ];
    for (let n = 0; n < 600; n++) {
      if (random() < 0.1) {
        const name = pick(ACCOUNTS);
        await Promise.all([store.rooms.adopt([1, 7], name), model.adopt([1, 7], name)]);
        assertEquals(await store.rooms.find("#dev"), await model.find("#dev"), `adopt ${n}`);
      }
      const write = pick(writes)();
      assertEquals(
        await writeRoom(store.rooms, "#dev", write),
        await writeRoom(model, "#dev", write),
        `${n} ${JSON.stringify(write)}`,
      );
    }
  }));

Deno.test("a file of the version before is upgraded: its rooms are open to all, with their owners, and can be run", () =>
  withDatabasePath(async (path) => {
    const before = MIGRATIONS.findIndex((step) =>
      typeof step === "string" && step.includes("CREATE TABLE room_sanctions")
    );
    {
      using old = new DatabaseSync(path);
      migrate(old, MIGRATIONS.slice(0, before));
      old.exec(`
        INSERT INTO accounts (folded, name, password_hash, created)
          VALUES ('eve', 'Eve', '', 0), ('bob', 'Bob', '', 0);
        INSERT INTO rooms (folded, name, topic, made, last_day) VALUES ('#dev', '#Dev', 'tea', 0, 30000);
        INSERT INTO room_roles VALUES (1, 1, 'owner'), (1, 2, 'moderator');`);
    }
    for (const isPrivate of [false, true]) {
      await using store = openSqliteStore(path, { clock: new FakeClock() });
      const room: StoredRoom = {
        ...{ id: 1, folded: "#dev", name: "#Dev", topic: "tea", isLasting: true, isPrivate },
        ...{ isModerated: false, slow: 0, invited: [], sanctions: [] },
        roles: [
          { folded: "bob", name: "Bob", role: "moderator" },
          { folded: "eve", name: "Eve", role: "owner" },
        ],
      };
      assertEquals(await store.rooms.find("#dev"), room);
      const viewer = { folded: "x", isAccount: false, network: "", rooms: new Set<number>() };
      assertEquals((await store.rooms.list(viewer, 9, 0)).total, isPrivate ? 0 : 1);
      const changed = await writeRoom(store.rooms, "#dev", { kind: "set", isPrivate: true });
      assertEquals(changed, { before: room, after: { ...room, isPrivate: true } });
    }
  }));

Deno.test("a closed store changes no room", () =>
  withDatabasePath(async (path) => {
    const store = openSqliteStore(path);
    await store[Symbol.asyncDispose]();
    await assertRejects(() => writeRoom(store.rooms, "#dev", { kind: "note" }), StoreError);
  }));

// Which rooms somebody is told of, against each whole room and the one check.
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { refusalOf } from "../../../../server/rooms/roles.ts";
import { networkMark, RoomPolicy } from "../../../../server/rooms/room_policy.ts";
import type {
  RoomStore,
  RoomViewer,
  StoredRoom,
  StoredSanction,
} from "../../../../server/store/room_store.ts";
import { openSqliteStore } from "../../../../server/store/sqlite.ts";
import type { Store } from "../../../../server/store/store.ts";
import { SqliteRoomLists } from "../../../../server/store/sqlite/room_lists.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { seededRandom } from "../../../support/random.ts";
import { writeRoom } from "../../../support/write_room.ts";

const ACCOUNTS = ["ann", "bob", "eve", "mal"];
const NETWORKS = ["192.0.2.1", "192.0.2.2", "2001:db8::/64"];
const ROOMS = 300;

/** Hundreds of rooms, in each of which something may be said of anybody. */
async function furnish(store: Store, random: () => number, now: number): Promise<void> {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  for (const name of ACCOUNTS) await store.createAccount(name, name, "hash");
  await Promise.all(Array.from({ length: ROOMS }, (_, n) => {
    const name = `#r${n + 1}`;
    return store.rooms.open(name, { folded: pick(ACCOUNTS), roomName: name, maxRooms: 0 });
  }));
  const made: Promise<unknown>[] = [];
  for (let n = 1; n <= ROOMS; n++) {
    const folded = `#r${n}`;
    const write = (what: Parameters<typeof writeRoom>[2]): void => {
      made.push(writeRoom(store.rooms, folded, what));
    };
    if (random() < 0.5) write({ kind: "set", isPrivate: true });
    if (random() < 0.3) write({ kind: "invite", account: pick(ACCOUNTS), on: true });
    if (random() < 0.3) {
      write({ kind: "grant", account: pick(ACCOUNTS), role: "moderator", maxRooms: 0 });
    }
    while (random() < 0.4) {
      const name = pick([...ACCOUNTS, "guest", "other"]);
      const isAccount = ACCOUNTS.includes(name) && random() < 0.7;
      const sanction: StoredSanction = {
        ...{ kind: pick(["ban", "ban", "mute"]), folded: name, name, isAccount },
        ...{ until: pick([undefined, now + 5, now + 20]), reason: "", by: "eve" },
        network: isAccount || random() < 0.4 ? undefined : networkMark(n, pick(NETWORKS)),
      };
      write({ kind: "sanction", sanction });
    }
  }
  await Promise.all(made);
}

/** What the list has to be: every room is loaded, and the check is asked. */
async function expected(
  rooms: RoomStore,
  viewer: RoomViewer,
  now: number,
): Promise<StoredRoom[]> {
  const all = await Promise.all(
    Array.from({ length: ROOMS }, (_, n) => rooms.find(`#r${n + 1}`)),
  );
  return all.filter((room) => room !== undefined)
    .filter((room) => {
      const policy = new RoomPolicy(room);
      const standing = policy.standingOf(viewer, { isMember: viewer.rooms.has(room.id) });
      return refusalOf("see", policy.rules, standing, now) === undefined;
    })
    .sort((a, b) => a.folded < b.folded ? -1 : 1);
}

Deno.test("a list has the first rooms that one may know of, and counts all, whoever asks and whenever", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    const now = clock.epochMs() / 1000;
    const random = seededRandom(7);
    await furnish(store, random, now);
    const viewers: Omit<RoomViewer, "rooms">[] = [...ACCOUNTS, "guest", "other", "nobody"].flatMap(
      (folded) =>
        NETWORKS.map((network) => ({ folded, isAccount: ACCOUNTS.includes(folded), network })),
    );
    // The same name without the account: what is said of the account does not hold for it.
    viewers.push({ folded: "bob", isAccount: false, network: "198.51.100.1" });
    const totals = new Set<number>();
    for (const at of [0, 5, 10, 20]) {
      clock.advance(at * 1000 + now * 1000 - clock.epochMs());
      for (const who of viewers) {
        const rooms = new Set<number>();
        while (random() < 0.7) rooms.add(1 + Math.floor(random() * ROOMS));
        const viewer = { ...who, rooms };
        const right = await expected(store.rooms, viewer, now + at);
        for (const limit of [0, 7, 1_000]) {
          const list = await store.rooms.list(viewer, limit, now + at);
          assertEquals(
            [list.rooms.map(({ name }) => name), list.total],
            [right.slice(0, limit).map(({ name }) => name), right.length],
            JSON.stringify({ ...who, at, limit, rooms: [...rooms] }),
          );
        }
        totals.add(right.length);
      }
    }
    assert(totals.size > 20, `they differ: ${[...totals]}`);
  }));

Deno.test("conversations are of rooms that one would be admitted to, or is in", () =>
  withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    const now = clock.epochMs() / 1000;
    const random = seededRandom(8);
    await furnish(store, random, now);
    for (let n = 1; n <= ROOMS; n++) await store.rooms.remember(n, "bob");
    for (const at of [0, 10, 30]) {
      clock.advance(at * 1000 + now * 1000 - clock.epochMs());
      for (const rooms of [[], [1, 2, 3, 4, 5]]) {
        const viewer = { folded: "bob", isAccount: true, network: "", rooms: new Set(rooms) };
        const right = (await expected(store.rooms, viewer, now + at)).map(({ name }) => name);
        const list = await store.listConversations("bob", 500, { rooms });
        assertEquals(list.map((one) => one.with).sort(), right.sort());
        assert(right.length < ROOMS && right.length > 9);
        assertEquals((await store.listConversations("bob", 9, { rooms })).length, 9);
      }
    }
  }));

Deno.test("nothing of it goes through all rooms, or all that is said in them", () =>
  withDatabasePath(async (path) => {
    await using _store = openSqliteStore(path);
    using db = new DatabaseSync(path);
    const plans: string[] = [];
    const watched = new Proxy(db, {
      get: (target, key) =>
        key !== "prepare" ? Reflect.get(target, key) : (sql: string) => {
          const steps = target.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
          plans.push(...steps.map(({ detail }) => `${detail}`));
          return target.prepare(sql);
        },
    });
    new SqliteRoomLists(watched);
    const scans = plans.filter((step) => /^SCAN/.test(step));
    // Lists of numbers that were handed over, or were just gathered.
    const allowed = /json_each|CONSTANT ROW|\(subquery/;
    assertEquals(scans.filter((step) => !allowed.test(step)), []);
    // Of all others the first are taken in their order: only the few that were looked at one by one are sorted.
    const at = plans.findIndex((step) => /USING INDEX rooms_by_private/.test(step));
    const others = plans.slice(plans.lastIndexOf("RIGHT", at));
    assert(others.includes(plans[at]!), others.join("; "));
    assertEquals(others.filter((step) => /TEMP B-TREE FOR ORDER BY/.test(step)), []);
  }));

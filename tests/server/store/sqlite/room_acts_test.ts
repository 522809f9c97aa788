// Who did what in rooms: what is noted, for how long, and how much of it.
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import {
  ADMINISTRATOR,
  type RoomWrite,
  type StoredSanction,
} from "../../../../server/store/room_store.ts";
import { RoomAdmin } from "../../../../server/store/room_admin.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../../../server/store/sqlite.ts";
import { accountNameFault } from "../../../../common/names.ts";
import type { Store } from "../../../../server/store/store.ts";
import { UserAdmin } from "../../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { retentionIsDone } from "../../../support/retention.ts";
import { writeRoom } from "../../../support/write_room.ts";
import { roomDeed } from "../../../support/room_deed.ts";

const DAY_MS = 86_400_000;

async function withStore(
  test: (
    fixture: { store: Store; admin: RoomAdmin; path: string; clock: FakeClock },
  ) => Promise<void>,
  options: SqliteStoreOptions = {},
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock, ...options });
    for (const name of ["Eve", "Bob"]) await store.createAccount(name.toLowerCase(), name, "hash");
    await store.rooms.open("#dev", { folded: "eve", roomName: "#Dev", maxRooms: 0 });
    using admin = RoomAdmin.open(path, () => clock.epochMs() / 1000);
    await test({ store, admin, path, clock });
  });
}

function ban(folded: string, more: Partial<StoredSanction> = {}): RoomWrite {
  const sanction: StoredSanction = {
    ...{ kind: "ban", folded, name: folded, isAccount: false, network: undefined },
    ...{ until: undefined, reason: "", by: "Eve", ...more },
  };
  return { kind: "sanction", sanction };
}

Deno.test("an act has its particulars, outlives its room, and is found by room, author and time", () =>
  withStore(async ({ store, admin, clock }) => {
    const detail = { seconds: 60, reason: "spam \ud800 \0", quiet: true };
    await store.rooms.change("#dev", roomDeed(), () => ({
      order: { write: ban("mal"), act: { by: "Eve", action: "ban", target: "mal", detail } },
    }));
    const first = clock.epochMs() / 1000;
    clock.advance(1_000);
    await writeRoom(store.rooms, "#dev", { kind: "note" }, "Bob");
    await writeRoom(store.rooms, "#dev", { kind: "remove" }, "Eve");
    await store.rooms.open("#other", { folded: "bob", roomName: "#other", maxRooms: 0 });
    admin.grantRoom("#other", "eve", "moderator");
    const at = { time: first + 1, room: "#Dev", roomId: 1 };
    const noted = [
      {
        ...{ ...at, room: "#other", roomId: 2, by: ADMINISTRATOR, action: "grant", target: "Eve" },
        detail: { role: "moderator" },
      },
      { ...at, by: "Eve", action: "remove" },
      { ...at, by: "Bob", action: "note" },
      { ...at, time: first, by: "Eve", action: "ban", target: "mal", detail },
    ];
    assertEquals(admin.listActs({ limit: 9 }), noted);
    assertEquals(admin.listActs({ limit: 2 }), noted.slice(0, 2));
    assertEquals(admin.listActs({ room: "#dev", limit: 9 }), noted.slice(1));
    assertEquals(admin.listActs({ by: "eve", limit: 9 }), [noted[1], noted[3]]);
    assertEquals(admin.listActs({ by: ADMINISTRATOR, limit: 9 }), [noted[0]]);
    assertEquals(admin.listActs({ by: "nobody", limit: 9 }), []);
    assertEquals(admin.listActs({ since: first + 1, room: "#dev", limit: 9 }), noted.slice(1, 3));
    assert(accountNameFault(ADMINISTRATOR) !== undefined, "nobody can have that name");
  }));

Deno.test("with an account goes what was done to it; what it did to others stays, without its name", () =>
  withStore(async ({ store, admin, path }) => {
    for (const [by, target] of [["Eve", "Bob"], ["Bob", "mal"], ["Bob", "Eve"]] as const) {
      await store.rooms.change("#dev", roomDeed(), () => ({
        order: { write: ban("mal", { by }), act: { by, action: "ban", target } },
      }));
    }
    await writeRoom(store.rooms, "#dev", { kind: "invite", account: "bob", on: true });
    await writeRoom(store.rooms, "#dev", ban("bob", { isAccount: true }));
    {
      using users = UserAdmin.open(path, false, () => 0);
      await users.remove("bob");
      users.add("bob", "Bob", "hash");
    }
    assertEquals(
      admin.listActs({ room: "#dev", limit: 9 }).map(({ by, target }) => [by, target]).slice(-2),
      [["", "Eve"], ["", "mal"]],
    );
    assertEquals(admin.listActs({ by: "bob", limit: 9 }), []);
    const room = admin.showRoom("#dev")!;
    assertEquals(room.invited, []);
    assertEquals(room.sanctions.map(({ folded, by }) => [folded, by]), [["mal", ""]]);
  }));

for (const [historyDays, days] of [[30, 30], [0, 90]] as const) {
  Deno.test(`with --history-days ${historyDays} acts are kept for ${days} days; a ban goes when it is over`, () =>
    withStore(async ({ store, admin, path, clock }) => {
      const until = clock.epochMs() / 1000 + 3_600;
      await writeRoom(store.rooms, "#dev", ban("mal", { until }));
      await writeRoom(store.rooms, "#dev", ban("ann"));
      using db = new DatabaseSync(path);
      const bans = () => db.prepare("SELECT folded FROM room_sanctions ORDER BY id").all();
      assertEquals(bans().length, 2);
      clock.advance(3_600_000 - 1);
      assertEquals((await store.rooms.find("#dev"))!.sanctions.length, 2);
      clock.advance(1);
      assertEquals((await store.rooms.find("#dev"))!.sanctions.length, 1);
      await retentionIsDone(clock);
      assertEquals(bans().map(({ folded }) => folded), ["ann"]);
      clock.advance((days - 1) * DAY_MS);
      await retentionIsDone(clock);
      assertEquals(admin.listActs({ limit: 9 }).length, 2);
      clock.advance(DAY_MS);
      await retentionIsDone(clock);
      assertEquals(admin.listActs({ limit: 9 }), []);
    }, { historyDays }));
}

Deno.test("a full database: who moderates goes on, what takes room does not, and acts take no more than they had", () =>
  withStore(async ({ store, admin, path }) => {
    {
      using db = new DatabaseSync(path);
      db.exec(`
        WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
          INSERT INTO room_acts (time, room, folded, name, by, action)
            SELECT i, i, iif(i % 3 = 0, '#other', '#dev'), '', '', 'old' FROM n;
        WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
          INSERT INTO names SELECT 'name' || i, 'somebody', 30000, NULL FROM n;`);
    }
    const count = (room: string) => admin.listActs({ room, limit: 5_000 }).length;
    const allowed: RoomWrite[] = [
      ban("guest"),
      ban("bob", { isAccount: true, kind: "mute", reason: "x".repeat(200) }),
      { kind: "lift", sanction: "ban", folded: "guest" },
      { kind: "set", isPrivate: true, isModerated: true, slow: 9 },
      { kind: "set", topic: "" },
      { kind: "invite", account: "bob", on: false },
      { kind: "grant", account: "bob", role: "member", maxRooms: 0 },
      { kind: "note" },
    ];
    const refused: RoomWrite[] = [
      { kind: "set", topic: "tea" },
      { kind: "invite", account: "bob", on: true },
      { kind: "grant", account: "bob", role: "owner", maxRooms: 0 },
    ];
    assertEquals(count("#dev"), 1_000);
    for (const write of allowed) assert("after" in (await writeRoom(store.rooms, "#dev", write))!);
    for (const write of refused) {
      const outcome = await writeRoom(store.rooms, "#dev", write).then(
        () => "done",
        ({ name }) => name,
      );
      assertEquals(outcome, "StoreFullError", write.kind);
    }
    assertEquals([count("#dev"), count("#other")], [1_000, 500]);
    assertEquals(admin.listActs({ room: "#dev", limit: 1 })[0]?.action, "note");
    assert("after" in (await writeRoom(store.rooms, "#dev", { kind: "remove" }))!);
  }, { maxBytes: 1_000_000, knownDays: 36_500 }));

// The administrator's commands for rooms, on real files beside a running store.
import { assert, assertEquals, assertRejects } from "@std/assert";

import { StartError, UsageError } from "../../../common/errors.ts";
import { printable } from "../../../common/printable.ts";
import type { AdminOptions } from "../../../server/admin/commands.ts";
import { localTime } from "../../../server/admin/local_time.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store } from "../../../server/store/store.ts";
import { adminCommand } from "../../support/admin_command.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { putRoomMessages } from "../../support/room_messages.ts";
import { runRoom, sanctionOf } from "../../support/run_room.ts";

interface Fixture {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly path: string;
  /** Runs a command of `rooms`. */
  rooms(words: readonly string[], options?: AdminOptions): Promise<string[]>;
}

/** Accounts Ann, Bob and Eve, whose room is #Dev. */
async function withStore(test: (fixture: Fixture) => Promise<void>): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    for (const name of ["Ann", "Bob", "Eve"]) {
      await store.createAccount(name.toLowerCase(), name, "hash");
    }
    await store.rooms.open("#dev", { folded: "eve", roomName: "#Dev", maxRooms: 0 });
    const now = (): number => clock.epochMs() / 1000;
    await test({
      ...{ store, clock, path },
      rooms: (words, options) => adminCommand({ path, now }, ["rooms", ...words], options),
    });
  });
}

Deno.test("rooms list: a table that is as wide as it may be, and JSON that has all", () =>
  withStore(async ({ store, rooms, clock }) => {
    await store.rooms.open("#a", { folded: "bob", roomName: "#A", maxRooms: 0 });
    const topic = `\x1b[2J\u202e${"日".repeat(150)}`;
    const set = { topic, isPrivate: true, isModerated: true, slow: 90 };
    const act = { by: "Eve", action: "room" };
    await runRoom(store.rooms, "#dev", { kind: "set", ...set }, act);
    await store.rooms.remember(1, "ann");
    const day = new Date(clock.epochMs()).toISOString().slice(0, 10);
    const table = await rooms(["list"]);
    assertEquals(table, [
      `ROOM  TOPIC${
        " ".repeat(43)
      }  OWNERS  HOW                                    MEMBERS  LAST IN     KEPT`,
      `#A${" ".repeat(54)}Bob                                                  0  ${day}     0`,
      `#Dev  \\u{1b}[2J\\u{202e}${
        "日".repeat(15)
      }…  Eve     private, moderated, slow (1 min 30 s)        1  ${day}     0`,
    ]);
    const lines = await rooms(["list"], { json: true });
    assertEquals(lines.map(printable), lines);
    const [, dev] = lines.map((line) => JSON.parse(line));
    const made = clock.epochMs() / 1000;
    assertEquals(dev, {
      ...{ room: "#Dev", topic, owners: ["Eve"], private: true, moderated: true, slow: 90 },
      ...{ members: 1, made, last_in: Math.floor(made / 86_400) * 86_400, kept: 0 },
    });
  }));

Deno.test("rooms show: all who are more, or may less, with ends and reasons", () =>
  withStore(async ({ store, rooms, clock }) => {
    const by = { by: "Eve", action: "x" };
    const run = (write: Parameters<typeof runRoom>[2]) => runRoom(store.rooms, "#dev", write, by);
    const day = new Date(clock.epochMs()).toISOString().slice(0, 10);
    const facts = ["room     #Dev", `made     ${day}`, `last in  ${day}`, "members  0"];
    await run({ kind: "set", topic: "tea" });
    await run({ kind: "grant", account: "bob", role: "moderator", maxRooms: 0 });
    await run({ kind: "invite", account: "ann", on: true });
    const until = clock.epochMs() / 1000 + 7_200;
    await run(sanctionOf("ban", "Ann", { until, reason: "spam\x9b2J" }));
    await run(sanctionOf("mute", "mal", { isAccount: false, network: "secret" }));
    await run(sanctionOf("ban", "over", { isAccount: false, until: until - 7_200 }));
    assertEquals(await rooms(["show", "#DEV"]), [
      ...[facts[0]!, "topic    tea", ...facts.slice(1), "kept     0 messages", ""],
      "WHO          IS         UNTIL                      BY   REASON",
      "Eve          owner",
      "Bob          moderator",
      "Ann          invited",
      `Ann          banned     ${localTime(until)}  Eve  spam\\u{9b}2J`,
      "mal (guest)  muted      for good                   Eve",
    ]);
    const [line, ...more] = await rooms(["show", "#dev"], { json: true });
    assertEquals(more, []);
    assert(!line!.includes("\x9b") && !line!.includes("secret"));
    const { roles, invited, sanctions } = JSON.parse(line!);
    assertEquals(roles, [
      { account_name: "Bob", role: "moderator" },
      { account_name: "Eve", role: "owner" },
    ]);
    assertEquals(invited, ["Ann"]);
    assertEquals(sanctions, [
      { kind: "ban", user: "Ann", guest: false, until, by: "Eve", reason: "spam\x9b2J" },
      { kind: "mute", user: "mal", guest: true, by: "Eve", reason: "" },
    ]);
    await assertRejects(() => rooms(["show", "#no"]), StartError, "there is no room '#no'");
    await assertRejects(() => rooms(["show", "dev"]), UsageError, "ROOM must be '#' and then");
  }));

Deno.test("rooms grant: a running store sees it; the last owner stays; a room without one gets one", () =>
  withStore(async ({ store, rooms, clock, path }) => {
    const told: unknown[] = [];
    store.rooms.watch((change) => told.push(change));
    clock.advance(2_000);
    assertEquals(told, []);
    assertEquals(await rooms(["grant", "#DEV", "ANN", "moderator"]), [
      "Ann is a moderator of #Dev",
    ]);
    clock.advance(2_000);
    assertEquals(told, [{ id: 1, folded: "#dev" }]);
    assertEquals((await store.rooms.find("#dev"))?.roles.map(({ name, role }) => [name, role]), [
      ["Ann", "moderator"],
      ["Eve", "owner"],
    ]);
    const refused: [string[], typeof StartError | typeof UsageError, string][] = [
      [["#dev", "eve", "member"], StartError, "'eve' is the only owner of '#dev'"],
      [["#dev", "zoe", "owner"], StartError, "there is no account 'zoe'"],
      [["#no", "eve", "owner"], StartError, "there is no room '#no'"],
      [["#dev", "eve", "boss"], UsageError, "ROLE must be owner, moderator or member, received 'b"],
      [["#dev", "a b", "owner"], UsageError, "NAME must be"],
    ];
    for (const [words, type, message] of refused) {
      await assertRejects<Error>(() => rooms(["grant", ...words]), type, message);
    }
    await adminCommand({ path, now: () => 0 }, ["remove", "eve"]);
    assertEquals(await rooms(["grant", "#dev", "bob", "owner"]), ["Bob is an owner of #Dev"]);
    assertEquals(await rooms(["grant", "#dev", "ann", "member"]), ["Ann is a member of #Dev"]);
    assertEquals((await store.rooms.find("#dev"))?.roles, [
      { folded: "bob", name: "Bob", role: "owner" },
    ]);
  }));

Deno.test("rooms grant: a room has so many owners and moderators at most", () =>
  withStore(async ({ store, rooms }) => {
    for (let n = 0; n < 100; n++) await store.createAccount(`u${n}`, `u${n}`, "hash");
    for (let n = 0; n < 99; n++) {
      const write = { kind: "grant", account: `u${n}`, role: "moderator", maxRooms: 0 } as const;
      await runRoom(store.rooms, "#dev", write, { by: "Eve", action: "grant" });
    }
    await assertRejects(
      () => rooms(["grant", "#dev", "u99", "owner"]),
      StartError,
      "'#dev' has 100 owners and moderators, which is the most",
    );
  }));

Deno.test("rooms remove: a running store is told; says what goes; works without a server", () =>
  withStore(async ({ store, rooms, clock, path }) => {
    await store.openRoom(1);
    const time = clock.epochMs() / 1000;
    for (const seq of [1, 2]) {
      putRoomMessages(path, { room: "#dev", seq, from: "Eve", message: "hi", time });
    }
    const told: unknown[] = [];
    store.rooms.watch((change) => told.push(change));
    assertEquals(await rooms(["remove", "#DEV"]), [
      "Removed #Dev; a running server takes everybody out within 2 s; it, or else the next one, deletes 2 messages",
    ]);
    clock.advance(2_000);
    assertEquals(told, [{ id: 1, folded: "#dev" }]);
    assertEquals(await store.rooms.find("#dev"), undefined);
    await assertRejects(() => rooms(["remove", "#dev"]), StartError, "there is no room '#dev'");
    await store.rooms.open("#b", { folded: "bob", roomName: "#b", maxRooms: 0 });
    await store[Symbol.asyncDispose]();
    assertEquals(await rooms(["remove", "#b"]), [
      "Removed #b; a running server takes everybody out within 2 s",
    ]);
    assertEquals((await rooms(["list"])).length, 1);
  }));

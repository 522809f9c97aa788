// What an administrator does to rooms, on real files beside a running store.
import { assert, assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { RoomAdmin } from "../../../server/store/room_admin.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store } from "../../../server/store/store.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { retentionIsDone } from "../../support/retention.ts";
import { putRoomMessages } from "../../support/room_messages.ts";
import { writeRoom } from "../../support/write_room.ts";

interface Fixture {
  readonly store: Store;
  readonly admin: RoomAdmin;
  readonly path: string;
  readonly clock: FakeClock;
}

async function withStore(test: (fixture: Fixture) => Promise<void>): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    for (const name of ["Ann", "Bob", "Eve"]) {
      await store.createAccount(name.toLowerCase(), name, "hash");
    }
    await store.rooms.open("#dev", { folded: "eve", roomName: "#Dev", maxRooms: 0 });
    using admin = RoomAdmin.open(path, () => clock.epochMs() / 1000);
    await test({ store, admin, path, clock });
  });
}

Deno.test("rooms are listed with owners, and shown with all that holds", () =>
  withStore(async ({ store, admin, path, clock }) => {
    await store.rooms.open("#a", { folded: "bob", roomName: "#A", maxRooms: 0 });
    await writeRoom(store.rooms, "#a", { kind: "set", topic: "tea", isPrivate: true });
    const made = clock.epochMs() / 1000;
    await store.rooms.remember(1, "ann");
    await store.rooms.remember(1, "bob");
    await store.openRoom(1);
    for (const seq of [3, 4, 5]) {
      putRoomMessages(path, { room: "#dev", seq, from: "Eve", message: "hi", time: made });
    }
    await writeRoom(store.rooms, "#dev", { kind: "set", isModerated: true, slow: 30 });
    const all = { made, lastIn: Math.floor(made / 86_400) * 86_400 };
    const none = { isModerated: false, slow: 0, members: 0, kept: 0, last: 0 };
    const dev = { isModerated: true, slow: 30, members: 2, kept: 3, last: 5 };
    assertEquals([...admin.listRooms()], [
      { ...all, ...none, name: "#A", topic: "tea", isPrivate: true, owners: ["Bob"] },
      { ...all, ...dev, name: "#Dev", topic: "", isPrivate: false, owners: ["Eve"] },
    ]);
    assertEquals([...admin.listRooms("#dev")].map(({ name }) => name), ["#Dev"]);
    assertEquals([...admin.listRooms("#none")], []);
    assertEquals(admin.showRoom("#a"), await store.rooms.find("#a"));
    assertEquals(admin.showRoom("#none"), undefined);
    assertEquals([admin.removeRoom("#none"), admin.grantRoom("#none", "bob", "owner")], [
      undefined,
      undefined,
    ]);
  }));

Deno.test("a running store is told of each room that others changed or ended, within two seconds", () =>
  withStore(async ({ store, admin, path, clock }) => {
    admin.grantRoom("#dev", "bob", "moderator"); // before anybody watches
    const told: unknown[] = [];
    const look = (): unknown[] => {
      clock.advance(2_000);
      return told.splice(0);
    };
    store.rooms.watch((change) => told.push(change));
    assertEquals(look(), [{ id: 1, folded: "#dev" }], "since the store was opened");
    await writeRoom(store.rooms, "#dev", { kind: "set", topic: "own" });
    assertEquals(look(), []);
    const granted = admin.grantRoom("#dev", "ann", "owner");
    assertEquals(granted, { room: "#Dev", name: "Ann" });
    const { roles = [] } = await store.rooms.find("#dev") ?? {};
    assertEquals(roles.map(({ name, role }) => [name, role]), [
      ["Ann", "owner"],
      ["Bob", "moderator"],
      ["Eve", "owner"],
    ]);
    assertEquals(admin.grantRoom("#dev", "nobody", "owner"), "no-account");
    assertEquals(look(), [{ id: 1, folded: "#dev" }]);
    // An account that is named in a room goes.
    await writeRoom(store.rooms, "#dev", { kind: "invite", account: "bob", on: true });
    using users = UserAdmin.open(path, false, () => 0);
    await users.remove("bob");
    assertEquals(look(), [{ id: 1, folded: "#dev" }]);
    assertEquals(admin.removeRoom("#dev"), { name: "#Dev", kept: 0 });
    assertEquals(await store.rooms.find("#dev"), undefined);
    assertEquals(look(), [{ id: 1, folded: "#dev" }]);
    assertEquals(look(), []);
  }));

Deno.test("a room that has no owner any more gets one, beyond what an account may make", () =>
  withStore(async ({ store, admin, path }) => {
    await store.rooms.open("#bobs", { folded: "bob", roomName: "#bobs", maxRooms: 1 });
    using users = UserAdmin.open(path, false, () => 0);
    await users.remove("eve");
    admin.grantRoom("#dev", "bob", "owner");
    assertEquals((await store.rooms.find("#dev"))?.roles, [
      { folded: "bob", name: "Bob", role: "owner" },
    ]);
    assertEquals(admin.grantRoom("#dev", "bob", "member"), "last-owner");
  }));

Deno.test("the texts of a room that an administrator ends are deleted by the running store", () =>
  withStore(async ({ store, admin, path, clock }) => {
    const conversation = (await store.openRoom(1))!;
    putRoomMessages(path, {
      ...{ room: "#dev", seq: 1, from: "Eve", message: "hi", time: clock.epochMs() / 1000 },
    });
    assertEquals((await store.listMessages(conversation, { limit: 1 })).messages.length, 1);
    await retentionIsDone(clock); // so that it is not the one at the beginning
    store.rooms.watch(() => {});
    admin.removeRoom("#dev");
    clock.advance(2_000);
    let left = 1;
    for (let n = 0; left > 0 && n < 1_000; n++) {
      clock.advance(0);
      left = (await store.listMessages(conversation, { limit: 1 })).messages.length;
    }
    assertEquals(left, 0);
  }));

Deno.test("a file that is missing is not made", () =>
  withDatabasePath((path) => {
    assertThrows(() => RoomAdmin.open(path, () => 0), StartError, "no such file");
  }));

/** Changes #dev again and again in a process of its own, and says each change that is done. */
const WRITER = (module: string) => `
  import { openSqliteStore } from ${JSON.stringify(module)};
  const store = openSqliteStore(Deno.args[0]);
  for (let n = 1;; n++) {
    await store.rooms.change("#dev", {}, (_, { topic }) => ({
      order: {
        write: { kind: "set", topic: topic + "x" },
        act: { by: "eve", action: "topic", detail: { n } },
      },
    }));
    console.log(n);
  }`;

Deno.test("a change that was promised survives kill -9; with its act, and beside an administrator's changes", () =>
  withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path);
      await store.createAccount("eve", "eve", "hash");
      await store.rooms.open("#dev", { folded: "eve", roomName: "#dev", maxRooms: 0 });
      await store.createAccount("bob", "bob", "hash");
    }
    const module = new URL("../../../server/store/sqlite.ts", import.meta.url).href;
    await using process = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", WRITER(module), path],
      stdout: "piped",
    }).spawn();
    let said = "";
    // The right time: the writer's retention deletes what is too old.
    using admin = RoomAdmin.open(path, () => Date.now() / 1000);
    let grants = 0;
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (grants < 20) admin.grantRoom("#dev", "bob", ++grants % 2 === 1 ? "moderator" : "member");
      // A loaded machine gives many lines at once: both sides have to have written.
      if (said.split("\n").length > 60 && grants > 2) break;
    }
    process.kill("SIGKILL");
    await process.status;
    const promised = said.trimEnd().split("\n").length - (said.endsWith("\n") ? 0 : 1);
    assert(promised >= 59 && grants > 2);
    const room = admin.showRoom("#dev")!;
    const own = admin.listActs({ by: "eve", limit: 1_000_000 });
    // At most one more was written than was said.
    assert(room.topic.length >= promised, `${room.topic.length} of ${promised}`);
    assertEquals(own.length, room.topic.length);
    assertEquals(admin.listActs({ limit: 1_000_000 }).length, own.length + grants);
    assertEquals(room.roles.length, grants % 2 === 1 ? 2 : 1);
  }));

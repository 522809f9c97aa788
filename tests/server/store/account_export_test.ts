import { assert, assertEquals } from "@std/assert";

import { exportAccount } from "../../../server/store/account_export.ts";
import type { Act, RoomWrite } from "../../../server/store/room_store.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { openDatabase } from "../../../server/store/sqlite_file.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { putRoomMessages } from "../../support/room_messages.ts";
import { roomDeed } from "../../support/room_deed.ts";

const NOW = 1_800_000_000;

Deno.test("all that there is of an account, one kind after the other, and nothing of others", () =>
  withDatabasePath(async (path) => {
    await using store = openSqliteStore(path, { mailDays: 36_500, historyDays: 36_500 });
    for (const name of ["Ann", "Bob", "Carl"]) {
      await store.createAccount(name.toLowerCase(), name, `hash of ${name}`);
    }
    await store.rememberName("ann", "Ann");
    await store.trustNetwork("ann", "hash of Ann", "net");
    await store.rooms.open("#dev", { folded: "ann", roomName: "#Dev", maxRooms: 0 });
    await store.rooms.open("#other", { folded: "bob", roomName: "#other", maxRooms: 0 });
    const write = (from: string, to: string, message: string) =>
      store.storeLetter({
        ...{ folded: to.toLowerCase(), to, from, message, id: `id of ${message}`, time: NOW },
      });
    await write("Ann", "Bob", "one");
    await write("Bob", "Ann", "two \ud800");
    await write("Carl", "Bob", "not hers");
    await write("guest", "Ann", "three");
    const conversation = (await store.findDirect("ann", "bob"))!;
    const change = { conversation, by: { account: "ann", session: "" }, time: NOW + 1 };
    await store.editMessage({ ...change, seq: 1, message: "uno", since: 0 });
    await write("Ann", "Bob", "gone");
    await store.deleteMessage({ ...change, seq: 3 });
    await store.markRead("ann", conversation, 2);
    putRoomMessages(
      path,
      { room: "#dev", seq: 1, from: "Ann", message: "room", time: NOW },
      { room: "#dev", seq: 2, from: "Bob", message: "not hers", time: NOW },
    );
    await store.markRead("ann", (await store.openRoom(1))!, 2);
    await store.blockedUsers.set("ann", "carl", true);
    await store.blockedUsers.set("bob", "ann", true);
    const sanction = {
      ...{ kind: "mute" as const, folded: "ann", name: "Ann", isAccount: true },
      ...{ network: undefined, until: 4e9, reason: "loud", by: "Bob" },
    } as const;
    const acts: [string, RoomWrite, Act][] = [
      ["#dev", { kind: "set", topic: "tea" }, {
        ...{ by: "Ann", action: "topic", detail: { topic: "tea" } },
      }],
      ["#dev", { kind: "set", topic: "" }, { by: "Ann", action: "topic" }],
      ["#other", { kind: "sanction", sanction }, { by: "Bob", action: "mute", target: "Ann" }],
      ["#other", { kind: "invite", account: "ann", on: true }, {
        ...{ by: "Bob", action: "invite", target: "Ann" },
      }],
      ["#other", { kind: "note" }, { by: "Bob", action: "kick", target: "Carl" }],
    ];
    for (const [room, write, act] of acts) {
      await store.rooms.change(room, roomDeed(), () => ({ order: { write, act } }));
    }
    using users = UserAdmin.open(path, false, () => NOW);
    users.block("ann", "Ann", "spam");
    const lines = [...users.export("ann")!].map((record) => JSON.parse(JSON.stringify(record)));
    const [account, room, ...others] = lines;
    const times = others.slice(1, 6).map(({ time }) => time);
    assert(times.every((time) => typeof time === "number"));
    const [muted, ...acted] = times;
    assertEquals(others.splice(0, 7), [
      { kind: "room_invitation", room: "#other" },
      {
        ...{ kind: "room_mute", room: "#other", time: muted, by: "Bob" },
        ...{ reason: "loud", until: 4e9 },
      },
      ...[
        { room: "#Dev", by: "Ann", action: "topic", detail: { topic: "tea" } },
        { room: "#Dev", by: "Ann", action: "topic" },
        { room: "#other", by: "Bob", action: "mute", target: "Ann" },
        { room: "#other", by: "Bob", action: "invite", target: "Ann" },
      ].map((act, n) => ({ kind: "room_act", time: acted[n], ...act })),
      {
        ...{ kind: "room_act", time: 1_800_000_000, by: "(administrator)" },
        ...{ action: "block", target: "Ann", detail: { reason: "spam" } },
      },
    ]);
    const [network, ...rest] = others;
    const blocked = rest.pop();
    assert(typeof blocked.since === "number");
    assertEquals(blocked, { kind: "blocked", account_name: "Carl", since: blocked.since });
    const day = Math.floor(Date.now() / 86_400_000) * 86_400;
    assert(account.last_seen >= day && account.last_seen % 60 === 0, `${account.last_seen}`);
    assert(typeof account.created === "number" && typeof room.made === "number");
    assertEquals(account, {
      ...{ kind: "account", account_name: "Ann", password_hash: "hash of Ann" },
      ...{
        created: account.created,
        last_seen: account.last_seen,
        blocked: { reason: "spam", since: NOW },
      },
    });
    assertEquals(room, { kind: "room", room: "#Dev", topic: "", made: room.made, role: "owner" });
    assertEquals(network, { kind: "network", network: "net", last_seen: day });
    const of = { time: NOW, to: "Bob", from: "Ann" };
    const two = {
      time: NOW,
      to: "Ann",
      from: "Bob",
      message: "two \ud800",
      id: "id of two \ud800",
    };
    assertEquals(rest, [
      { kind: "conversation", with: "#Dev", last: 2, read: 2, time: NOW },
      { kind: "conversation", with: "Bob", last: 3, read: 2, time: NOW },
      {
        kind: "message",
        with: "Bob",
        seq: 1,
        ...of,
        message: "uno",
        id: "id of one",
        edited: NOW + 1,
      },
      { kind: "message", with: "Bob", seq: 2, ...two },
      { kind: "message", with: "Bob", seq: 3, ...of, id: "id of gone", deleted: true },
      {
        kind: "room_message",
        room: "#Dev",
        seq: 1,
        time: NOW,
        to: "#dev",
        from: "Ann",
        message: "room",
      },
      { kind: "letter", stored: 1, seq: 2, ...two },
      {
        ...{ kind: "letter", stored: 2, time: NOW, to: "Ann", from: "guest", message: "three" },
        id: "id of three",
      },
      { kind: "correspondent", account_name: "Bob" },
    ]);
    assertEquals(users.export("nobody"), undefined);
  }));

Deno.test("many messages come one at a time, a page in memory, while others write", () =>
  withDatabasePath((path) => {
    using db = openDatabase(path);
    using other = openDatabase(path, { busyTimeoutMs: 0 });
    db.exec(
      `INSERT INTO accounts (folded, name, password_hash, created)
         VALUES ('ann', 'Ann', '', 0), ('bob', 'Bob', '', 0);
       INSERT INTO conversations (kind, a, b) VALUES ('direct', 1, 2), ('direct', 1, 1);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO messages (conversation, seq, time, sender, body)
           SELECT 1 + i % 2, i, 0, 1, '{"to":"x","from":"Ann","message":"m"}' FROM n`,
    );
    const seqs = new Set<unknown>();
    for (const record of exportAccount(db, "ann")!) {
      const { kind, with: name, seq } = record as Record<string, unknown>;
      if (kind !== "message") continue;
      seqs.add(seq);
      assertEquals(name, (seq as number) % 2 === 0 ? "Bob" : "Ann");
      // Nobody is kept from writing or from emptying the log.
      assertEquals(other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy, 0);
    }
    assertEquals(seqs.size, 1_000);
  }));

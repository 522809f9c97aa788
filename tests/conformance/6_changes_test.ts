import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { type AccountFixture, login, withAccounts } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { filesWith } from "../support/files_with.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { putRoomMessages } from "../support/room_messages.ts";
import { eventually, TestServer } from "../support/server_fixture.ts";
import { storeWith } from "../support/store_with.ts";

const msg = (to: string, message: string, more: object = {}): object => ({
  event: "msg",
  to,
  message,
  ...more,
});
const edit = (to: string, seq: number, message: string): object => ({
  event: "edit",
  to,
  seq,
  message,
});
const erase = (to: string, seq: number): object => ({ event: "delete", to, seq });

const enter = async ({ server }: AccountFixture, name: string): Promise<RawClient> => {
  const client = await server.connect();
  const { response } = await client.ask(login(name, undefined, { register: true }));
  if (response === 409) assertEquals((await client.ask(login(name))).response, 200);
  else assertEquals(response, 201);
  return client;
};

const code = async (client: RawClient, request: object): Promise<unknown> =>
  (await client.ask(request)).response;

const listed = async (client: RawClient, name: string, more: object = {}): Promise<Frame[]> =>
  (await client.ask({ event: "history", with: name, ...more })).messages as Frame[];

Deno.test("edit: the other one learns it, history has the new text under the old number", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "Eve"), await enter(fixture, "Bob")];
    await eve.ask(msg("bob", "old 🙂", { id: "m1" }));
    const { event: _event, ...first } = await bob.frame();
    const { response, time: _time, ...rest } = await eve.ask({
      ...edit("BOB", 1, "новый \ud800 🙃"),
      id: "e1",
    });
    assertEquals([response, rest], [200, { alert: "Message 1 to BOB is changed", id: "e1" }]);
    const frame = await bob.frame();
    assert(typeof frame.time === "number");
    const { time } = frame;
    assertEquals(frame, {
      ...{ event: "edit", time, to: "Bob", from: "Eve", seq: 1, message: "новый \ud800 🙃" },
    });
    for (const [client, other] of [[eve, "bob"], [bob, "eve"]] as const) {
      assertEquals(await listed(client, other), [
        { ...first, message: "новый \ud800 🙃", edited: time },
      ]);
    }
    assertEquals([await eve.pending(), await bob.pending()], [[], []]);
  }));

Deno.test("delete: the other one learns it, history has the message without its text", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "Eve"), await enter(fixture, "bob")];
    for (const n of [1, 2, 3]) await eve.ask(msg("bob", `${n}`, { id: n }));
    await bob.frames(3);
    await eve.ask(edit("bob", 2, "changed"));
    await bob.frame();
    assertEquals(await code(eve, erase("bob", 2)), 200);
    const frame = await bob.frame();
    assertEquals<object>(frame, {
      ...{ event: "delete", time: frame.time, to: "bob", from: "Eve", by: "Eve", seq: 2 },
    });
    const [one, two, three] = await listed(bob, "eve");
    assertEquals([one!.message, three!.message], ["1", "3"]);
    assertEquals<unknown>(two, {
      time: two!.time,
      to: "bob",
      from: "Eve",
      id: 2,
      deleted: true,
      seq: 2,
    });
    assertEquals((await listed(bob, "eve", { before: 3, limit: 1 })).map(({ seq }) => seq), [2]);
    // A number is never used again, and what counts messages goes on.
    assertEquals(await code(eve, erase("bob", 3)), 200);
    assertEquals((await eve.ask(msg("bob", "4"))).seq, 4);
    const { conversations } = await bob.ask({ event: "conversations" });
    assertEquals((conversations as Frame[]).map(({ last, read }) => [last, read]), [[4, 0]]);
  }));

Deno.test("an action client gets changes in its own dialect", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await fixture.server.connect()];
    const { event: action, ...rest } = login("bob", undefined, { register: true }) as Frame;
    assertEquals(await code(bob, { action, ...rest }), 201);
    await eve.ask(msg("bob", "1"));
    await bob.frame();
    await eve.ask(edit("bob", 1, "2"));
    await eve.ask(erase("bob", 1));
    assertEquals((await bob.frames(2)).map(({ action, event }) => [action, event]), [
      ["edit", undefined],
      ["delete", undefined],
    ]);
  }));

Deno.test("400, 401, 403 and 404: what is wrong, whose it is, and what is not there", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    const [ann, guest] = [await enter(fixture, "ann"), await fixture.server.online("guest")];
    await eve.ask(msg("bob", "hi"));
    await bob.frame();
    await guest.ask({ event: "join", room: "#dev" });
    const both = async (client: RawClient, to: string, seq: number): Promise<unknown[]> => [
      await code(client, edit(to, seq, "x")),
      await code(client, erase(to, seq)),
    ];
    assertEquals(await both(bob, "eve", 1), [403, 403]);
    assertEquals(await both(ann, "eve", 1), [404, 404]);
    assertEquals(await both(eve, "bob", 2), [404, 404]);
    assertEquals(await both(eve, "nobody", 1), [404, 404]);
    assertEquals(await both(eve, "guest", 1), [404, 404]);
    assertEquals(await both(eve, "#none", 1), [404, 404]);
    assertEquals(await both(eve, "#dev", 1), [403, 403]);
    assertEquals(await both(guest, "#dev", 1), [404, 404]);
    assertEquals(await both(guest, "bob", 1), [403, 403]);
    assertEquals(await both(await fixture.server.connect(), "bob", 1), [401, 401]);
    for (const seq of [0, -1, 1.5, "1", null, 2 ** 53]) {
      assertEquals(await both(eve, "bob", seq as number), [400, 400], `${seq}`);
    }
    for (const text of ["", 7, "x".repeat(4_097)]) {
      assertEquals(await code(eve, edit("bob", 1, text as string)), 400);
    }
    assertEquals(await code(eve, erase("bob", 1)), 200);
    assertEquals(await both(eve, "bob", 1), [404, 404]);
    assertEquals((await bob.pending()).map(({ event }) => event), ["delete"]);
  }));

Deno.test("--history-days 0: edit and delete are 403", () =>
  withAccounts({ storeOptions: { historyDays: 0 } }, async (fixture) => {
    const [eve] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    assertEquals(await code(eve, edit("bob", 1, "x")), 403);
    assertEquals(await code(eve, erase("bob", 1)), 403);
  }));

Deno.test("edit is for 24 hours, delete for as long as the message is kept", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      for (const text of ["young", "old"]) await eve.ask(msg("bob", text));
      {
        using file = new DatabaseSync(db, { timeout: 5_000 });
        file.exec(`UPDATE messages SET time = time - 86_390 WHERE seq = 1;
                   UPDATE messages SET time = time - 86_410 WHERE seq = 2`);
      }
      await bob.frames(2);
      assertEquals(await code(eve, edit("bob", 1, "x")), 200);
      const { response, error } = await eve.ask(edit("bob", 2, "x"));
      assertEquals([response, error], [
        403,
        "A message may be changed for 24 hours; this one is older",
      ]);
      assertEquals(await code(eve, erase("bob", 2)), 200);
    })
  ));

Deno.test("to oneself, too: nobody else learns it", () =>
  withAccounts({}, async (fixture) => {
    const eve = await enter(fixture, "eve");
    assertEquals((await eve.ask(msg("eve", "note"))).seq, 1);
    await eve.frame();
    assertEquals(await code(eve, edit("EVE", 1, "better note")), 200);
    assertEquals((await listed(eve, "eve"))[0]!.message, "better note");
    assertEquals(await code(eve, erase("eve", 1)), 200);
    assertEquals(await eve.pending(), []);
  }));

Deno.test("when 200 is said, the text is in no file of the database", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      const secrets = ["plain-secret", "секрет-тайна", "🙂🙃 smile-secret", `"quoted\\secret"\n`];
      const texts = secrets.map((secret) => `${secret} ${"x".repeat(secret.length * 100)}`);
      for (const [n, text] of texts.entries()) {
        assertEquals((await eve.ask(msg("bob", text))).seq, n + 1);
        assert(filesWith(db, secrets[n]!).length > 0, "there before");
      }
      for (const [n, secret] of secrets.entries()) {
        const request = n % 2 === 0 ? erase("bob", n + 1) : edit("bob", n + 1, "short");
        assertEquals(await code(eve, request), 200);
        assertEquals(filesWith(db, secret), [], secret);
      }
      assertEquals(await code(eve, edit("bob", 2, "longer-secret ".repeat(100))), 200);
      assertEquals(await code(eve, edit("bob", 2, "short")), 200);
      assertEquals(filesWith(db, "longer-secret"), []);
      // The same where it waits in a mailbox, and where it was confirmed by nobody.
      await bob.ask({ event: "quit" });
      const { seq } = await eve.ask(msg("bob", "mailbox-secret", { store: true }));
      assertEquals(await code(eve, erase("bob", seq as number)), 200);
      assertEquals(filesWith(db, "mailbox-secret"), []);
    })
  ));

Deno.test("while another program reads the database the answer waits, and comes as soon as it has ended", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      await eve.ask(msg("bob", "reader-secret"));
      const reader = new DatabaseSync(db, { readOnly: true });
      try {
        reader.exec("BEGIN");
        reader.prepare("SELECT count(*) FROM messages").get();
        await eve.send(erase("bob", 1));
        assertEquals((await bob.frames(2)).map(({ event }) => event), ["msg", "delete"]);
        assertEquals(await code(bob, { event: "probe" }), 200);
        assert(eve.unread === 0 && filesWith(db, "reader-secret").length > 0);
        reader.exec("COMMIT");
      } finally {
        reader.close();
      }
      assertEquals((await eve.response()).response, 200);
      assertEquals(filesWith(db, "reader-secret"), []);
    })
  ));

Deno.test("what could not be erased in time is 500, and is done and told all the same", async () => {
  await using store = openSqliteStore(":memory:");
  const slow = storeWith(store, { erase: () => Promise.resolve(false) });
  await using server = new TestServer({ store: slow });
  const [eve, bob] = [await server.registered("eve"), await server.registered("bob")];
  await eve.ask(msg("bob", "secret"));
  const { response, error } = await eve.ask(erase("bob", 1));
  assertEquals([response, String(error).includes("another program reads")], [500, true]);
  assertEquals((await bob.frames(2)).map(({ event }) => event), ["msg", "delete"]);
  assertEquals((await listed(bob, "eve")).map(({ deleted }) => deleted), [true]);
});

Deno.test("a letter that is edited comes with the new text, one that is deleted does not come", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    await bob.ask({ event: "quit" });
    for (const text of ["one", "two", "three"]) await eve.ask(msg("bob", text, { store: true }));
    assertEquals(await code(eve, edit("bob", 1, "one, but longer")), 200);
    assertEquals(await code(eve, erase("bob", 2)), 200);
    const again = await enter(fixture, "bob");
    const frames = await again.pending();
    assertEquals(frames.map(({ event, message, seq, stored }) => [event, message, seq, stored]), [
      ["msg", "one, but longer", 1, 1],
      ["msg", "three", 3, 3],
    ]);
    assertEquals(await code(again, { event: "ack", stored: 3 }), 200);
    assertEquals((await listed(again, "eve")).map(({ message }) => message), [
      "one, but longer",
      undefined,
      "three",
    ]);
  }));

Deno.test("what was delivered and not confirmed comes again as it is by then, or not at all", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    for (const text of ["one", "two", "three"]) await eve.ask(msg("bob", text));
    await bob.frames(3);
    assertEquals(await code(eve, edit("bob", 1, "uno")), 200);
    assertEquals(await code(eve, erase("bob", 2)), 200);
    await bob.frames(2);
    bob.close();
    await eventually(() => fixture.server.server.counts.online === 1, () => "bob is gone");
    const again = await enter(fixture, "bob");
    assertEquals((await again.pending()).map(({ message, seq }) => [message, seq]), [
      ["uno", 1],
      ["three", 3],
    ]);
  }));

Deno.test("a repeat of what was edited or deleted meanwhile is answered like the first time and not delivered", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    const requests = [msg("bob", "one", { id: "a" }), msg("bob", "two", { id: "b" })];
    for (const request of requests) await eve.ask(request);
    await eve.ask(edit("bob", 1, "uno"));
    await eve.ask(erase("bob", 2));
    await bob.frames(4);
    for (const [n, request] of requests.entries()) {
      const { response, seq } = await eve.ask({ ...request, store: true });
      assertEquals([response, seq], [200, n + 1]);
    }
    assertEquals(await bob.pending(), []);
    assertEquals((await listed(bob, "eve")).length, 2);
  }));

Deno.test("two who delete one message at once, and edits that race with a delete: one order for all", () =>
  withDatabasePath((db) =>
    withAccounts({ db, settings: { rate: 0 } }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      for (let n = 1; n <= 10; n++) {
        await eve.ask(msg("bob", `${n}`));
        await eve.send(edit("bob", n, "a"), erase("bob", n), erase("bob", n), edit("bob", n, "b"));
        assertEquals((await eve.frames(4)).map(({ response }) => response), [200, 200, 404, 404]);
      }
      await eve.ask({ event: "join", room: "#dev" });
      const mods = [await enter(fixture, "ann"), bob];
      for (const mod of mods) await mod.ask({ event: "join", room: "#dev" });
      putRoomMessages(db, { room: "#dev", seq: 1, from: "ann", message: "x" });
      const [ann] = mods;
      const codes = await Promise.all([
        code(eve, erase("#dev", 1)),
        code(ann!, erase("#dev", 1)),
        code(ann!, edit("#dev", 1, "y")),
      ]);
      assertEquals(codes.filter((it) => it === 200).length, 1);
      assertEquals(codes.filter((it) => it === 404).length, 2);
      const frames = (await bob.pending()).filter(({ event }) => event === "delete");
      assertEquals(frames.length, 11);
    })
  ));

Deno.test("rooms: all members but one learn it; an owner may delete what others wrote, not change it", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      const [ann, out] = [await fixture.server.online("ann"), await enter(fixture, "out")];
      for (const one of [eve, bob, ann]) await one.ask({ event: "join", room: "#Dev" });
      putRoomMessages(
        db,
        { room: "#dev", seq: 1, from: "eve", message: "eve's" },
        { room: "#dev", seq: 2, from: "bob", message: "room-secret" },
        { room: "#dev", seq: 3, from: "ann", message: "ann's", session: "an earlier one" },
      );
      for (const one of [eve, bob, ann]) await one.pending();
      assertEquals(await code(bob, edit("#dev", 1, "x")), 403);
      assertEquals(await code(bob, erase("#dev", 1)), 403);
      assertEquals(await code(eve, edit("#dev", 2, "x")), 403);
      // The same name, but another session.
      assertEquals(await code(ann, edit("#dev", 3, "x")), 403);
      assertEquals(await code(ann, erase("#dev", 3)), 403);
      assertEquals(await code(out, edit("#dev", 1, "x")), 403);
      assertEquals(await code(bob, edit("#dev", 2, "bob's")), 200);
      assertEquals(filesWith(db, "room-secret"), []);
      assertEquals(await code(eve, erase("#DEV", 2)), 200);
      const seen = (frames: Frame[]): unknown[] =>
        frames.map(({ event, from, by, seq, message }) => [event, from, by, seq, message]);
      const edited = ["edit", "bob", undefined, 2, "bob's"];
      const deleted = ["delete", "bob", "eve", 2, undefined];
      assertEquals(seen(await eve.pending()), [edited]);
      assertEquals(seen(await bob.pending()), [deleted]);
      assertEquals(seen(await ann.pending()), [edited, deleted]);
      assertEquals(await out.pending(), []);
      await bob.ask({ event: "leave", room: "#dev" });
      assertEquals(await code(bob, erase("#dev", 2)), 403);
    })
  ));

Deno.test("who has made a removed account anew is not the author of its messages", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      await eve.ask({ event: "join", room: "#dev" });
      await bob.ask({ event: "join", room: "#dev" });
      putRoomMessages(db, { room: "#dev", seq: 1, from: "bob", message: "bob's" });
      {
        using file = new DatabaseSync(db, { timeout: 5_000 });
        file.exec("PRAGMA foreign_keys = ON; DELETE FROM accounts WHERE folded = 'bob'");
        using users = UserAdmin.open(db, false, () => 0);
        users.add("bob", "bob", "hash");
      }
      assertEquals(await code(bob, edit("#dev", 1, "x")), 403);
      assertEquals(await code(bob, erase("#dev", 1)), 403);
      assertEquals(await code(eve, erase("#dev", 1)), 200);
    })
  ));

Deno.test("--max-db: a longer text is refused, a shorter one and deleting are not", () =>
  withDatabasePath((db) =>
    withAccounts(
      { db, settings: { rate: 0 }, storeOptions: { maxBytes: 1024 ** 2 } },
      async (fixture) => {
        const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
        let last = 0;
        for (;;) {
          const { response, seq } = await eve.ask(msg("bob", "x".repeat(4_000)));
          if (response === 500) break;
          last = seq as number;
        }
        assert(last > 100);
        assertEquals(await code(eve, edit("bob", last, "я".repeat(4_000))), 500);
        assertEquals(await code(eve, edit("bob", last, "short")), 200);
        for (const seq of [1, last]) assertEquals(await code(eve, erase("bob", seq)), 200);
        assert((await bob.pending()).length > 0);
      },
    )
  ));

Deno.test("pages stay within 256 KiB after edits that lengthen", () =>
  withAccounts({ settings: { rate: 0 } }, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    for (let n = 1; n <= 40; n++) await eve.ask(msg("bob", `${n}`));
    for (let n = 1; n <= 40; n++) {
      assertEquals(await code(eve, edit("bob", n, "\u0001".repeat(4_000))), 200);
    }
    const seen: unknown[] = [];
    for (let after = 0, more = true; more;) {
      const page = await bob.ask({ event: "history", with: "eve", after, limit: 100 });
      assert(new TextEncoder().encode(JSON.stringify(page)).length <= 262_144);
      seen.push(...(page.messages as Frame[]).map(({ seq }) => seq));
      ({ more } = page as unknown as { more: boolean });
      after = seen.at(-1) as number;
    }
    assertEquals(seen, Array.from({ length: 40 }, (_, n) => n + 1));
  }));

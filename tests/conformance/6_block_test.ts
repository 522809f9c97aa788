// PROTOCOL.md, section 6: blocks between accounts.
import { assert, assertEquals } from "@std/assert";

import { UserAdmin } from "../../server/store/user_admin.ts";
import {
  type AccountFixture,
  ask,
  login,
  presence,
  withAccounts,
} from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { numberedAccount, withToken } from "../support/resuming_client.ts";
import { eventually } from "../support/server_fixture.ts";

const block = (user: string, on = true): object => ({ event: "block", user, on });
const msg = (to: string, message: string, more: object = {}): object => ({
  ...{ event: "msg", to, message, ...more },
});

const code = (client: RawClient, request: object): Promise<number | undefined> =>
  ask(client, request);

/** Makes an account and stays online with it. */
const enter = ({ server }: AccountFixture, name: string): Promise<RawClient> =>
  server.registered(name);

async function quit(client: RawClient): Promise<void> {
  assertEquals(await code(client, { event: "quit" }), 200);
  client.close();
}

/** All that has come. */
const arrived = (client: RawClient): Promise<Frame[]> => client.pending();

Deno.test("block: who is blocked gets 403 for direct messages, on both sides of being online, with store and without", async () => {
  for (const historyDays of [90, 0]) {
    await withAccounts({ storeOptions: { historyDays } }, async (fixture) => {
      let eve = await enter(fixture, "Eve");
      const bob = await enter(fixture, "Bob");
      const carl = await enter(fixture, "Carl");
      assertEquals(await code(bob, msg("eve", "before")), 200);
      assertEquals(await code(eve, block("BOB")), 200);
      for (const [isOnline, comesBack] of [[true, false], [false, false], [true, true]] as const) {
        if (!isOnline) await quit(eve);
        else if (comesBack) {
          eve = await fixture.server.connect();
          assertEquals(await code(eve, login("eve")), 200, "loaded at the login");
        }
        for (const store of [true, false]) {
          const { response, error } = await bob.ask(msg("eve", "no", { store, id: `${store}` }));
          assertEquals(response, 403, `online ${isOnline}, store ${store}, ${historyDays}`);
          assertEquals(error, "The addressee does not take messages from you");
          const others = await code(carl, msg("eve", "yes", { store }));
          assertEquals(others, isOnline ? 200 : store ? 202 : 410);
          // Not the other way round.
          assertEquals(isOnline ? await code(eve, msg("bob", "hi", { store })) : 200, 200);
        }
      }
      const texts = (await arrived(eve)).map(({ message }) => message);
      assert(!texts.includes("no"), "nothing got through");
      assertEquals(await code(eve, block("bob", false)), 200);
      assertEquals(await code(bob, msg("eve", "again")), 200);
      assertEquals((await arrived(eve)).map(({ message }) => message), ["again"]);
    });
  }
});

Deno.test("block: also in a numbered session, while it is interrupted, and when it goes on", () =>
  withAccounts({}, async (fixture) => {
    const { server } = fixture;
    const eve = await numberedAccount(server, "eve");
    const bob = await enter(fixture, "bob");
    assertEquals(await code(eve.client, block("bob")), 200);
    assertEquals(await code(bob, msg("eve", "no")), 403);
    eve.client.close();
    // When the connection is lost, she is offline for direct messages, and her session holds the name.
    await eventually(() => server.log.of("interrupted").length === 1, () => "the interruption");
    assertEquals(await code(bob, msg("eve", "no")), 403);
    assertEquals(await code(bob, msg("eve", "no", { store: true })), 403);
    const back = await server.connect();
    const answer = await back.ask(withToken("eve", eve.token, { seen: 0 }));
    assertEquals([answer.response, answer.resumed], [200, true]);
    assertEquals(await code(bob, msg("eve", "no")), 403);
    assertEquals((await arrived(back)).filter(({ event }) => event === "msg"), []);
  }));

Deno.test("block: what waits already is delivered; rooms go on; the blocked one is told nothing", () =>
  withAccounts({}, async (fixture) => {
    const eve = await enter(fixture, "eve");
    const bob = await enter(fixture, "bob");
    await quit(eve);
    assertEquals(await code(bob, msg("eve", "waits", { store: true })), 202);
    const again = await fixture.server.connect();
    await again.ask(login("eve"));
    assertEquals(await code(again, block("bob")), 200);
    await quit(again);
    const third = await fixture.server.connect();
    await third.ask(login("eve"));
    assertEquals((await arrived(third)).map(({ message }) => message), ["waits"]);
    for (const client of [third, bob]) await client.ask({ event: "join", room: "#dev" });
    await arrived(third);
    assertEquals(await code(bob, msg("#dev", "to all")), 200);
    assertEquals((await arrived(third)).map(({ message }) => message), ["to all"]);
    assertEquals(await arrived(bob), []);
  }));

Deno.test("block: who is blocked neither changes nor deletes in that conversation, and reads it", () =>
  withAccounts({}, async (fixture) => {
    const eve = await enter(fixture, "eve");
    const bob = await enter(fixture, "bob");
    assertEquals((await bob.ask(msg("eve", "one"))).seq, 1);
    assertEquals((await eve.ask(msg("bob", "two"))).seq, 2);
    await eve.ask(block("bob"));
    const change = (to: string, seq: number): object[] => [
      { event: "edit", to, seq, message: "new" },
      { event: "delete", to, seq },
    ];
    for (const isOnline of [true, false]) {
      if (!isOnline) await quit(eve);
      for (const request of change("eve", 1)) assertEquals(await code(bob, request), 403);
    }
    const { response, messages } = await bob.ask({ event: "history", with: "eve" });
    const texts = (messages as Frame[]).map(({ message }) => message);
    assertEquals([response, texts], [200, ["one", "two"]]);
    const back = await fixture.server.connect();
    await back.ask(login("eve"));
    for (const request of change("bob", 2)) assertEquals(await code(back, request), 200);
    await back.ask(block("bob", false));
    for (const request of change("eve", 1)) assertEquals(await code(bob, request), 200);
  }));

Deno.test("block: a message that was answered before the block and comes again is answered the same", () =>
  withAccounts({}, async (fixture) => {
    const eve = await enter(fixture, "eve");
    const bob = await enter(fixture, "bob");
    const { response, seq } = await bob.ask(msg("eve", "once", { id: "m1" }));
    assertEquals([response, seq], [200, 1]);
    await eve.ask(block("bob"));
    for (const request of [msg("eve", "once", { id: "m1" }), msg("eve", "other", { id: "m2" })]) {
      const answer = await bob.ask(request);
      const isRepeat = answer.id === "m1";
      assertEquals([answer.response, answer.seq], isRepeat ? [200, 1] : [403, undefined]);
    }
  }));

Deno.test("block: the list, sorted; 404, 400 and 403 for what is not allowed", () =>
  withAccounts({}, async (fixture) => {
    const eve = await enter(fixture, "eve");
    for (const name of ["Zoe", "Bob", "carl"]) await quit(await enter(fixture, name));
    const guest = await fixture.server.connect();
    await guest.ask(presence("guest"));
    const list = async (): Promise<unknown> => (await eve.ask({ event: "block" })).blocked;
    assertEquals(await list(), []);
    for (const name of ["zoe", "BOB", "carl", "bob"]) {
      assertEquals(await code(eve, block(name)), 200);
    }
    assertEquals(await list(), ["Bob", "carl", "Zoe"]);
    assertEquals(await code(eve, block("carl", false)), 200);
    assertEquals(await code(eve, block("carl", false)), 200);
    assertEquals(await list(), ["Bob", "Zoe"]);
    for (const on of [true, false]) {
      assertEquals(await code(eve, block("nobody", on)), 404);
      assertEquals(await code(eve, block("guest", on)), 404, "a guest's name is nobody's");
      assertEquals(await code(eve, block("EVE", on)), 400, "oneself");
    }
    for (
      const wrong of [
        { event: "block", user: "bob" },
        { event: "block", on: true },
        { event: "block", user: "bob", on: "yes" },
        { event: "block", user: { account_name: "bob" }, on: true },
        { event: "block", user: "#dev", on: true },
      ]
    ) assertEquals(await code(eve, wrong), 400, JSON.stringify(wrong));
    assertEquals(await code(guest, block("bob")), 403);
    assertEquals(await code(guest, { event: "block" }), 403);
    assertEquals(await code(await fixture.server.connect(), block("bob")), 401);
    assertEquals(await list(), ["Bob", "Zoe"]);
  }));

Deno.test("block: goes with an account that is removed, in a server that runs, and is not the next one's", () =>
  withDatabasePath(async (db) => {
    await withAccounts({ db }, async (fixture) => {
      const eve = await enter(fixture, "eve");
      const bob = await enter(fixture, "bob");
      assertEquals(await code(eve, block("bob")), 200);
      using users = UserAdmin.open(db, false, () => Date.now() / 1000);
      await users.remove("bob");
      assertEquals((await bob.frame()).reason, "removed");
      bob.close();
      const next = await fixture.server.connect();
      assertEquals(await code(next, presence("bob")), 200);
      assertEquals(await code(next, msg("eve", "a guest")), 200);
      assertEquals(await code(next, login("bob", undefined, { register: true })), 201);
      assertEquals(await code(next, msg("eve", "an account")), 200);
      assertEquals((await eve.ask({ event: "block" })).blocked, []);
    });
  }));

Deno.test("block: nothing that is sent after its 200 gets through, whatever is under way before", () =>
  withAccounts({ settings: { rate: 0 } }, async (fixture) => {
    const eve = await enter(fixture, "eve");
    const bob = await enter(fixture, "bob");
    for (let round = 0; round < 20; round++) {
      const before = Array.from(
        { length: 20 },
        (_, n) => msg("eve", `b ${round}.${n}`, { id: `b ${round}.${n}` }),
      );
      await bob.send(...before);
      const answer = await eve.send(block("bob")).then(() => eve.response());
      assertEquals(answer.response, 200);
      await bob.send(...Array.from({ length: 5 }, (_, n) => msg("eve", `after ${round}.${n}`)));
      const codes: unknown[] = [];
      for (let n = 0; n < 25; n++) codes.push((await bob.response()).response);
      const firstRefused = codes.indexOf(403);
      assert(firstRefused <= 20, `${codes}`);
      assert(codes.slice(firstRefused).every((one) => one === 403), `${codes}`);
      assertEquals(await code(eve, block("bob", false)), 200);
    }
    const texts = (await arrived(eve)).map(({ message }) => String(message));
    assertEquals(texts.filter((text) => text.startsWith("after")), []);
  }));

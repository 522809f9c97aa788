import { assert, assertEquals } from "@std/assert";

import { type AccountFixture, login, withAccounts } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";

const msg = (to: string, message: string, more: object = {}): object => ({
  event: "msg",
  to,
  message,
  ...more,
});

const enter = async ({ server }: AccountFixture, name: string): Promise<RawClient> => {
  const client = await server.connect();
  const more = { register: true };
  const made = await client.ask(login(name, undefined, more));
  if (made.response !== 201) {
    assertEquals(made.response, 409);
    assertEquals((await client.ask(login(name))).response, 200);
  }
  return client;
};

const texts = ({ messages }: Frame): unknown[] =>
  (messages as Frame[]).map(({ message }) => message);

Deno.test("a message between accounts has one seq: in the frame, in the answer, in the history of both", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "Eve"), await enter(fixture, "Bob")];
    for (const [n, to] of ["Bob", "bob", "BOB", "bob"].entries()) {
      const { response, seq } = await eve.ask(msg(to, `${n} \0 \ud800`, { id: `m${n}` }));
      assertEquals([response, seq], [200, n + 1]);
      const frame = await bob.frame();
      assertEquals([frame.seq, frame.message, frame.to], [n + 1, `${n} \0 \ud800`, "Bob"]);
    }
    assertEquals((await bob.ask(msg("eve", "back"))).seq, 5);
    const { event: _, ...delivered } = await eve.frame();
    for (const [client, other] of [[eve, "bob"], [bob, "EVE"]] as const) {
      const { messages, more, response } = await client.ask({ event: "history", with: other });
      assertEquals([response, more, (messages as Frame[]).length], [200, false, 5]);
      assertEquals((messages as Frame[]).at(-1), delivered);
      assertEquals((messages as Frame[])[0]!.id, "m0");
    }
  }));

Deno.test("first messages to several at once open their conversations beside each other", () =>
  withAccounts({}, async (fixture) => {
    const [eve, ...others] = await Promise.all(
      ["eve", "bob", "ann", "dan"].map((name) => enter(fixture, name)),
    );
    await eve!.send(msg("bob", "1"), msg("ann", "1"), msg("dan", "1"), msg("bob", "2"));
    const answers = await eve!.frames(4);
    assertEquals(answers.map(({ response, seq }) => [response, seq]), [
      [200, 1],
      [200, 1],
      [200, 1],
      [200, 2],
    ]);
    for (const other of others) assertEquals((await other.frame()).message, "1");
  }));

Deno.test("history: pages in both directions, 403 for guests and strangers to a room, 404, 400", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    for (let n = 1; n <= 60; n++) await eve.ask(msg("bob", `${n}`));
    const ask = async (more: object): Promise<[number, unknown, unknown, boolean]> => {
      const answer = await bob.ask({ event: "history", with: "eve", ...more });
      const all = texts(answer);
      return [all.length, all[0], all.at(-1), answer.more as boolean];
    };
    await bob.frames(60);
    assertEquals(await ask({}), [50, "11", "60", true]);
    assertEquals(await ask({ limit: 100 }), [60, "1", "60", false]);
    assertEquals(await ask({ before: 11 }), [10, "1", "10", false]);
    assertEquals(await ask({ after: 0, limit: 7 }), [7, "1", "7", true]);
    assertEquals(await ask({ after: 60 }), [0, undefined, undefined, false]);
    const guest = await fixture.server.online("guest");
    await guest.ask({ event: "join", room: "#dev" });
    const code = async (client: RawClient, request: object): Promise<unknown> =>
      (await client.ask(request)).response;
    for (const event of ["history", "read"]) {
      const more = event === "read" ? { seq: 1 } : {};
      assertEquals(await code(guest, { event, with: "bob", ...more }), 403);
      assertEquals(await code(bob, { event, with: "nobody", ...more }), 404);
      assertEquals(await code(bob, { event, with: "guest", ...more }), 404);
      assertEquals(await code(bob, { event, with: "#dev", ...more }), 403);
      assertEquals(await code(bob, { event, with: "#other", ...more }), 404);
    }
    assertEquals(await code(guest, { event: "conversations" }), 403);
    for (
      const wrong of [
        { before: 0 },
        { after: -1 },
        { before: 1, after: 1 },
        { limit: 0 },
        { limit: 101 },
        { before: "1" },
        { with: 7 },
      ]
    ) {
      assertEquals(
        await code(bob, { event: "history", with: "eve", ...wrong }),
        400,
        JSON.stringify(wrong),
      );
    }
    assertEquals(await code(bob, { event: "read", with: "eve" }), 400);
  }));

Deno.test("what a guest writes, or is written, has no seq and is not kept", () =>
  withAccounts({}, async (fixture) => {
    const bob = await enter(fixture, "bob");
    const guest = await fixture.server.online("guest");
    for (const [from, to] of [[guest, "bob"], [bob, "guest"]] as const) {
      const answer = await from.ask(msg(to, "hi", { id: "same" }));
      assertEquals([answer.response, "seq" in answer], [200, false]);
    }
    assertEquals("seq" in await bob.frame(), false);
    assertEquals((await bob.ask({ event: "conversations" })).conversations, []);
  }));

Deno.test("stored: the 202, the stored frame and the history have the same seq; ack takes it out of the mailbox only", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    await eve.ask(msg("bob", "direct"));
    await bob.frame();
    await bob.ask({ event: "quit" });
    const { response, seq } = await eve.ask(msg("bob", "later", { store: true, id: "x" }));
    assertEquals([response, seq], [202, 2]);
    const again = await fixture.server.connect();
    assertEquals((await again.ask(login("bob"))).response, 200);
    const frame = await again.frame();
    assertEquals([frame.message, frame.seq, frame.stored], ["later", 2, 1]);
    await again.ask({ event: "ack", stored: 1 });
    assertEquals(texts(await again.ask({ event: "history", with: "eve" })), ["direct", "later"]);
  }));

Deno.test("what was not confirmed comes again under its seq, and is in the history once", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    assertEquals((await eve.ask(msg("bob", "confirmed"))).seq, 1);
    await bob.frame();
    await bob.ask({ event: "probe" });
    assertEquals((await eve.ask(msg("bob", "lost"))).seq, 2);
    bob.close();
    const again = await enter(fixture, "bob");
    const frame = await again.frame();
    assertEquals([frame.message, frame.seq, frame.stored], ["lost", 2, 1]);
    assertEquals(texts(await again.ask({ event: "history", with: "eve" })), ["confirmed", "lost"]);
  }));

Deno.test("a repeat is answered like the first time and neither delivered nor kept, also after a restart", () =>
  withDatabasePath(async (db) => {
    const first: Frame[] = [];
    const strip = ({ response, alert, seq, id }: Frame): object => ({ response, alert, seq, id });
    const requests = [
      msg("bob", "one", { id: "a" }),
      msg("bob", "two", { id: "a" }),
      msg("bob", "one", { id: "b" }),
    ];
    await withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      await eve.send(...requests, ...requests);
      for (let n = 0; n < 6; n++) first.push(await eve.response());
      assertEquals(first.slice(3).map(strip), first.slice(0, 3).map(strip));
      assertEquals(first.map(({ seq }) => seq), [1, 2, 3, 1, 2, 3]);
      for (let n = 0; n < 2; n++) {
        assertEquals((await eve.ask(msg("bob", "1", { id: 7 }))).seq, 4 + n);
      }
      assertEquals((await bob.pending()).length, 5);
      await bob.ask({ event: "quit" });
      assertEquals(strip(await eve.ask({ ...requests[0], store: true })), strip(first[0]!));
    });
    await withAccounts({ db }, async (fixture) => {
      const eve = await enter(fixture, "eve");
      for (const [n, request] of requests.entries()) {
        assertEquals(strip(await eve.ask({ ...request, store: true })), strip(first[n]!));
      }
      const bob = await enter(fixture, "bob");
      assertEquals(strip(await eve.ask(requests[0]!)), strip(first[0]!));
      assertEquals(await bob.pending(), []);
      assertEquals(texts(await bob.ask({ event: "history", with: "eve" })).length, 5);
    });
  }));

Deno.test("a repeat without store is answered like the first time, though its addressee is gone, or has blocked the sender", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    const [online, waiting] = [msg("bob", "one", { id: "a" }), msg("bob", "two", { id: "b" })];
    const answers = [await eve.ask(online)];
    await bob.ask({ event: "quit" });
    answers.push(await eve.ask({ ...waiting, store: true }));
    const codes = async (): Promise<unknown[]> => {
      const again = [await eve.ask(online), await eve.ask(waiting)];
      return again.flatMap(({ response, seq }) => [response, seq]);
    };
    assertEquals(answers.map(({ response }) => response), [200, 202]);
    assertEquals(await codes(), [200, 1, 202, 2]);
    const other = await enter(fixture, "bob");
    await other.ask({ event: "block", user: "eve", on: true });
    await other.ask({ event: "quit" });
    assertEquals(await codes(), [200, 1, 202, 2]);
    const fresh = msg("bob", "three", { id: "c" });
    assertEquals((await eve.ask(fresh)).response, 403);
  }));

Deno.test("read and conversations: the newest first, with what is unread; reading never moves back", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "Eve"), await enter(fixture, "bob")];
    const ann = await enter(fixture, "ann");
    for (let n = 0; n < 3; n++) await eve.ask(msg("bob", `${n}`));
    const list = async (client: RawClient): Promise<object[]> =>
      ((await client.ask({ event: "conversations" })).conversations as Frame[])
        .map(({ time, ...rest }) => (assert(typeof time === "number"), rest));
    await bob.frames(3);
    assertEquals(await list(bob), [{ with: "Eve", last: 3, read: 0, unread: 3 }]);
    assertEquals(await list(eve), [{ with: "bob", last: 3, read: 0, unread: 0 }]);
    for (const [seq, unread] of [[2, 1], [1, 1], [99, 0]] as const) {
      assertEquals((await bob.ask({ event: "read", with: "eve", seq })).response, 200);
      assertEquals((await list(bob))[0], {
        with: "Eve",
        last: 3,
        read: seq === 99 ? 3 : 2,
        unread,
      });
    }
    assertEquals((await ann.ask({ event: "read", with: "eve", seq: 1 })).response, 404);
    assertEquals(await list(ann), []);
  }));

Deno.test("--history-days 0: no seq, and history, read and conversations are 403", () =>
  withAccounts({ storeOptions: { historyDays: 0 } }, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    assertEquals("seq" in await eve.ask(msg("bob", "hi", { id: "a" })), false);
    assertEquals("seq" in await bob.frame(), false);
    for (const event of ["history", "read", "conversations"]) {
      assertEquals((await bob.ask({ event, with: "eve", seq: 1 })).response, 403, event);
    }
  }));

Deno.test("--max-db: what could not be kept is 500 and not delivered", () =>
  withAccounts(
    { settings: { rate: 0 }, storeOptions: { maxBytes: 1024 ** 2 } },
    async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      const codes: unknown[] = [];
      for (let n = 0; n < 350; n++) {
        codes.push((await eve.ask(msg("bob", `${n} ${"x".repeat(4_000)}`))).response);
      }
      assert(codes.includes(500) && codes.includes(200));
      const seen = (await bob.pending()).filter(({ event }) => event === "msg").length;
      assertEquals(seen, codes.filter((code) => code === 200).length);
    },
  ));

Deno.test("two who write to each other at once, reading meanwhile, see one order without gaps, and each message once", () =>
  withAccounts({ settings: { rate: 0 } }, async (fixture) => {
    const random = seededRandom(4711);
    const COUNT = 300;
    const clients = [await enter(fixture, "eve"), await enter(fixture, "bob")] as const;
    const seqs: number[] = [];
    await Promise.all(clients.map(async (client, me) => {
      const other = me === 0 ? "bob" : "eve";
      for (let n = 0; n < COUNT;) {
        const batch = Array.from(
          { length: Math.min(COUNT - n, 1 + Math.floor(random() * 40)) },
          (_, i) =>
            msg(random() < 0.5 ? other : other.toUpperCase(), `${me} ${n + i}`, { id: `${n + i}` }),
        );
        n += batch.length;
        await client.send(...batch);
        for (const _ of batch) seqs.push((await client.response()).seq as number);
        if (random() < 0.3) await client.ask({ event: "history", with: other, limit: 5 });
      }
    }));
    const all = Array.from({ length: 2 * COUNT }, (_, n) => n + 1);
    assertEquals(seqs.toSorted((a, b) => a - b), all);
    const kept: Frame[] = [];
    for (let after = 0; kept.length < all.length; after = kept.at(-1)!.seq as number) {
      const page = await clients[0].ask({ event: "history", with: "bob", after, limit: 100 });
      kept.push(...page.messages as Frame[]);
    }
    assertEquals(kept.map(({ seq }) => seq), all);
    for (const [me, client] of clients.entries()) {
      const got = (await client.pending()).filter(({ event }) => event === "msg");
      const mine = kept.filter(({ message }) => `${message}`.startsWith(`${1 - me} `));
      assertEquals(
        got.map(({ seq, message }) => [seq, message]),
        mine.map(({ seq, message }) => [seq, message]),
      );
      assertEquals(
        mine.map(({ message }) => message),
        Array.from({ length: COUNT }, (_, n) => `${1 - me} ${n}`),
      );
    }
  }));

import { assert, assertEquals } from "@std/assert";

import {
  type AccountFixture,
  login,
  presence,
  register,
  withAccounts,
} from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { storeWith } from "../support/store_with.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { eventually, TestServer } from "../support/server_fixture.ts";

const msg = (message: string, more: object = {}): object => ({
  event: "msg",
  to: "#dev",
  message,
  ...more,
});
const join = (more: object = {}): object => ({ event: "join", room: "#dev", ...more });
const history = (more: object = {}): object => ({ event: "history", with: "#dev", ...more });

/** A client that is online, as an account unless a guest is asked for, and in #dev. */
async function enter(
  { server }: Pick<AccountFixture, "server">,
  name: string,
  more: object = {},
): Promise<RawClient> {
  const client = await server.connect();
  const made = await client.ask(register(name));
  if (made.response !== 201) assertEquals((await client.ask(login(name))).response, 200);
  const { response } = await client.ask(join(more));
  assert(response === 200 || response === 201);
  return client;
}

async function enterAsGuest({ server }: AccountFixture, name: string): Promise<RawClient> {
  const client = await server.online(name);
  assertEquals((await client.ask(join())).response, 200);
  return client;
}

const seqs = ({ messages }: Frame): unknown[] => (messages as Frame[]).map(({ seq }) => seq);
const texts = ({ messages }: Frame): unknown[] =>
  (messages as Frame[]).map(({ message }) => message);
/** The messages among what came; notices aside. */
const delivered = async (client: RawClient): Promise<Frame[]> =>
  (await client.pending()).filter(({ event }) => event === "msg");
const code = async (client: RawClient, request: object): Promise<number | undefined> =>
  (await client.ask(request)).response;

Deno.test("what is said in a lasting room has one seq: in the frame, the answer, and the history of each member", () =>
  withAccounts({}, async (fixture) => {
    const eve = await enter(fixture, "Eve");
    const [bob, guest] = [await enter(fixture, "bob"), await enterAsGuest(fixture, "Гость")];
    await eve.pending();
    await bob.pending();
    const said = ["привет 😀", "\0\ud800", "x".repeat(4_096)];
    for (const [n, text] of said.entries()) {
      const answer = await (n === 1 ? guest : eve).ask(msg(text, { id: `m${n}` }));
      assertEquals([answer.response, answer.delivered, answer.seq], [200, 2, n + 1]);
    }
    const frames = await bob.frames(3);
    assertEquals(frames.map(({ seq, message }) => [seq, message]), said.map((s, n) => [n + 1, s]));
    const kept = frames.map(({ event: _, ...rest }) => rest);
    for (const client of [eve, bob, guest]) {
      const answer = await client.ask(history());
      assertEquals([answer.response, answer.messages, answer.more], [200, kept, false]);
    }
    assertEquals(seqs(await guest.ask(history({ before: 3, limit: 1 }))), [2]);
    assertEquals((await bob.ask(join())).last, 3);
  }));

Deno.test("history, read, conversations of rooms: members only (403), 404 for no such room and a guest's", () =>
  withAccounts({}, async (fixture) => {
    const eve = await enter(fixture, "eve");
    const bob = await fixture.server.registered("bob");
    await eve.ask(msg("1"));
    const read = (seq: number, name = "#dev"): object => ({ event: "read", with: name, seq });
    for (const request of [history(), read(1)]) assertEquals(await code(bob, request), 403);
    for (const event of ["history", "read"]) {
      assertEquals(await code(bob, { event, with: "#none", seq: 1 }), 404);
    }
    const guest = await enterAsGuest(fixture, "guest");
    assertEquals(await code(guest, read(1)), 403);
    assertEquals(await code(guest, { event: "conversations" }), 403);
    await guest.ask({ event: "join", room: "#guests" });
    await bob.ask({ event: "join", room: "#guests" });
    for (const event of ["history", "read"]) {
      assertEquals(await code(bob, { event, with: "#guests", seq: 1 }), 404);
    }
    assertEquals("seq" in await guest.ask({ event: "msg", to: "#guests", message: "hi" }), false);
    assertEquals(await code(eve, { event: "leave", room: "#dev" }), 200);
    assertEquals(await code(eve, history()), 403);
  }));

Deno.test("a repeat of the same account, or guest session, is answered like the first and not delivered; others' are not repeats", () =>
  withDatabasePath(async (db) => {
    let first: Frame;
    const strip = ({ time: _, ...rest }: Frame): object => rest;
    await withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      const guest = await enterAsGuest(fixture, "guest");
      await bob.pending();
      await eve.send(msg("hi", { id: "a" }), msg("hi", { id: "a" }), msg("hi", { id: "a" }));
      const answers = [await eve.response(), await eve.response(), await eve.response()];
      first = answers[0]!;
      assertEquals(answers.map(strip), [first, first, first].map(strip));
      assertEquals([first.seq, first.delivered], [1, 2]);
      assertEquals((await bob.ask(msg("hi", { id: "a" }))).seq, 2, "somebody else");
      assertEquals((await eve.ask(msg("ho", { id: "a" }))).seq, 3, "another text");
      assertEquals((await eve.ask(msg("hi", { id: "a", to: "#DEV" }))).seq, 1, "the same room");
      for (const seq of [4, 4]) assertEquals((await guest.ask(msg("hi", { id: "a" }))).seq, seq);
      guest.close();
      await fixture.server.settlesAt({ online: 2 });
      const another = await enterAsGuest(fixture, "guest");
      assertEquals((await another.ask(msg("hi", { id: "a" }))).seq, 5, "another session");
      assertEquals((await delivered(bob)).map(({ seq }) => seq), [1, 3, 4, 5]);
    });
    await withAccounts({ db }, async (fixture) => {
      const eve = await enter(fixture, "eve");
      assertEquals(strip(await eve.ask(msg("hi", { id: "a" }))), strip(first), "after a restart");
    });
  }));

Deno.test("reply: delivered, kept, in history and in the mailbox; 404 for no such message, and where nothing is kept", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    const guest = await enterAsGuest(fixture, "guest");
    await Promise.all([eve.pending(), bob.pending()]);
    // The first is not on disk yet when it is answered.
    await eve.send(msg("1"), msg("2", { reply: 1, id: 9 }), msg("3", { reply: 99 }));
    const answers = [await eve.response(), await eve.response(), await eve.response()];
    assertEquals(answers.map(({ response, seq }) => [response, seq]), [
      [200, 1],
      [200, 2],
      [404, undefined],
    ]);
    const [, frame] = await bob.frames(2);
    assertEquals([frame!.reply, frame!.seq, frame!.id], [1, 2, 9]);
    assertEquals((await guest.ask(msg("4", { reply: 2 }))).seq, 3);
    assertEquals((await bob.ask(history())).messages, [
      ...((await eve.ask(history({ limit: 1, before: 2 }))).messages as Frame[]),
      { time: frame!.time, to: "#dev", from: "eve", message: "2", id: 9, reply: 1, seq: 2 },
      ...((await eve.ask(history({ after: 2 }))).messages as Frame[]),
    ]);
    // Between two accounts, by way of the mailbox.
    const direct = (message: string, more: object): object => msg(message, { to: "bob", ...more });
    assertEquals(await code(eve, direct("a", { reply: 1 })), 404);
    assertEquals((await eve.ask(direct("b", { id: "b" }))).seq, 1);
    assertEquals((await eve.ask(direct("c", { reply: 1 }))).seq, 2);
    assertEquals((await bob.pending()).filter(({ to }) => to === "bob").map((m) => m.reply), [
      undefined,
      1,
    ]);
    await bob.ask({ event: "quit" });
    await fixture.server.settlesAt({ online: 2 });
    assertEquals(await code(eve, direct("d", { reply: 7, store: true })), 404);
    assertEquals((await eve.ask(direct("e", { reply: 2, store: true }))).seq, 3);
    assertEquals(await code(guest, direct("f", { reply: 2, store: true })), 404);
    const again = await fixture.server.connect();
    assertEquals(await code(again, login("bob")), 200);
    const letter = await again.frame();
    assertEquals([letter.message, letter.reply, letter.seq, letter.stored], ["e", 2, 3, 1]);
    const kept = await again.ask({ event: "history", with: "eve", after: 2 });
    assertEquals((kept.messages as Frame[])[0]!.reply, 2);
    // Where nothing is kept.
    assertEquals(await code(eve, msg("g", { to: "guest", reply: 1 })), 404);
    assertEquals(await code(guest, msg("h", { to: "eve", reply: 1 })), 404);
    await guest.ask({ event: "join", room: "#guests" });
    assertEquals(await code(guest, msg("i", { to: "#guests", reply: 1 })), 404);
    assertEquals((await delivered(guest)).filter(({ message }) => message === "g"), []);
  }));

Deno.test("a reply that was delivered and not confirmed is one when it comes from the mailbox", () =>
  withAccounts({}, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    await eve.ask(msg("a", { to: "bob" }));
    await bob.ask({ event: "probe" });
    assertEquals((await eve.ask(msg("b", { to: "bob", reply: 1 }))).seq, 2);
    bob.close();
    await fixture.server.settlesAt({ online: 1 });
    const again = await fixture.server.connect();
    assertEquals(await code(again, login("bob")), 200);
    const letter = await again.frame();
    assertEquals([letter.message, letter.reply, letter.stored], ["b", 1, 1]);
  }));

Deno.test("join: after and history give messages and more; last is the newest; also for who is in already", () =>
  withAccounts({ settings: { rate: 0 } }, async (fixture) => {
    const eve = await enter(fixture, "eve", { after: 0 });
    for (let n = 1; n <= 130; n++) await eve.ask(msg(`${n}`));
    const bob = await fixture.server.registered("bob");
    const ask = async (client: RawClient, more: object): Promise<unknown[]> => {
      const answer = await client.ask(join(more));
      const all = seqs(answer);
      return [answer.last, all.length, all[0], all.at(-1), answer.more];
    };
    const expected: [object, unknown[]][] = [
      [{ after: 0 }, [130, 100, 1, 100, true]],
      [{ after: 100 }, [130, 30, 101, 130, false]],
      [{ after: 129 }, [130, 1, 130, 130, false]],
      [{ after: 130 }, [130, 0, undefined, undefined, false]],
      [{ after: Number.MAX_SAFE_INTEGER }, [130, 0, undefined, undefined, false]],
      [{ history: 2 }, [130, 2, 129, 130, true]],
      [{ history: 0 }, [130, 0, undefined, undefined, true]],
      [{ history: 100 }, [130, 100, 31, 130, true]],
    ];
    for (const [more, page] of expected) {
      assertEquals(await ask(bob, more), page, JSON.stringify(more));
      assertEquals(await ask(eve, more), page, "a member");
      assertEquals(await code(bob, { event: "leave", room: "#dev" }), 200);
    }
    const plain = await bob.ask(join());
    assertEquals([plain.last, "messages" in plain, "more" in plain], [130, false, false]);
    for (const more of [{ after: 0, history: 1 }, { history: 101 }, { after: -1 }]) {
      assertEquals(await code(bob, join(more)), 400);
    }
    const guests = { messages: [], more: false, last: 0 };
    const guest = await fixture.server.online("guest");
    for (const more of [{ after: 7 }, { history: 7 }]) {
      const { messages, more: left, last } = await guest.ask({
        ...join(more),
        ...{ room: "#guests" },
      });
      assertEquals({ messages, more: left, last }, guests);
    }
    const made = await eve.ask({ event: "join", room: "#new", after: 5 });
    assertEquals([made.response, made.messages, made.more, made.last], [201, [], false, 0]);
  }));

Deno.test("join: an answer with messages has at most 256 KiB, also with hundreds of members", () =>
  withAccounts({ settings: { rate: 0, maxNamesPerIp: 0, work: 0 } }, async (fixture) => {
    const eve = await enter(fixture, "eve");
    for (let n = 0; n < 70; n++) await eve.ask(msg(`${n} ${"\u20ac".repeat(1_350)}`));
    const users = Array.from({ length: 200 }, (_, n) => `${"𝒳".repeat(10)}${n}`);
    for (let i = 0; i < users.length; i += 100) {
      const guests = await fixture.server.onlineAll(...users.slice(i, i + 100));
      await Promise.all(guests.map((guest) => guest.ask(join())));
    }
    const bob = await fixture.server.registered("bob");
    await bob.send(join({ after: 0 }));
    const line = await bob.line();
    const answer = JSON.parse(line!);
    const bytes = new TextEncoder().encode(line).length;
    assert(bytes <= 262_144 && bytes > 250_000, `${bytes}`);
    const count = answer.messages.length;
    assertEquals([answer.messages[0].seq, answer.more, answer.last], [1, true, 70]);
    const newest = await bob.ask(join({ history: 100 }));
    assertEquals([(newest.messages as Frame[]).at(-1)!.seq, newest.more], [70, true]);
    assertEquals((newest.messages as Frame[]).length, count);
  }));

/** Like `withAccounts`, with reads of messages that wait until the test lets them go. */
async function withSlowReads(
  test: (
    fixture: { server: TestServer; letGo: () => void; reading: () => number },
  ) => Promise<void>,
  settings: object = {},
): Promise<void> {
  await using store = openSqliteStore(":memory:");
  const waiting: (() => void)[] = [];
  const slow = storeWith(store, {
    listMessages: async (...args) => {
      const page = await store.listMessages(...args);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return page;
    },
  });
  await using server = new TestServer({ store: slow, settings: { rate: 0, ...settings } });
  await test({
    server,
    letGo: () => waiting.splice(0).forEach((go) => go()),
    reading: () => waiting.length,
  });
}

Deno.test("join: what is said while the history is read comes behind the answer, for newcomers and members", () =>
  withSlowReads(async ({ server, letGo, reading }) => {
    const eve = await enter({ server }, "eve");
    const [bob, ann] = [await enter({ server }, "bob"), await server.registered("ann")];
    await eve.ask(msg("1"));
    await eve.pending();
    await bob.pending();
    await bob.send(join({ after: 0 }));
    await ann.send(join({ after: 0 }));
    await eventually(() => reading() === 2, () => "two reads");
    assertEquals((await eve.ask(msg("2"))).delivered, 0, "who waits is not counted");
    await eve.ask({ event: "room", room: "#dev", topic: "tea" });
    assertEquals((await eve.ask(msg("3"))).seq, 3);
    assertEquals([bob.unread, ann.unread], [0, 0]);
    letGo();
    const [forBob, forAnn] = [await bob.frames(4), await ann.frames(3)];
    for (const frames of [forBob, forAnn]) {
      const [answer, ...rest] = frames;
      assertEquals([answer!.response, answer!.last, texts(answer!)], [200, 1, ["1"]]);
      assertEquals(rest.filter(({ seq }) => seq).map(({ seq }) => seq), [2, 3]);
    }
    assertEquals(forBob[2]!.topic, "tea", "a member's notices keep their place");
    assertEquals(forAnn[0]!.topic, "tea", "a newcomer knows by the answer");
    assertEquals((await eve.ask(msg("4"))).delivered, 2);
  }));

Deno.test("join: more than may be held is left to history: more, and nothing is missing or twice", () =>
  withSlowReads(async ({ server, letGo, reading }) => {
    const eve = await enter({ server }, "eve");
    const [bob, ann] = [await server.registered("bob"), await enter({ server }, "ann")];
    await eve.ask(msg("1"));
    await ann.pending();
    await bob.send(join({ after: 0 }));
    await ann.send(join({ history: 5 }));
    await eventually(() => reading() === 2, () => "two reads");
    for (let n = 2; n <= 12; n++) await eve.ask(msg(`${n} ${"x".repeat(1_000)}`));
    letGo();
    const [forBob, forAnn] = [await bob.response(), await ann.response()];
    assertEquals([forBob.last, forBob.more, seqs(forBob)], [12, true, [1]]);
    assertEquals([forAnn.last, forAnn.more, seqs(forAnn)], [12, true, []]);
    await eve.ask(msg("13"));
    for (const client of [bob, ann]) {
      assertEquals((await delivered(client)).map(({ seq }) => seq), [13]);
    }
    await bob.send(history({ after: 1 }));
    await eventually(() => reading() === 1, () => "a read");
    letGo();
    assertEquals(seqs(await bob.response()), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  }, { maxQueue: 16_384 }));

Deno.test("join: a room that is removed while its history is read is 404, and a member has learnt why", () =>
  withSlowReads(async ({ server, letGo, reading }) => {
    const eve = await enter({ server }, "eve");
    const [bob, ann] = [await server.registered("bob"), await enter({ server }, "ann")];
    await eve.ask(msg("1"));
    await ann.pending();
    await bob.send(join({ after: 0 }));
    await ann.send(join({ after: 0 }));
    await eventually(() => reading() === 2, () => "two reads");
    assertEquals(await code(eve, { event: "room", room: "#dev", remove: true }), 200);
    // Somebody makes another one of that name.
    assertEquals(await code(eve, join()), 201);
    letGo();
    assertEquals((await bob.frame()).response, 404);
    const forAnn = await ann.frames(2);
    assertEquals(forAnn.map(({ response }) => response).toSorted(), [100, 404]);
    assertEquals((await eve.ask(msg("1"))).delivered, 0);
    assertEquals((await bob.ask(join())).last, 1);
  }));

Deno.test("join: who hangs up while the history is read leaves nothing behind", () =>
  withSlowReads(async ({ server, letGo, reading }) => {
    const eve = await enter({ server }, "eve");
    await eve.ask(msg("1"));
    const bob = await server.registered("bob");
    await bob.send(join({ after: 0 }));
    await eventually(() => reading() === 1, () => "a read");
    eve.close();
    await server.settlesAt({ online: 1, rooms: 1 });
    const again = await server.connect();
    assertEquals(await code(again, login("bob", undefined, { takeover: true })), 200);
    letGo();
    await server.settlesAt({ online: 1, rooms: 0, connections: 1 });
  }));

Deno.test("conversations: rooms that an account did not leave, also after a restart; direct ones beside them", () =>
  withDatabasePath(async (db) => {
    const list = async (client: RawClient): Promise<unknown[]> =>
      ((await client.ask({ event: "conversations" })).conversations as Frame[]).map((it) => [
        it.with,
        it.last,
        it.read,
        it.unread,
      ]);
    await withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      const guest = await enterAsGuest(fixture, "guest");
      for (const [client, text] of [[eve, "1"], [guest, "2"], [bob, "3"]] as const) {
        await client.ask(msg(text));
      }
      assertEquals(await list(bob), [["#dev", 3, 0, 2]], "unread are those of others, guests, too");
      assertEquals(await code(bob, { event: "read", with: "#DEV", seq: 1 }), 200);
      assertEquals(await list(bob), [["#dev", 3, 1, 1]]);
      assertEquals(await code(bob, { event: "read", with: "#dev", seq: 99 }), 200);
      await bob.send({ event: "join", room: "#left" }, { event: "leave", room: "#left" });
      await bob.send({ event: "join", room: "#gone" }, { event: "join", room: "#quiet" });
      for (let n = 0; n < 4; n++) await bob.response();
      assertEquals(await code(bob, { event: "room", room: "#gone", remove: true }), 200);
      await guest.ask({ event: "join", room: "#guests" });
      await bob.ask({ event: "join", room: "#guests" });
      // A guest who registers takes the rooms along that they are in.
      assertEquals(await code(guest, register("guest")), 201);
      assertEquals(
        await list(guest),
        [["#dev", 3, 0, 3]],
        "what they said as a guest is a guest's",
      );
      await bob.ask({ event: "quit" });
    });
    await withAccounts({ db }, async (fixture) => {
      const bob = await fixture.server.connect();
      assertEquals(await code(bob, login("bob")), 200);
      assertEquals((await list(bob)).toSorted(), [["#dev", 3, 3, 0], ["#quiet", 0, 0, 0]]);
      const eve = await fixture.server.connect();
      assertEquals(await code(eve, login("eve")), 200);
      await eve.ask(msg("hi", { to: "bob" }));
      await eve.ask({ event: "leave", room: "#dev" });
      assertEquals(await code(eve, join()), 200);
      assertEquals(await code(eve, { event: "leave", room: "#dev" }), 200);
      assertEquals(await list(eve), [["bob", 1, 0, 0]]);
      assertEquals((await list(bob)).length, 3);
    });
  }));

Deno.test("a room's end: nobody reads it any more, and a new one of that name has its own numbers", () =>
  withDatabasePath((db) =>
    withAccounts({ db }, async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      for (let n = 1; n <= 3; n++) await eve.ask(msg(`${n} secret`));
      assertEquals(await code(eve, { event: "room", room: "#dev", remove: true }), 200);
      assertEquals(await code(bob, history()), 404);
      assertEquals((await eve.ask(join({ history: 10 }))).messages, []);
      assertEquals((await eve.ask(msg("new"))).seq, 1);
      assertEquals(texts(await eve.ask(history())), ["new"]);
      assertEquals((await bob.ask(join({ after: 0 }))).last, 1);
    })
  ));

Deno.test("--history-days 0: rooms have no seq; history is 403, and join has no messages", () =>
  withAccounts({ storeOptions: { historyDays: 0 } }, async (fixture) => {
    const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
    const answer = await eve.ask(msg("hi", { id: "a" }));
    assertEquals([answer.delivered, "seq" in answer], [1, false]);
    assertEquals("seq" in (await delivered(bob))[0]!, false);
    for (const event of ["history", "read", "conversations"]) {
      assertEquals(await code(bob, { event, with: "#dev", seq: 1 }), 403, event);
    }
    const joined = await bob.ask(join({ after: 0 }));
    assertEquals([joined.messages, joined.more, joined.last], [[], false, 0]);
    assertEquals(await code(bob, msg("re", { reply: 1 })), 404);
  }));

Deno.test("--max-db: what could not be kept is 500 and not delivered; the room is entered and left all the same", () =>
  withAccounts(
    { settings: { rate: 0 }, storeOptions: { maxBytes: 1024 ** 2 } },
    async (fixture) => {
      const [eve, bob] = [await enter(fixture, "eve"), await enter(fixture, "bob")];
      await eve.send(
        ...Array.from({ length: 350 }, (_, n) => msg(`${n} ${"x".repeat(4_000)}`)),
      );
      const codes: unknown[] = [];
      for (let n = 0; n < 350; n++) codes.push((await eve.response()).response);
      assert(codes.includes(500) && codes.includes(200));
      const seen = (await delivered(bob)).length;
      assertEquals(seen, codes.filter((it) => it === 200).length);
      const guest = await fixture.server.connect();
      assertEquals(await code(guest, presence("new")), 500);
      assertEquals(await code(bob, { event: "leave", room: "#dev" }), 200);
      assertEquals(await code(bob, join()), 200);
    },
  ));

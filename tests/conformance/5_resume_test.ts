// Section 5, "Features" and "Resume": a session outlives its connection.
import { assert, assertEquals, assertNotEquals } from "@std/assert";

import { newToken } from "../../server/accounts/tokens.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { ask, login, presence, withAccounts } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import {
  arrive,
  asGuest,
  numbered,
  numberedAccount,
  numberedGuest,
  withPassword,
  withToken,
} from "../support/resuming_client.ts";
import { TestServer } from "../support/server_fixture.ts";

const to = (to: string, message: string, more: object = {}): object => ({
  event: "msg",
  to,
  message,
  ...more,
});
const join = { event: "join", room: "#dev" };
const probe = { event: "probe" };

/** The connection is lost, and the server has noticed. */
async function lose(server: TestServer, client: RawClient): Promise<void> {
  const before = server.server.counts.connections;
  client.reset();
  await server.settlesAt({ connections: before - 1 });
}

Deno.test("features: the 200 and 201 to presence and authenticate name what is served", async () => {
  for (const historyDays of [90, 0]) {
    await using store = openSqliteStore(":memory:", { historyDays });
    await using server = new TestServer({ store });
    const client = await server.connect();
    for (
      const request of [
        presence("eve"),
        presence("eve"),
        login("eve", undefined, { register: true }),
        login("eve"),
      ]
    ) {
      const { features } = await client.ask(request);
      const served = [
        ...["resume", "rooms", "moderation", "block"],
        ...(historyDays > 0 ? ["history", "search"] : []),
        "unframed",
      ];
      assertEquals(features as unknown, served);
    }
  }
});

Deno.test("resume: every msg and notice 100 carries n: 1, 2, 3 …, stored ones too; answers and probes do not", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const first = await numberedAccount(server, "bob");
  await first.client.ask({ event: "quit" });
  await eve.ask(to("bob", "stored", { store: true }));
  const { client: bob, answer } = await arrive(server, withPassword("bob"));
  assertEquals("n" in answer, false);
  assertEquals((await bob.ask(join)).response, 201);
  await eve.ask(join);
  await eve.ask(to("#dev", "room"));
  await eve.ask(to("bob", "direct"));
  await eve.ask({ event: "leave", room: "#dev" });
  const frames = await bob.pending();
  assertEquals(numbered(frames), [
    [1, "stored"],
    [2, "+eve"],
    [3, "room"],
    [4, "direct"],
    [5, "-eve"],
  ]);
  assertEquals(frames[0]!.stored, 1);
});

Deno.test("resume: clients that did not ask see none of this", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const { answer } = await arrive(server, asGuest("dan", false));
  assertEquals("resume" in answer, false);
  assertEquals(await ask(bob, { ...join, seen: 5 }), 201, "seen says nothing here");
  await eve.ask(to("bob", "hi"));
  assertEquals((await bob.frame()).n, undefined);
  await lose(server, bob);
  await server.settlesAt({ online: 2 });
});

Deno.test("seen: any request may carry it; 400 beyond what was sent, or for its shape", async () => {
  await using server = new TestServer();
  const [eve, { client: bob }] = [await server.online("eve"), await numberedGuest(server, "bob")];
  await eve.ask(to("bob", "hi"));
  for (const request of [probe, { event: "who" }, to("eve", "x"), join, presence("bob")]) {
    assertEquals((await bob.ask({ ...request, seen: 2, id: "a" })).response, 400);
    assert((await bob.ask({ ...request, seen: 1 })).response! < 300);
    assert((await bob.ask({ ...request, seen: 0 })).response! < 300, "late, but true");
  }
  const wrong = await bob.ask({ ...probe, seen: 2, id: "a" });
  assertEquals(wrong.id, "a");
  assert(wrong.error!.startsWith("seen must be at most"), wrong.error);
  for (const seen of [-1, 1.5, "1", null]) assertEquals(await ask(bob, { ...probe, seen }), 400);
});

Deno.test("seen: alone confirms, and counts as ack for stored messages", async () => {
  await withAccounts({ settings: { grace: 0 } }, async ({ server, store }) => {
    const eve = await server.online("eve");
    await (await numberedAccount(server, "bob")).client.ask({ event: "quit" });
    for (const text of ["a", "b"]) await eve.ask(to("bob", text, { store: true }));
    const { client: bob } = await arrive(server, withPassword("bob"));
    await eve.ask(to("bob", "c"));
    assertEquals(numbered(await bob.pending()), [[1, "a"], [2, "b"], [3, "c"]]);
    const left = async (): Promise<string[]> =>
      (await store.listLetters("bob", 0, 10)).map(({ message }) => message);
    await bob.ask({ ...probe, seen: 1 });
    await bob.ask({ event: "ack", stored: 1 }); // behind what seen has deleted
    assertEquals(await left(), ["b"]);
    await bob.ask(probe);
    await lose(server, bob);
    await server.settlesAt({ online: 1 });
    assertEquals(await left(), ["b", "c"], "requests without seen confirm nothing");
  });
});

Deno.test("too much that is not confirmed: the client is probed, and closed after --write-timeout", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { maxQueue: 1_000 } });
  const [eve, { client: bob, token }] = [
    await server.online("eve"),
    await numberedGuest(server, "bob"),
  ];
  for (let n = 1; n <= 3; n++) assertEquals(await ask(eve, to("bob", "x".repeat(200))), 200);
  assertEquals((await bob.frames(3)).map(({ event }) => event), ["msg", "msg", "probe"]);
  await bob.ask(probe);
  assertEquals((await eve.ask(to("bob", "x".repeat(400)))).response, 410);
  clock.advance(30_000);
  assertEquals((await bob.ended()).frames.map(({ n }) => n), [3], "no last word either");
  const { client, answer } = await arrive(server, asGuest("bob", token, { seen: 2 }));
  assertEquals([answer.resumed, (await client.pending()).map(({ n }) => n)], [true, [3]]);
  clock.advance(30_000);
});

Deno.test("a mailbox that is larger than the queue comes whole to who confirms, and requests are answered meanwhile", async () => {
  await using server = new TestServer({ clock: new FakeClock(), settings: { maxQueue: 1_000 } });
  const eve = await server.online("eve");
  await (await numberedAccount(server, "bob")).client.ask({ event: "quit" });
  const texts = Array.from({ length: 30 }, (_, n) => `${n} `.padEnd(200, "x"));
  for (const text of texts) await eve.ask(to("bob", text, { store: true }));
  const { client: bob } = await arrive(server, withPassword("bob"));
  const got: unknown[] = [];
  let answers = 0;
  while (got.length < texts.length || answers < texts.length) {
    const { message, n, response } = await bob.frame();
    if (response !== undefined) {
      assertEquals(response, 200);
      answers++;
    } else if (n !== undefined) {
      got.push(message);
      await bob.send({ ...probe, seen: n });
    }
  }
  assertEquals(got, texts);
});

Deno.test("grace: name held, in rooms and lists; room frames are kept and uncounted, direct ones find it offline", async () => {
  await using server = new TestServer();
  const [eve, { client: bob, token }] = [
    await server.online("eve"),
    await numberedGuest(server, "bob"),
  ];
  for (const client of [bob, eve]) await client.ask(join);
  await lose(server, bob);
  assertEquals(await eve.pending(), [], "nobody is told that bob left");
  assertEquals(await ask(await server.connect(), presence("BOB")), 409);
  const { users } = await eve.ask({ event: "who", room: "#dev" });
  assertEquals((users as Frame[]).map(({ account_name }) => account_name), ["bob", "eve"]);
  assertEquals((await eve.ask(join)).users, ["bob", "eve"]);
  assertEquals((await eve.ask(to("#dev", "one"))).delivered, 0);
  assertEquals(await ask(eve, to("bob", "direct")), 410);
  assertEquals(await ask(eve, to("bob", "direct", { store: true })), 410);
  const dan = await server.online("dan");
  await dan.ask(join);
  await dan.ask({ event: "leave", room: "#dev" });

  const { client, answer } = await arrive(server, asGuest("Bob", token, { seen: 1 }));
  assertEquals([answer.response, answer.resumed, answer.rooms], [200, true, ["#dev"]]);
  assertNotEquals(answer.resume, token);
  assertEquals(numbered(await client.pending()), [[2, "one"], [3, "+dan"], [4, "-dan"]]);
  assertEquals((await eve.pending()).map(({ joined, left }) => joined ?? left), ["dan", "dan"]);
  assertEquals(await ask(eve, to("bob", "again")), 200);
  assertEquals(numbered(await client.pending()), [[5, "again"]]);
  assertEquals((await eve.ask(to("#dev", "two"))).delivered, 1);
});

Deno.test("grace: over after --grace seconds, and not there with 0", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const [eve, { client: bob, token }] = [
    await server.online("eve"),
    await numberedGuest(server, "bob"),
  ];
  for (const client of [bob, eve]) await client.ask(join);
  await lose(server, bob);
  clock.advance(29_999);
  assertEquals(await eve.pending(), []);
  clock.advance(1);
  assertEquals(numbered(await eve.pending()), [[undefined, "-bob"]]);
  const { answer } = await arrive(server, asGuest("bob", token, { seen: 0 }));
  assertEquals([answer.response, answer.resumed], [200, undefined], "as if it had said true");
  assertNotEquals(answer.resume, undefined);
  await using strict = new TestServer({ settings: { grace: 0 } });
  await lose(strict, (await numberedGuest(strict, "bob")).client);
  await strict.settlesAt({ online: 0 });
});

Deno.test("grace: ends where the queue would overflow, or memory is needed", async () => {
  for (const settings of [{ maxQueue: 2_000 }, { maxMemory: 1 }]) {
    await using server = new TestServer({ settings: { rate: 0, ...settings } });
    const [eve, { client: bob }] = [
      await server.online("eve"),
      await numberedGuest(server, "bob"),
    ];
    for (const client of [bob, eve]) await client.ask(join);
    await lose(server, bob);
    for (let n = 0; server.server.counts.online > 1; n++) {
      assert(n < 1_000);
      await eve.ask(to("#dev", "x".repeat(settings.maxMemory === 1 ? 4_000 : 400)));
    }
    assertEquals(numbered(await eve.pending()), [[undefined, "-bob"]]);
  }
});

Deno.test("resume: also while the old connection seems to live; that one is closed without a word", async () => {
  await using server = new TestServer();
  const [eve, { client: old, token }] = [
    await server.online("eve"),
    await numberedAccount(server, "bob"),
  ];
  for (const client of [old, eve]) await client.ask(join);
  for (const text of ["a", "b", "c"]) await eve.ask(to("bob", text));
  await eve.ask(to("#dev", "d"));
  const { client, answer } = await arrive(server, withToken("bob", token, { seen: 2 }));
  assertEquals([answer.response, answer.resumed], [200, true]);
  assertEquals(numbered(await client.pending()), [[3, "b"], [4, "c"], [5, "d"]]);
  const { frames } = await old.ended();
  assertEquals(frames.filter(({ response }) => response === 101), []);
  assertEquals(await eve.pending(), []);
  assertEquals(server.server.counts.online, 2);
});

Deno.test("resume: of a session that ended as by a lost connection, what had arrived does not come again", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const eve = await server.online("eve");
  const { client: bob, token } = await numberedAccount(server, "bob");
  await eve.ask(to("bob", "one"));
  for (const text of ["two", "three"]) await eve.ask(to("bob", text, { store: true }));
  await lose(server, bob);
  assertEquals(await ask(eve, to("bob", "four", { store: true })), 202);
  clock.advance(30_000);
  await server.settlesAt({ online: 1 });
  const { client, answer } = await arrive(server, withToken("bob", token, { seen: 2 }));
  assertEquals([answer.response, answer.resumed], [200, undefined]);
  const frames = await client.frames(2);
  assertEquals(numbered(frames), [[1, "three"], [2, "four"]]);
  assertEquals(frames.map(({ stored }) => stored), [3, 4]);
});

Deno.test("resume: letters that came while it was interrupted come behind what is sent again, each once", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  let { client: bob, token } = await numberedAccount(server, "bob");
  for (const text of ["one", "two"]) await eve.ask(to("bob", text));
  await lose(server, bob);
  assertEquals(await ask(eve, to("bob", "three", { store: true })), 202);
  for (let round = 0; round < 2; round++) {
    ({ client: bob, token } = await arrive(server, withToken("bob", token, { seen: 1 })));
    assertEquals(numbered(await bob.frames(2)), [[2, "two"], [3, "three"]]);
    await lose(server, bob);
  }
  ({ client: bob } = await arrive(server, withToken("bob", token, { seen: 3 })));
  await eve.ask(to("bob", "four"));
  assertEquals(numbered(await bob.frames(1)), [[4, "four"]]);
});

Deno.test("token: each use gives a new one; the old one is right until the first request on the new connection", async () => {
  await using server = new TestServer();
  for (
    const [name, start, use] of [
      ["guest", numberedGuest, asGuest],
      ["account", numberedAccount, withToken],
    ] as const
  ) {
    const first = await start(server, name);
    const isRight = async (token: string): Promise<unknown> =>
      (await arrive(server, use(name, token))).answer.resumed;
    const second = await arrive(server, use(name, first.token));
    assertEquals(second.answer.resumed, true);
    const third = await arrive(server, use(name, first.token));
    assertEquals(third.answer.resumed, true, "the answer may have been lost");
    await third.client.ask(probe);
    for (const { token } of [first, second]) assertEquals(await isRight(token), undefined);
    assertEquals(await isRight(third.token), true);
  }
});

Deno.test("token: a lost answer of a fresh session takes nothing from the one before", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const eve = await server.online("eve");
  const { client: bob, token } = await numberedAccount(server, "bob");
  for (const text of ["one", "two"]) await eve.ask(to("bob", text));
  await lose(server, bob);
  clock.advance(30_000);
  const lost = await arrive(server, withToken("bob", token, { seen: 1 }));
  await lost.client.frames(1);
  const { client, answer } = await arrive(server, withToken("bob", token, { seen: 1 }));
  assertEquals([answer.response, answer.resumed], [200, undefined], "not that session");
  assertEquals(numbered(await client.frames(1)), [[1, "two"]]);
});

Deno.test("token: wrong after quit, a password login elsewhere, and --resume-hours; a login with it counts as wrong", async () => {
  const clock = new FakeClock();
  await withAccounts({ clock, storeOptions: { clock } }, async ({ server }) => {
    const isWrong = async (token: string): Promise<void> => {
      const { answer } = await arrive(server, withToken("bob", token));
      assertEquals([answer.response, "resume" in answer], [402, false]);
      clock.advance(60_000); // what is wrong is slowed down
    };
    const { client, token } = await numberedAccount(server, "bob");
    await client.ask({ event: "quit" });
    await isWrong(token);
    const second = await arrive(server, withPassword("bob"));
    await lose(server, second.client);
    const third = await arrive(server, login("bob"));
    assertEquals([third.answer.response, third.answer.resume], [200, undefined]);
    await isWrong(second.token);
    const fourth = await arrive(server, withPassword("bob", { takeover: true }));
    await lose(server, fourth.client);
    clock.advance(72 * 3_600_000 - 1);
    const fifth = await arrive(server, withToken("bob", fourth.token));
    assertEquals(fifth.answer.response, 200);
    await fifth.client.ask(probe);
    clock.advance(30_000); // the end of what was closed before
    await fifth.client.ask(probe);
    await lose(server, fifth.client);
    clock.advance(72 * 3_600_000);
    await isWrong(fifth.token);
  });
});

Deno.test("token: wrong after a new password, a block and a removal, and under another name", async () => {
  await withDatabasePath(async (db) => {
    await withAccounts({ db }, async ({ server }) => {
      using admin = UserAdmin.open(db, false, () => 1);
      const code = async (name: string, token: string): Promise<number | undefined> =>
        (await arrive(server, withToken(name, token))).answer.response;
      const ways: Record<string, () => unknown> = {
        ann: () => admin.setPassword("ann", "hash"),
        ben: () => (admin.block("ben", "ben", ""), admin.unblock("ben")),
        cat: () => admin.remove("cat"),
      };
      for (const [name, go] of Object.entries(ways)) {
        const { client, token } = await numberedAccount(server, name);
        client.close();
        go();
        assertEquals(await code(name, token), 402, name);
      }
      const { token } = await numberedAccount(server, "Käthe");
      assertEquals(await code("ann", token), 402);
      assertEquals(await code("Ka\u0308THE", token), 200, "another spelling of the name");
    });
  });
});

Deno.test("authenticate: 400 with password and token, or with neither; the third wrong one closes", async () => {
  await using server = new TestServer();
  await numberedAccount(server, "bob");
  const client = await server.connect();
  const both = { event: "authenticate", user: { account_name: "bob", password: "correct horse" } };
  assertEquals(await ask(client, { ...both, resume: "token" }), 400);
  for (const resume of [true, false, undefined, "", "x".repeat(129), 1]) {
    const neither = { event: "authenticate", user: { account_name: "bob" }, resume };
    assertEquals(await ask(client, neither), 400);
  }
  for (const name of ["bob", "nobody", "bob"]) {
    const { response, error } = await client.ask(withToken(name, "x".repeat(43)));
    assertEquals([response, error], [402, "Wrong login or password"]);
  }
  assertEquals((await client.ended()).end, "closed");
});

Deno.test("presence: a wrong token is served as true", async () => {
  await using server = new TestServer();
  const wrong = await arrive(server, asGuest("eve", "no token of mine"));
  assertEquals([wrong.answer.response, wrong.answer.resumed], [200, undefined]);
  const again = await arrive(server, asGuest("eve", wrong.token));
  assertEquals(again.answer.resumed, true);
  assertEquals((await arrive(server, asGuest("eve", "wrong"))).answer.response, 409);
  await numberedAccount(server, "bob");
  assertEquals((await arrive(server, asGuest("bob", "wrong"))).answer.response, 401);
  const name = "second";
  assertEquals((await arrive(server, asGuest(name, "made up"))).answer.response, 200);
  const { answer } = await arrive(server, asGuest(name, "made up"));
  assertEquals(answer.response, 409, "what was never given out proves nothing");
});

Deno.test("presence: who lost the answer to an outdated token comes again with it, until somebody is heard", async () => {
  await using server = new TestServer();
  const outdated = newToken().token;
  const first = await arrive(server, asGuest("eve", outdated));
  const second = await arrive(server, asGuest("eve", outdated));
  assertEquals([second.answer.response, second.answer.resumed], [200, undefined]);
  assertEquals((await first.client.ended()).frames, []);
  await second.client.ask(probe);
  assertEquals((await arrive(server, asGuest("eve", outdated))).answer.response, 409);
});

Deno.test("seen of a token: beyond what was sent is 400; what was confirmed before is gone, so the session is a new one", async () => {
  await using server = new TestServer();
  const [eve, { client: bob, token }] = [
    await server.online("eve"),
    await numberedAccount(server, "bob"),
  ];
  for (const client of [bob, eve]) await client.ask(join);
  for (const text of ["a", "b"]) await eve.ask(to("bob", text));
  await bob.ask({ ...probe, seen: 2 });
  const { answer, client: beyond } = await arrive(server, withToken("bob", token, { seen: 4 }));
  assertEquals(answer.response, 400);
  assertEquals(await ask(beyond, { event: "who" }), 401);
  const fresh = await arrive(server, withToken("bob", token, { seen: 1 }));
  assertEquals([fresh.answer.response, fresh.answer.resumed], [200, undefined]);
  assertEquals(numbered(await fresh.client.frames(1)), [[1, "b"]]);
  assertEquals(numbered(await eve.pending()), [[undefined, "-bob"]]);
});

Deno.test("a login with the password ends an interrupted session at once", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const eve = await server.online("eve");
  const { client: bob, token } = await numberedAccount(server, "bob");
  for (const client of [bob, eve]) await client.ask(join);
  await eve.ask(to("bob", "one"));
  await lose(server, bob);
  const { client, answer } = await arrive(server, withPassword("bob"));
  assertEquals([answer.response, answer.resumed], [200, undefined]);
  assertEquals(numbered(await client.frames(1)), [[1, "one"]]);
  assertEquals(numbered(await eve.pending()), [[undefined, "-bob"]]);
  assertEquals((await arrive(server, withToken("bob", token))).answer.response, 402);
});

Deno.test("quit leaves no session behind, closing the sending side does", async () => {
  await using server = new TestServer();
  const { client: quitter } = await numberedGuest(server, "eve");
  await quitter.ask({ event: "quit" });
  assertEquals((await arrive(server, presence("eve"))).answer.response, 200);
  const { client: bob, token } = await numberedGuest(server, "bob");
  bob.finish();
  await bob.ended();
  await server.settlesAt({ connections: 1, online: 2 });
  assertEquals((await arrive(server, asGuest("bob", token))).answer.resumed, true);
});

Deno.test("a guest who registers keeps the session and its numbers, and gets the account's token", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const { client: bob, token: guests } = await numberedGuest(server, "bob");
  await bob.ask(join);
  await eve.ask(to("bob", "one"));
  const user = { account_name: "bob", password: "correct horse" };
  const { resume } = await bob.ask({ event: "authenticate", user, register: true });
  await eve.ask(to("bob", "two"));
  assertEquals(numbered(await bob.pending()), [[1, "one"], [2, "two"]]);
  assertEquals((await arrive(server, asGuest("bob", guests))).answer.response, 401);
  assertEquals((await arrive(server, withToken("bob", guests))).answer.response, 402);
  const { client, answer } = await arrive(server, withToken("bob", resume as string, { seen: 1 }));
  assertEquals([answer.resumed, answer.rooms], [true, ["#dev"]]);
  assertEquals(numbered(await client.pending()), [[2, "two"]]);
});

Deno.test("asking again on the same connection gives a further token, and the numbers go on", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  for (
    const [name, start, use] of [
      ["guest", numberedGuest, asGuest],
      ["account", numberedAccount, withToken],
    ] as const
  ) {
    const { client, token } = await start(server, name);
    await eve.ask(to(name, "one"));
    const { response, resume, resumed } = await client.ask(use(name, token));
    assertEquals([response, resumed], [200, undefined]);
    assertNotEquals(resume, token);
    await eve.ask(to(name, "two"));
    assertEquals(numbered(await client.pending()), [[1, "one"], [2, "two"]]);
    const next = await arrive(server, use(name, resume as string, { seen: 1 }));
    assertEquals(next.answer.resumed, true);
    assertEquals(numbered(await next.client.pending()), [[2, "two"]]);
    const { resume: lost } = await next.client.ask(use(name, next.token));
    assertNotEquals(lost, undefined);
    const last = await arrive(server, use(name, next.token, { seen: 2 }));
    assertEquals(last.answer.resumed, true, "that answer may have been lost");
  }
});

Deno.test("two connections that race with one token: one has the session at the end, and no frame is lost", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const { client: bob, token } = await numberedAccount(server, "bob");
  await eve.ask(to("bob", "one"));
  await lose(server, bob);
  const rivals = await Promise.all([server.connect(), server.connect()]);
  await Promise.all(rivals.map((client) => client.send(withToken("bob", token, { seen: 0 }))));
  const answers = await Promise.all(rivals.map((client) => client.response().catch(() => ({}))));
  assert(answers.some((answer) => (answer as Frame).resumed === true));
  await server.settlesAt({ connections: 2, online: 2 });
  await eve.ask(to("bob", "two"));
  const heard = await Promise.all(rivals.map(async (client) => {
    try {
      return numbered(await client.pending());
    } catch {
      return [];
    }
  }));
  assertEquals(heard.filter(({ length }) => length > 0), [[[1, "one"], [2, "two"]]]);
});

Deno.test("SIGTERM: what an interrupted account has not confirmed is in its mailbox", async () => {
  await withDatabasePath(async (db) => {
    await withAccounts({ db }, async ({ server }) => {
      const eve = await server.online("eve");
      const [ann, bob] = [
        await numberedAccount(server, "ann"),
        await numberedAccount(server, "bob"),
      ];
      for (const name of ["ann", "bob"]) await eve.ask(to(name, "for later"));
      await lose(server, bob.client);
      assertEquals((await ann.client.pending()).length, 1);
    });
    await withAccounts({ db }, async ({ server }) => {
      for (const name of ["ann", "bob"]) {
        const { client } = await arrive(server, withPassword(name));
        assertEquals(numbered(await client.frames(1)), [[1, "for later"]]);
      }
    });
  });
});

import { assert, assertEquals } from "@std/assert";

import { Passwords } from "../../server/accounts/passwords.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../server/store/sqlite.ts";
import type { Letter, Store } from "../../server/store/store.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { storeWith } from "../support/store_with.ts";
import { settle } from "../support/settle.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import {
  CHEAP,
  eventually,
  PASSWORD,
  TestServer,
  type TestServerOptions,
} from "../support/server_fixture.ts";

const presence = (name: string): object => ({ event: "presence", user: { account_name: name } });

const login = (name: string, password = PASSWORD, more: object = {}): object => ({
  event: "authenticate",
  user: { account_name: name, password },
  ...more,
});

const register = (name: string, password?: string): object =>
  login(name, password, { register: true });

const toBob = (message: string, more: object = {}): object => ({
  event: "msg",
  to: "bob",
  message,
  store: true,
  ...more,
});

/** A server and its store. */
interface Fixture {
  readonly server: TestServer;
  readonly store: Store;
}

interface FixtureOptions extends Omit<TestServerOptions, "store"> {
  /** The database; by default it is in memory. */
  db?: string;
  /** How it is opened. */
  storeOptions?: SqliteStoreOptions;
}

async function withServer(
  { db = ":memory:", storeOptions, ...options }: FixtureOptions,
  run: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  await using store = openSqliteStore(db, storeOptions);
  await using server = new TestServer({ ...options, store });
  await run({ server, store });
}

/** Sends a request and gives the code of its response. */
async function ask(client: RawClient, request: object): Promise<number | undefined> {
  return (await client.ask(request)).response;
}

/** The next frame; `undefined` when the server has closed. */
async function next(client: RawClient): Promise<Frame | undefined> {
  const line = await client.line();
  return line === undefined ? undefined : JSON.parse(line);
}

/** Registers a name and leaves. */
async function makeAccount({ server }: Fixture, name: string): Promise<void> {
  const peer = await server.connect();
  assertEquals(await ask(peer, register(name)), 201);
  await leave(peer);
}

async function leave(peer: RawClient): Promise<void> {
  assertEquals(await ask(peer, { event: "quit" }), 200);
  assertEquals(await next(peer), undefined);
}

async function online({ server }: Fixture, request: object): Promise<RawClient> {
  const peer = await server.connect();
  const code = await ask(peer, request);
  assert(code === 200 || code === 201, `online: ${code}`);
  return peer;
}

const messages = (frames: Frame[]): unknown[] => frames.map(({ message }) => message);

Deno.test("register makes an account that only its password opens", async () => {
  await withServer({}, async (fixture) => {
    await makeAccount(fixture, "Bob");
    const peer = await fixture.server.connect();
    assertEquals(await ask(peer, presence("bob")), 401);
    assertEquals(await ask(peer, register("BOB")), 409);
    assertEquals(await ask(peer, login("bob", "wrong horse")), 402);
    assertEquals(await ask(peer, login("bob")), 200);
    assertEquals(await ask(peer, presence("bob")), 200);
    assertEquals(await ask(peer, presence("eve")), 400);
    assertEquals(await ask(peer, login("eve")), 400);
    const second = await fixture.server.connect();
    assertEquals(await ask(second, login("bob")), 409);
    assertEquals(await ask(second, login("bob", "wrong horse")), 402);
  });
});

Deno.test("402 says the same for known and unknown names; the third closes", async () => {
  await withServer({}, async (fixture) => {
    await makeAccount(fixture, "bob");
    const peer = await fixture.server.connect();
    const answers = [];
    for (const name of ["bob", "nobody", "bob"]) {
      await peer.send(login(name, "wrong horse", { id: 1 }));
      const { time: _, ...answer } = (await next(peer))!;
      answers.push(answer);
    }
    assertEquals(answers[0], { response: 402, error: "Wrong login or password", id: 1 });
    assertEquals(answers[1], answers[0]);
    assertEquals(answers[2], answers[0]);
    // The log names accounts only: an unknown name may be a password in the wrong place.
    const logged = fixture.server.log.of("wrong login or password").map(({ fields }) =>
      fields.name
    );
    assertEquals(logged, ["bob", undefined, "bob"]);
    assertEquals(await next(peer), undefined);
  });
});

Deno.test("of many who register one name at once, exactly one succeeds", async () => {
  await withServer({}, async ({ server }) => {
    const peers = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
    const codes = await Promise.all(peers.map((peer) => ask(peer, register("bob"))));
    assertEquals(codes.sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
    assertEquals(server.server.counts.online, 1);
  });
});

Deno.test("a name that a guest uses cannot be registered by another, and not used by two", async () => {
  await withServer({}, async (fixture) => {
    await online(fixture, presence("bob"));
    const peer = await fixture.server.connect();
    assertEquals(await ask(peer, register("bob")), 409);
    assertEquals(await ask(peer, presence("bob")), 409);
    assertEquals(await fixture.store.findAccount("bob"), undefined);
  });
});

Deno.test("a guest who registers keeps the connection, its rooms, and gets an empty mailbox", async () => {
  await withServer({}, async (fixture) => {
    const eve = await online(fixture, presence("eve"));
    const bob = await online(fixture, presence("bob"));
    await leave(bob);
    assertEquals(await ask(eve, toBob("to a guest")), 410);
    const again = await online(fixture, presence("bob"));
    assertEquals(await ask(again, { event: "join", room: "#dev" }), 201);
    assertEquals(await ask(again, register("bob")), 201);
    assertEquals(await ask(again, register("bob")), 409);
    assertEquals(await ask(eve, { event: "join", room: "#dev" }), 200);
    assertEquals((await next(again))?.joined, "eve");
    await leave(again);
    assertEquals((await next(eve))?.left, "bob");
    assertEquals(await ask(eve, toBob("to an account")), 202);
    const back = await online(fixture, login("bob"));
    assertEquals((await next(back))?.message, "to an account");
  });
});

Deno.test("registration and guests can be turned off", async () => {
  await withServer({ settings: { registration: false, guests: false } }, async (fixture) => {
    const peer = await fixture.server.connect();
    assertEquals(await ask(peer, register("bob")), 403);
    assertEquals(await ask(peer, presence("bob")), 401);
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    assertEquals(await ask(peer, login("bob")), 200);
  });
});

const cheapHash = (password: string): Promise<string> =>
  new Passwords({ cost: CHEAP }).hash(password);

Deno.test("stored messages come after the login, oldest first, until they are acknowledged", async () => {
  await withServer({ settings: { rate: 0 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("Eve"));
    assertEquals(await ask(eve, toBob("no store", { store: false })), 410);
    for (let n = 1; n <= 250; n++) {
      assertEquals(await ask(eve, toBob(`m${n}`, n === 1 ? { id: "first" } : {})), 202);
    }
    const expected = Array.from({ length: 250 }, (_, index) => `m${index + 1}`);

    const bob = await online(fixture, login("bob"));
    await bob.send({ event: "ack", stored: 2 }, { event: "ack", stored: 9_999 - 1 });
    const frames = await bob.frames(250);
    assertEquals(messages(frames), expected);
    assertEquals(frames.map(({ stored }) => stored), expected.map((_, index) => index + 1));
    const { time, ...first } = frames[0]!;
    assertEquals(typeof time, "number");
    assertEquals(first, {
      event: "msg",
      to: "bob",
      from: "Eve",
      message: "m1",
      id: "first",
      stored: 1,
    });
    assertEquals((await bob.frames(2)).map(({ response }) => response), [200, 200]);
    await leave(bob);
    assertEquals(await ask(eve, toBob("later")), 202);
    const again = await online(fixture, login("bob"));
    assertEquals((await next(again))?.message, "later");
    await leave(again);
    const third = await online(fixture, login("bob"));
    assertEquals((await next(third))?.message, "later");
  });
});

Deno.test("no more can be acknowledged than was delivered on this connection", async () => {
  await withServer({}, async (fixture) => {
    const bob = await online(fixture, register("bob"));
    const letter: Letter = {
      folded: "bob",
      to: "bob",
      from: "eve",
      message: "unseen",
      time: Date.now() / 1000,
      id: undefined,
    };
    await fixture.store.storeLetter(letter);
    assertEquals(await ask(bob, { event: "ack", stored: 100 }), 200);
    await leave(bob);
    const again = await online(fixture, login("bob"));
    assertEquals((await next(again))?.message, "unseen");
  });
});

Deno.test("a full mailbox is said to be full", async () => {
  await withServer({ storeOptions: { maxLetters: 2 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("eve"));
    assertEquals(await ask(eve, toBob("one")), 202);
    assertEquals(await ask(eve, toBob("two")), 202);
    await eve.send(toBob("three"));
    const answer = await next(eve);
    assertEquals(answer?.response, 410);
    assert(String(answer?.error).includes("mailbox is full"));
  });
});

Deno.test("a blocked name is refused, a blocked user who is online is told why and closed", async () => {
  await withDatabasePath(async (path) => {
    await withServer({ db: path }, async (fixture) => {
      using admin = UserAdmin.open(path, false, () => 0);
      const peers = [
        await online(fixture, register("bob")),
        await online(fixture, presence("eve")),
      ];
      admin.block("bob", "bob", "spam");
      admin.block("eve", "eve", "");
      const words = ["This user is blocked: spam", "This user is blocked"];
      for (const [index, peer] of peers.entries()) {
        const frame = await next(peer);
        assertEquals([frame?.response, frame?.alert], [101, words[index]]);
        assertEquals(await next(peer), undefined);
      }
      for (const request of [login("bob"), presence("bob"), presence("eve"), register("eve")]) {
        const peer = await fixture.server.connect();
        assertEquals(await ask(peer, request), 403);
        assertEquals(await next(peer), undefined);
      }
    });
  });
});

Deno.test("a user whose account is removed is told and closed; a guest of that name stays", async () => {
  await withDatabasePath(async (path) => {
    await withServer({ db: path }, async (fixture) => {
      using admin = UserAdmin.open(path, false, () => 0);
      const bob = await online(fixture, register("bob"));
      const eve = await online(fixture, presence("eve"));
      // Made and removed before anybody looks: the guest of that name never had it.
      admin.add("eve", "eve", "hash");
      for (const name of ["eve", "bob"]) admin.remove(name);
      const frame = await next(bob);
      assertEquals([frame?.response, frame?.alert], [101, "This account was removed"]);
      assertEquals(await next(bob), undefined);
      assertEquals(await ask(eve, { event: "probe" }), 200);
    });
  });
});

Deno.test("the owner of an account that was made for a name takes it from a guest", async () => {
  await withServer({}, async (fixture) => {
    const guest = await online(fixture, presence("bob"));
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    await online(fixture, login("bob"));
    assertEquals((await next(guest))?.response, 101);
    assertEquals(await next(guest), undefined);
  });
});

Deno.test("a hash of lower cost is replaced at the login, the password stays the same", async () => {
  const passwords = new Passwords({ cost: { logN: 5, r: 8, p: 1 } });
  await withServer({ passwords }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    await leave(await online(fixture, login("bob")));
    const hash = async (): Promise<string> =>
      (await fixture.store.findAccount("bob"))!.passwordHash;
    while (passwords.needsRehash(await hash())) await new Promise((done) => setTimeout(done, 1));
    await online(fixture, login("bob"));
  });
});

Deno.test("while the store fails a request gets 500, one record is logged, and the rest goes on", async () => {
  await withServer({ storeOptions: { maxPages: 40 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("eve"));
    const accepted: string[] = [];
    let code: number | undefined = 202;
    for (let n = 0; code === 202; n++) {
      const text = `${n} ${"x".repeat(2_000)}`;
      code = await ask(eve, toBob(text));
      if (code === 202) accepted.push(text);
    }
    assertEquals(code, 500);
    assert(accepted.length > 5);
    const [record, ...more] = fixture.server.log.records.filter(({ level }) => level === "error");
    assertEquals(more, []);
    assert(String(record?.fields.stack).includes("the disk is full"));
    assertEquals(await ask(eve, { event: "join", room: "#dev" }), 201);
    const bob = await online(fixture, login("bob"));
    const frames = await bob.frames(accepted.length);
    assertEquals(messages(frames), accepted);
    assertEquals(await ask(bob, { event: "ack", stored: accepted.length }), 200);
    await leave(bob);
  });
});

Deno.test("what a dying connection did not take goes to the mailbox, in order", async () => {
  await withServer({ settings: { rate: 0, maxQueue: 4_000_000 } }, async (fixture) => {
    const bob = await online(fixture, register("bob"));
    const eve = await online(fixture, presence("eve"));
    // More than the system's socket buffers take, so that some of it stays in the server's queue.
    bob.pause();
    const sent: string[] = [];
    for (let code: number | undefined = 200; code === 200;) {
      const text = `${sent.length} ${"x".repeat(4_000)}`;
      code = await ask(eve, { event: "msg", to: "bob", message: text });
      if (code === 200) sent.push(text);
    }
    bob.close();
    let again = await fixture.server.connect();
    while (await ask(again, login("bob")) !== 200) again = await fixture.server.connect();
    const first = (await next(again))!;
    assertEquals(first.stored, 1);
    const index = sent.indexOf(first.message as string);
    assert(index > 0, `rescued from ${index} of ${sent.length}`);
    const rest = await again.frames(sent.length - index - 1);
    assertEquals(messages(rest), sent.slice(index + 1));
  });
});

Deno.test("a login that ends after its connection leaves no ghost", async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => release = resolve);
  class SlowPasswords extends Passwords {
    override async verify(...args: Parameters<Passwords["verify"]>): Promise<boolean> {
      await gate;
      return await super.verify(...args);
    }
  }
  const passwords = new SlowPasswords({ cost: CHEAP });
  await withServer({ passwords }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const ghost = await fixture.server.connect();
    const rival = await fixture.server.connect();
    await ghost.send(login("bob"));
    ghost.close();
    release();
    // The dead connection may be online for the moment until its end is read.
    while (await ask(rival, login("bob")) === 409) await new Promise((done) => setTimeout(done, 1));
    await rival.send({ event: "msg", to: "bob", message: "me" });
    assertEquals((await next(rival))?.message, "me");
    while (fixture.server.server.counts.connections > 1) {
      await new Promise((done) => setTimeout(done, 1));
    }
    assertEquals(fixture.server.server.counts.online, 1);
    await rival.send({ event: "msg", to: "bob", message: "still me" });
    assertEquals(messages(await rival.frames(2)).at(-1), "still me");
  });
});

Deno.test("a login that waits for its turn is not timed out, one that is not sent is", async () => {
  const clock = new FakeClock();
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  class SlowPasswords extends Passwords {
    override async verify(...args: Parameters<Passwords["verify"]>): Promise<boolean> {
      begun.resolve();
      await gate.promise;
      return await super.verify(...args);
    }
  }
  const passwords = new SlowPasswords({ cost: CHEAP });
  await withServer({ passwords, clock }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    const [waiting, silent] = [await fixture.server.connect(), await fixture.server.connect()];
    while (fixture.server.server.counts.connections < 2) await settle();
    await waiting.send(login("bob"));
    await begun.promise;
    clock.advance(30_100); // less than it takes the server to lose patience with its own last word
    assertEquals((await next(silent))?.response, 101);
    gate.resolve();
    assertEquals((await next(waiting))?.response, 200);
    clock.advance(10_000); // the silent one's last moments
  });
});

Deno.test("a sixth failure from one address waits", async () => {
  const clock = new FakeClock();
  await withServer({ clock }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    for (let n = 0; n < 5; n++) {
      const peer = await fixture.server.connect();
      assertEquals(await ask(peer, login(`name${n}`, "wrong horse")), 402);
    }
    const peer = await fixture.server.connect();
    let code: number | undefined;
    const answered = ask(peer, login("name", "wrong horse")).then((given) => code = given);
    await settle();
    assertEquals(code, undefined);
    while (clock.pending === 0) await settle();
    for (; code === undefined; await settle()) clock.advance(1_000);
    await answered;
    assertEquals(code, 402);
    assert(clock.monotonicMs() >= 12_000);
  });
});

Deno.test("a login that waits behind wrong ones does not outlive the login timeout", async () => {
  const clock = new FakeClock();
  const loginTimeout = 5;
  await withServer({ clock, settings: { loginTimeout } }, async (fixture) => {
    const { server } = fixture;
    for (let n = 0; n < 5; n++) {
      const peer = await server.connect();
      assertEquals(await ask(peer, login(`name${n}`, "wrong horse")), 402);
      peer.close();
    }
    const peer = await server.connect();
    await peer.send({ event: "probe" }, login("name", "wrong horse"));
    assertEquals((await next(peer))?.response, 200);
    const connections = (): number => server.server.counts.connections;
    await eventually(() => connections() === 1, () => `connections: ${connections()}`);
    clock.advance(4_999);
    await settle();
    assertEquals(peer.unread, 0);
    clock.advance(1);
    const last = await next(peer);
    assertEquals([last?.response, last?.alert], [101, "You were not online within 5 s"]);
    assertEquals(await next(peer), undefined);
  });
});

Deno.test("logins behind too many wrong ones are refused at once, in other words than wrong ones", async () => {
  const clock = new FakeClock();
  await withServer({ clock, settings: { loginTimeout: 3_600 } }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    for (let n = 0; n < 5; n++) {
      const peer = await fixture.server.connect();
      assertEquals(await ask(peer, login("bob", "wrong horse")), 402);
    }
    // All from one address: five may wait, whoever they are.
    const answers: (Frame | undefined)[] = [];
    const peers = ["bob", "ann", "bob", "dan", "bob", "eve", "bob", "fay"].map(async (name) => {
      const peer = await fixture.server.connect();
      await peer.send(login(name, "wrong horse"));
      answers.push(await next(peer));
      return peer;
    });
    await eventually(() => answers.length === 3, () => `answers: ${answers.length}`);
    const sentence =
      "Too many wrong logins for this name or from your address; try again in a minute";
    assertEquals(
      answers.map((answer) => [answer?.response, answer?.error]),
      Array(3).fill([403, sentence]),
    );
    const all = Promise.all(peers);
    for (let n = 0; n < 100 && answers.length < 8; n++) {
      clock.advance(12_000);
      await settle();
    }
    await all;
    assertEquals(answers.slice(3).map((answer) => answer?.response), Array(5).fill(402));
  });
});

Deno.test("what is sent while stored messages go out comes behind them with store; else 410 says why", async () => {
  const gate = Promise.withResolvers<void>();
  await using store = openSqliteStore(":memory:");
  const slow = storeWith(store, {
    listLetters: async (...args) => {
      await gate.promise;
      return await store.listLetters(...args);
    },
  });
  await using server = new TestServer({ store: slow });
  const fixture = { server, store };
  await makeAccount(fixture, "bob");
  const eve = await online(fixture, presence("eve"));
  assertEquals(await ask(eve, toBob("one")), 202);
  const bob = await online(fixture, login("bob"));
  const refused = await eve.ask(toBob("now", { store: false }));
  assertEquals([refused.response, String(refused.error).includes("stored messages")], [410, true]);
  const kept = await eve.ask(toBob("two"));
  assertEquals([kept.response, String(kept.alert).includes("offline")], [202, false]);
  gate.resolve();
  const frames = await bob.frames(2);
  assertEquals(messages(frames), ["one", "two"]);
  assertEquals(frames.map(({ stored }) => stored), [1, 2]);
  while (await ask(eve, toBob("three", { store: false })) !== 200) await settle();
  assertEquals((await next(bob))?.message, "three");
  assertEquals(await ask(bob, { event: "ack", stored: 2 }), 200);
});

Deno.test("a registration that waits in line does not outlive the login timeout; one that is hashed finishes", async () => {
  const clock = new FakeClock();
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  class SlowPasswords extends Passwords {
    override async hash(...[password, turn]: Parameters<Passwords["hash"]>): Promise<string> {
      if (password === PASSWORD) {
        turn?.onBegin?.();
        begun.resolve();
        await gate.promise;
        return await super.hash(password);
      }
      const { promise, reject } = Promise.withResolvers<string>();
      turn!.signal!.addEventListener("abort", () => reject(turn!.signal!.reason));
      return await promise;
    }
  }
  const passwords = new SlowPasswords({ cost: CHEAP });
  await withServer({ passwords, clock }, async (fixture) => {
    const [hashed, waiting] = [await fixture.server.connect(), await fixture.server.connect()];
    await hashed.send(register("bob"));
    await begun.promise;
    await waiting.send({ event: "probe" }, register("eve", "another horse"));
    assertEquals((await next(waiting))?.response, 200);
    await settle();
    clock.advance(30_100);
    assertEquals((await next(waiting))?.response, 101);
    gate.resolve();
    assertEquals((await next(hashed))?.response, 201);
    assertEquals(await fixture.store.nameStatus("eve"), "unknown");
    clock.advance(10_000);
  });
});

Deno.test("who registered a name is not locked out of it by those who guess its password", async () => {
  await withServer({ clock: new FakeClock() }, async (fixture) => {
    await makeAccount(fixture, "bob");
    for (let n = 0; n < 5; n++) {
      const guesser = await fixture.server.connect();
      assertEquals(await ask(guesser, login(`name${n}`, "wrong horse")), 402);
    }
    const bob = await fixture.server.connect();
    assertEquals(await ask(bob, login("bob")), 200);
  });
});

import { assert, assertEquals } from "@std/assert";

import type { Log, LogFields } from "../../common/log.ts";
import { Passwords } from "../../server/passwords.ts";
import { type Letter, type Store, StoreError } from "../../server/store/store.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { type ChatFixture, withChatServer } from "../support/chat_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { AnyFrame, Peer } from "../support/peer.ts";

const presence = (name: string): unknown => ({ event: "presence", user: { account_name: name } });

const login = (name: string, password = "correct horse", more: object = {}): unknown => ({
  event: "authenticate",
  user: { account_name: name, password },
  ...more,
});

const register = (name: string, password?: string): unknown =>
  login(name, password, { register: true });

const toBob = (message: string, more: object = {}): unknown => ({
  event: "msg",
  to: "bob",
  message,
  store: true,
  ...more,
});

/** Registers a name and leaves. */
async function makeAccount({ connect }: ChatFixture, name: string): Promise<void> {
  const peer = await connect();
  assertEquals(await peer.ask(register(name)), 201);
  await leave(peer);
}

async function leave(peer: Peer): Promise<void> {
  assertEquals(await peer.ask({ event: "quit" }), 200);
  assertEquals(await peer.next(), undefined);
}

async function online({ connect }: ChatFixture, request: unknown): Promise<Peer> {
  const peer = await connect();
  const code = await peer.ask(request);
  assert(code === 200 || code === 201, `online: ${code}`);
  return peer;
}

const messages = (frames: AnyFrame[]): unknown[] => frames.map(({ message }) => message);

Deno.test("register makes an account that only its password opens", async () => {
  await withChatServer({}, async (fixture) => {
    await makeAccount(fixture, "Bob");
    const peer = await fixture.connect();
    assertEquals(await peer.ask(presence("bob")), 401);
    assertEquals(await peer.ask(register("BOB")), 409);
    assertEquals(await peer.ask(login("bob", "wrong horse")), 402);
    assertEquals(await peer.ask(login("bob")), 200);
    assertEquals(await peer.ask(presence("bob")), 200);
    assertEquals(await peer.ask(presence("eve")), 400);
    assertEquals(await peer.ask(login("eve")), 400);
    const second = await fixture.connect();
    assertEquals(await second.ask(login("bob")), 409);
    assertEquals(await second.ask(login("bob", "wrong horse")), 402);
  });
});

Deno.test("402 says the same for known and unknown names; the third closes", async () => {
  await withChatServer({}, async (fixture) => {
    await makeAccount(fixture, "bob");
    const peer = await fixture.connect();
    const answers = [];
    for (const name of ["bob", "nobody", "bob"]) {
      await peer.send(login(name, "wrong horse", { id: 1 }));
      const { time: _, ...answer } = (await peer.next())!;
      answers.push(answer);
    }
    assertEquals(answers[0], { response: 402, error: "Wrong login or password", id: 1 });
    assertEquals(answers[1], answers[0]);
    assertEquals(answers[2], answers[0]);
    assertEquals(await peer.next(), undefined);
  });
});

Deno.test("of many who register one name at once, exactly one succeeds", async () => {
  await withChatServer({}, async ({ connect, server }) => {
    const peers = await Promise.all(Array.from({ length: 8 }, connect));
    const codes = await Promise.all(peers.map((peer) => peer.ask(register("bob"))));
    assertEquals(codes.sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
    assertEquals(server.counts.online, 1);
  });
});

Deno.test("a name that a guest uses cannot be registered by another, and not used by two", async () => {
  await withChatServer({}, async (fixture) => {
    await online(fixture, presence("bob"));
    const peer = await fixture.connect();
    assertEquals(await peer.ask(register("bob")), 409);
    assertEquals(await peer.ask(presence("bob")), 409);
    assertEquals(await fixture.store.findAccount("bob"), undefined);
  });
});

Deno.test("a guest who registers keeps the connection, its rooms, and gets an empty mailbox", async () => {
  await withChatServer({}, async (fixture) => {
    const eve = await online(fixture, presence("eve"));
    const bob = await online(fixture, presence("bob"));
    await leave(bob);
    assertEquals(await eve.ask(toBob("to a guest")), 410);
    const again = await online(fixture, presence("bob"));
    assertEquals(await again.ask({ event: "join", room: "#dev" }), 201);
    assertEquals(await again.ask(register("bob")), 201);
    assertEquals(await again.ask(register("bob")), 409);
    assertEquals(await eve.ask({ event: "join", room: "#dev" }), 200);
    assertEquals((await again.next())?.joined, "eve");
    await leave(again);
    assertEquals((await eve.next())?.left, "bob");
    assertEquals(await eve.ask(toBob("to an account")), 202);
    const back = await online(fixture, login("bob"));
    assertEquals((await back.next())?.message, "to an account");
  });
});

Deno.test("registration and guests can be turned off", async () => {
  await withChatServer({ settings: { registration: false, guests: false } }, async (fixture) => {
    const peer = await fixture.connect();
    assertEquals(await peer.ask(register("bob")), 403);
    assertEquals(await peer.ask(presence("bob")), 401);
    await fixture.store.createAccount("bob", "bob", await cheapHash("correct horse"));
    assertEquals(await peer.ask(login("bob")), 200);
  });
});

const cheapHash = (password: string): Promise<string> =>
  new Passwords({ cost: { logN: 4, r: 8, p: 1 } }).hash(password);

Deno.test("stored messages come after the login, oldest first, until they are acknowledged", async () => {
  await withChatServer({ settings: { rate: 0 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("Eve"));
    assertEquals(await eve.ask(toBob("no store", { store: false })), 410);
    for (let n = 1; n <= 250; n++) {
      assertEquals(await eve.ask(toBob(`m${n}`, n === 1 ? { id: "first" } : {})), 202);
    }
    const expected = Array.from({ length: 250 }, (_, index) => `m${index + 1}`);

    const bob = await online(fixture, login("bob"));
    await bob.send({ event: "ack", stored: 2 }, { event: "ack", stored: 9_999 - 1 });
    const frames = await bob.take(250);
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
    assertEquals((await bob.take(2)).map(({ response }) => response), [200, 200]);
    await leave(bob);
    assertEquals(await eve.ask(toBob("later")), 202);
    const again = await online(fixture, login("bob"));
    assertEquals((await again.next())?.message, "later");
    await leave(again);
    const third = await online(fixture, login("bob"));
    assertEquals((await third.next())?.message, "later");
  });
});

Deno.test("no more can be acknowledged than was delivered on this connection", async () => {
  await withChatServer({}, async (fixture) => {
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
    assertEquals(await bob.ask({ event: "ack", stored: 100 }), 200);
    await leave(bob);
    const again = await online(fixture, login("bob"));
    assertEquals((await again.next())?.message, "unseen");
  });
});

Deno.test("a full mailbox is said to be full", async () => {
  await withChatServer({ storeOptions: { maxLetters: 2 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("eve"));
    assertEquals(await eve.ask(toBob("one")), 202);
    assertEquals(await eve.ask(toBob("two")), 202);
    await eve.send(toBob("three"));
    const answer = await eve.next();
    assertEquals(answer?.response, 410);
    assert(String(answer?.error).includes("mailbox is full"));
  });
});

Deno.test("a blocked name is refused, a blocked user who is online is told why and closed", async () => {
  await withDatabasePath(async (path) => {
    await withChatServer({ db: path }, async (fixture) => {
      using admin = UserAdmin.open(path, false, () => 0);
      const peers = [
        await online(fixture, register("bob")),
        await online(fixture, presence("eve")),
      ];
      admin.block("bob", "bob", "spam");
      admin.block("eve", "eve", "");
      const words = ["This user is blocked: spam", "This user is blocked"];
      for (const [index, peer] of peers.entries()) {
        const frame = await peer.next();
        assertEquals([frame?.response, frame?.alert], [101, words[index]]);
        assertEquals(await peer.next(), undefined);
      }
      for (const request of [login("bob"), presence("bob"), presence("eve"), register("eve")]) {
        const peer = await fixture.connect();
        assertEquals(await peer.ask(request), 403);
        assertEquals(await peer.next(), undefined);
      }
    });
  });
});

Deno.test("a user whose account is removed is told and closed; a guest of that name stays", async () => {
  await withDatabasePath(async (path) => {
    await withChatServer({ db: path }, async (fixture) => {
      using admin = UserAdmin.open(path, false, () => 0);
      const bob = await online(fixture, register("bob"));
      const eve = await online(fixture, presence("eve"));
      // Made and removed before anybody looks: the guest of that name never had it.
      admin.add("eve", "eve", "hash");
      for (const name of ["eve", "bob"]) admin.remove(name);
      const frame = await bob.next();
      assertEquals([frame?.response, frame?.alert], [101, "This account was removed"]);
      assertEquals(await bob.next(), undefined);
      assertEquals(await eve.ask({ event: "probe" }), 200);
    });
  });
});

Deno.test("the owner of an account that was made for a name takes it from a guest", async () => {
  await withChatServer({}, async (fixture) => {
    const guest = await online(fixture, presence("bob"));
    await fixture.store.createAccount("bob", "bob", await cheapHash("correct horse"));
    await online(fixture, login("bob"));
    assertEquals((await guest.next())?.response, 101);
    assertEquals(await guest.next(), undefined);
  });
});

Deno.test("a hash of lower cost is replaced at the login, the password stays the same", async () => {
  const passwords = new Passwords({ cost: { logN: 5, r: 8, p: 1 } });
  await withChatServer({ passwords }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash("correct horse"));
    await leave(await online(fixture, login("bob")));
    const hash = async (): Promise<string> =>
      (await fixture.store.findAccount("bob"))!.passwordHash;
    while (passwords.needsRehash(await hash())) await new Promise((done) => setTimeout(done, 1));
    await online(fixture, login("bob"));
  });
});

Deno.test("while the store fails a request gets 500, one record is logged, and the rest goes on", async () => {
  const records: [string, LogFields | undefined][] = [];
  const log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (message, fields) => records.push([message, fields]),
    level: 50,
  };
  await withChatServer({ log, storeOptions: { maxPages: 40 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("eve"));
    const accepted: string[] = [];
    let code = 202;
    for (let n = 0; code === 202; n++) {
      const text = `${n} ${"x".repeat(2_000)}`;
      code = await eve.ask(toBob(text));
      if (code === 202) accepted.push(text);
    }
    assertEquals(code, 500);
    assert(accepted.length > 5);
    assertEquals(records.length, 1);
    assert(String(records[0]![1]?.stack).includes("the disk is full"));
    assertEquals(await eve.ask({ event: "join", room: "#dev" }), 201);
    const bob = await online(fixture, login("bob"));
    const frames = await bob.take(accepted.length);
    assertEquals(messages(frames), accepted);
    assertEquals(await bob.ask({ event: "ack", stored: accepted.length }), 200);
    await leave(bob);
  });
});

Deno.test("what a dying connection did not take goes to the mailbox, in order", async () => {
  await withChatServer({ settings: { rate: 0, maxQueue: 4_000_000 } }, async (fixture) => {
    const bob = await online(fixture, register("bob"));
    const eve = await online(fixture, presence("eve"));
    // More than the system's socket buffers take, so that some of it stays in the server's queue.
    const sent: string[] = [];
    for (let code = 200; code === 200;) {
      const text = `${sent.length} ${"x".repeat(4_000)}`;
      code = await eve.ask({ event: "msg", to: "bob", message: text });
      if (code === 200) sent.push(text);
    }
    bob[Symbol.dispose]();
    let again = await fixture.connect();
    while (await again.ask(login("bob")) !== 200) again = await fixture.connect();
    const first = (await again.next())!;
    assertEquals(first.stored, 1);
    const index = sent.indexOf(first.message as string);
    assert(index > 0, `rescued from ${index} of ${sent.length}`);
    const rest = await again.take(sent.length - index - 1);
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
  const passwords = new SlowPasswords({ cost: { logN: 4, r: 8, p: 1 } });
  await withChatServer({ passwords }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const ghost = await fixture.connect();
    const rival = await fixture.connect();
    await ghost.send(login("bob"));
    ghost[Symbol.dispose]();
    release();
    // The dead connection may be online for the moment until its end is read.
    while (await rival.ask(login("bob")) === 409) await new Promise((done) => setTimeout(done, 1));
    await rival.send({ event: "msg", to: "bob", message: "me" });
    assertEquals((await rival.next())?.message, "me");
    while (fixture.server.counts.connections > 1) await new Promise((done) => setTimeout(done, 1));
    assertEquals(fixture.server.counts.online, 1);
    await rival.send({ event: "msg", to: "bob", message: "still me" });
    assertEquals(messages(await rival.take(2)).at(-1), "still me");
  });
});

Deno.test("a store that cannot read makes requests fail, not the server", async () => {
  await withChatServer({}, async ({ store }) => {
    const broken = new Proxy(store, {
      get(target, key: keyof Store): unknown {
        if (key === "nameStatus") return () => Promise.reject(new StoreError("broken"));
        return target[key].bind(target);
      },
    });
    await withChatServer({ store: broken }, async (fixture) => {
      const peer = await fixture.connect();
      assertEquals(await peer.ask(presence("eve")), 500);
      assertEquals(await peer.ask({ event: "probe" }), 200);
    });
  });
});

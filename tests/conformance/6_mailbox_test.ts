import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";

/** Makes an account that is offline. */
async function account(server: TestServer, name: string): Promise<void> {
  const client = await server.registered(name);
  assertEquals((await client.ask({ event: "quit" })).response, 200);
}

/** Logs an account in. */
async function logIn(server: TestServer, name: string): Promise<RawClient> {
  const client = await server.connect();
  const user = { account_name: name, password: PASSWORD };
  await client.send({ event: "authenticate", user });
  assertEquals((await client.frame()).response, 200, "the very next frame is the response");
  return client;
}

function letter(message: string, more: object = {}): object {
  return { event: "msg", to: "bob", message, store: true, ...more };
}

function numbers(frames: readonly Frame[]): number[] {
  return frames.map(({ stored }) => stored as number);
}

Deno.test("msg with store: 202 to an offline account, 200 to one that is online, 410 if only a guest's, 404", async () => {
  await using server = new TestServer();
  const [eve, guest] = await server.onlineAll("eve", "guest");
  await guest.ask({ event: "quit" });
  const bob = await server.registered("bob");
  assertEquals((await eve.ask(letter("one"))).response, 200);
  const direct = await bob.frame();
  assertEquals([direct.message, "stored" in direct], ["one", false]);
  await bob.ask({ event: "quit" });
  assertEquals((await eve.ask(letter("two"))).response, 202);
  assertEquals((await eve.ask({ ...letter("three"), store: false })).response, 410);
  assertEquals((await eve.ask(letter("four", { to: "guest" }))).response, 410);
  assertEquals((await eve.ask(letter("five", { to: "nobody" }))).response, 404);
});

Deno.test("stored messages are delivered right after the response, oldest first, each with its original time and stored, rising", async () => {
  const clock = new FakeClock(1_750_000_000_000);
  await using server = new TestServer({ clock });
  await account(server, "Bob");
  const eve = await server.online("Eve");
  for (let i = 0; i < 5; i++) {
    assertEquals((await eve.ask(letter(`message ${i}`, { id: i }))).response, 202);
    clock.advance(1_000);
  }
  const bob = await logIn(server, "bob");
  const frames = await bob.frames(5);
  const stored = numbers(frames);
  assertEquals(stored, [...stored].sort((a, b) => a - b));
  assertEquals(new Set(stored).size, 5);
  assertEquals(
    frames,
    stored.map((stored, i) => ({
      event: "msg",
      time: 1_750_000_000 + i,
      to: "Bob",
      from: "Eve",
      message: `message ${i}`,
      id: i,
      stored,
    })),
  );
});

Deno.test("ack: 200, and all up to n are gone for good; what was not acknowledged comes again", async () => {
  await using server = new TestServer();
  await account(server, "bob");
  const eve = await server.online("eve");
  for (let i = 0; i < 4; i++) await eve.ask(letter(`message ${i}`));
  let bob = await logIn(server, "bob");
  const first = numbers(await bob.frames(4));
  assertEquals((await bob.ask({ event: "ack", stored: first[1] })).response, 200);
  await bob.ask({ event: "quit" });

  bob = await logIn(server, "bob");
  assertEquals(numbers(await bob.pending()), first.slice(2));
  await bob.ask({ event: "quit" });

  bob = await logIn(server, "bob");
  assertEquals(numbers(await bob.pending()), first.slice(2), "at least once");
  assertEquals((await bob.ask({ event: "ack", stored: first[3] })).response, 200);
  assertEquals(
    (await bob.ask({ event: "ack", stored: first[3] })).response,
    200,
    "twice is no harm",
  );
  await bob.ask({ event: "quit" });

  await eve.ask(letter("another"));
  bob = await logIn(server, "bob");
  const [last] = await bob.pending();
  assert((last!.stored as number) > first[3]!, "n rises, also when the mailbox was empty");
});

Deno.test("stored messages are never lost, also across a restart", async () => {
  await withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path);
      await using server = new TestServer({ store });
      await account(server, "bob");
      const eve = await server.online("eve");
      for (let i = 0; i < 3; i++) {
        assertEquals((await eve.ask(letter(`message ${i}`))).response, 202);
      }
    }
    await using store = openSqliteStore(path);
    await using server = new TestServer({ store });
    const bob = await logIn(server, "bob");
    const messages = (await bob.pending()).map(({ message }) => message);
    assertEquals(messages, ["message 0", "message 1", "message 2"]);
  });
});

Deno.test("ack: 400 shape", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  for (const stored of ["null", '"1"', "true", "[1]", "{}", "1.5", "1e400", "9007199254740992"]) {
    const { response, error } = await eve.askText(`{"event":"ack","stored":${stored}}`);
    assertEquals(response, 400, stored);
    assert(error!.startsWith("stored must be"), error);
  }
  assertEquals((await eve.ask({ event: "ack" })).response, 400);
});

Deno.test("nobody acknowledges or reads another's messages", async () => {
  await using server = new TestServer();
  await account(server, "bob");
  const carol = await server.registered("carol");
  const eve = await server.online("eve");
  for (let i = 0; i < 3; i++) await eve.ask(letter(`message ${i}`));
  for (const client of [carol, eve]) await client.ask({ event: "ack", stored: 1_000_000 });
  assertEquals(await carol.pending(), []);
  const bob = await logIn(server, "bob");
  assertEquals((await bob.pending()).length, 3);
});

Deno.test("what an account's connection was handed, and its client never answered, is the account's still", async () => {
  await using server = new TestServer();
  const [bob, eve] = [await server.registered("bob"), await server.online("eve")];
  bob.pause(); // the laptop is closed
  for (let id = 0; id < 20; id++) {
    assertEquals((await eve.ask({ event: "msg", to: "bob", message: `${id}`, id })).response, 200);
  }
  bob.reset();
  await server.settlesAt({ connections: 1 });
  const again = await logIn(server, "bob");
  const frames = await again.frames(20);
  assertEquals(
    frames.map(({ message }) => message),
    Array.from({ length: 20 }, (_, id) => `${id}`),
  );
  assert(frames.every(({ stored }) => typeof stored === "number"));
  assertEquals((await again.pending()).length, 0);
});

Deno.test("any later request shows that a client has what it was sent before; what came after is kept", async () => {
  await using server = new TestServer();
  const [bob, eve] = [await server.registered("bob"), await server.online("eve")];
  const send = async (message: string): Promise<void> => {
    assertEquals((await eve.ask({ event: "msg", to: "bob", message })).response, 200);
    assertEquals((await bob.frame()).message, message);
  };
  await send("one");
  await bob.ask({ event: "probe" });
  await send("two");
  await send("three");
  bob.reset();
  await server.settlesAt({ connections: 1 });
  const again = await logIn(server, "bob");
  assertEquals((await again.pending()).map(({ message }) => message), ["two", "three"]);
});

Deno.test("who quits has said that all has arrived", async () => {
  await using server = new TestServer();
  const [bob, eve] = [await server.registered("bob"), await server.online("eve")];
  assertEquals((await eve.ask({ event: "msg", to: "bob", message: "hi" })).response, 200);
  await bob.frame();
  await bob.ask({ event: "quit" });
  assertEquals((await (await logIn(server, "bob")).pending()).length, 0);
});

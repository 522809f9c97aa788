import { assert, assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import { TestServer } from "../support/server_fixture.ts";

/** The example of the contract, with every field. */
const EXAMPLE = {
  event: "msg",
  time: 1,
  to: "bob",
  from: "eve",
  message: "hi",
  encoding: "utf-8",
};

Deno.test("msg: the addressee alone gets it, with the server's time; 200", async () => {
  const clock = new FakeClock(1_750_000_000_000);
  await using server = new TestServer({ clock });
  const [eve, bob, carol] = await server.onlineAll("eve", "bob", "carol");
  for (const client of [eve, bob, carol]) await client.ask({ event: "join", room: "#dev" });
  for (const client of [eve, bob, carol]) await client.pending();
  assertEquals((await eve.ask(EXAMPLE)).response, 200);
  assertEquals(await bob.pending(), [
    { event: "msg", time: 1_750_000_000, to: "bob", from: "eve", message: "hi" },
  ]);
  for (const client of [eve, carol]) assertEquals(await client.pending(), []);
});

Deno.test("msg: a delivered msg carries the request's id", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const id of [7, "seven", -1, "\u0000"]) {
    await eve.ask({ ...EXAMPLE, id });
    assertEquals((await bob.frame()).id, id);
  }
  await eve.ask(EXAMPLE);
  assertEquals("id" in await bob.frame(), false);
});

Deno.test("msg: from is optional; if given it must be the sender's own name, else 400", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  await eve.ask({ event: "join", room: "#dev" });
  await bob.ask({ event: "join", room: "#dev" });
  await eve.pending();
  const { from: _, ...anonymous } = EXAMPLE;
  assertEquals((await eve.ask(anonymous)).response, 200);
  assertEquals((await bob.frame()).from, "eve");
  for (const from of ["bob", "mallory", "eve.", "server"]) {
    for (const to of ["bob", "#dev", "eve", "nobody"]) {
      assertEquals((await eve.ask({ ...EXAMPLE, from, to })).response, 400, `${from} to ${to}`);
    }
  }
  for (const client of [eve, bob]) assertEquals(await client.pending(), []);
});

Deno.test("msg: encoding is optional and only a label (400 if no string of at most 25)", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const encoding of ["ascii", "koi8-r", "x".repeat(25), "\u{1f44b}".repeat(25)]) {
    const request = { ...EXAMPLE, encoding, message: "привет" };
    assertEquals((await eve.ask(request)).response, 200, encoding);
    const frame = await bob.frame();
    assertEquals([frame.message, "encoding" in frame], ["привет", false]);
  }
  for (const encoding of [null, 8, {}, [], true, "x".repeat(26), "\u{1f44b}".repeat(26)]) {
    const { response, error } = await eve.ask({ ...EXAMPLE, encoding });
    assertEquals(response, 400, JSON.stringify(encoding));
    assert(error!.startsWith("encoding must be"), error);
  }
});

Deno.test("msg: 400 shape", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (
    const [change, field] of [
      [{ to: undefined }, "to"],
      [{ to: null }, "to"],
      [{ to: "" }, "to"],
      [{ to: "#" }, "to"],
      [{ to: ["bob"] }, "to"],
      [{ to: { account_name: "bob" } }, "to"],
      [{ from: null }, "from"],
      [{ from: 1 }, "from"],
      [{ from: "#dev" }, "from"],
      [{ message: undefined }, "message"],
      [{ message: null }, "message"],
      [{ message: 1 }, "message"],
      [{ message: "" }, "message"],
      [{ message: ["hi"] }, "message"],
      [{ store: "yes" }, "store"],
      [{ store: null }, "store"],
      [{ store: 1 }, "store"],
    ] as const
  ) {
    const { response, error } = await eve.ask({ ...EXAMPLE, ...change });
    assertEquals(response, 400, JSON.stringify(change));
    assert(error!.startsWith(`${field} must be`), error);
  }
  assertEquals(await bob.pending(), []);
});

Deno.test("msg: 404 never seen, 410 offline", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  assertEquals((await eve.ask({ ...EXAMPLE, to: "nobody" })).response, 404);
  await bob.ask({ event: "quit" });
  assertEquals((await eve.ask(EXAMPLE)).response, 410);
});

Deno.test("msg: a message to oneself is delivered", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const answer = await eve.ask({ ...EXAMPLE, to: "eve", id: 1 });
  assertEquals([answer.response, answer.id], [200, 1]);
  const { event, to, from, message, id } = await eve.frame();
  assertEquals([event, to, from, message, id], ["msg", "eve", "eve", "hi", 1]);
});

Deno.test("msg to a room: each other member gets the frame; 200 with how many", async () => {
  const clock = new FakeClock(1_750_000_000_000);
  await using server = new TestServer({ clock });
  const clients = await server.onlineAll("eve", "bob", "carol", "dave");
  const [eve, bob, carol, dave] = clients;
  const to = "#dev";
  await eve.ask({ event: "join", room: to });
  const alone = await eve.ask({ ...EXAMPLE, to });
  assertEquals([alone.response, alone.delivered], [200, 0]);
  for (const client of [bob, carol]) await client.ask({ event: "join", room: to });
  for (const client of clients) await client.pending();

  const answer = await eve.ask({ ...EXAMPLE, to, id: 5 });
  assertEquals([answer.response, answer.delivered, answer.id], [200, 2, 5]);
  const frame = {
    event: "msg",
    time: 1_750_000_000,
    to,
    from: "eve",
    message: "hi",
    id: 5,
  };
  for (const client of [bob, carol]) assertEquals(await client.pending(), [frame]);
  for (const client of [eve, dave]) assertEquals(await client.pending(), [], "nobody else");
});

Deno.test("msg to a room: 404 no such room, 403 not a member", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const msg = { event: "msg", to: "#dev", message: "hi" };
  assertEquals((await bob.ask(msg)).response, 404);
  await eve.ask({ event: "join", room: "#dev" });
  assertEquals((await bob.ask(msg)).response, 403);
  assertEquals(await eve.pending(), []);
  await eve.ask({ event: "leave", room: "#dev" });
  assertEquals((await eve.ask(msg)).response, 404, "the room went with its last member");
});

Deno.test("messages of one sender arrive in the order in which they were sent", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const [eve, bob, carol] = await server.onlineAll("eve", "bob", "carol");
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  const count = 1_000;
  for (const sender of [eve, carol]) {
    sender.send(
      ...Array.from({ length: count }, (_, id) => ({
        event: "msg",
        to: sender === eve && id % 2 === 0 ? "#dev" : "bob",
        message: "x",
        id,
      })),
    );
  }
  const received: Record<string, unknown[]> = { eve: [], carol: [] };
  for (let i = 0; i < 2 * count; i++) {
    const { from, id } = await bob.frame();
    received[from as string]!.push(id);
  }
  const all = Array.from({ length: count }, (_, id) => id);
  assertEquals(received, { eve: all, carol: all });
});

Deno.test("msg: one after the other to the same name goes to whoever has it then", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const hello = { event: "msg", to: "bob", message: "hi" };
  for (let i = 0; i < 5; i++) {
    assertEquals((await eve.ask(hello)).response, 200);
    assertEquals((await bob.frame()).message, "hi");
  }
  await bob.ask({ event: "quit" });
  for (let i = 0; i < 3; i++) assertEquals((await eve.ask(hello)).response, 410);
  const [other] = await server.onlineAll("Bob");
  for (let i = 0; i < 5; i++) {
    assertEquals((await eve.ask({ ...hello, id: i })).response, 200);
    const { to, from, id } = await other!.frame();
    assertEquals([to, from, id], ["Bob", "eve", i]);
  }
  assertEquals((await eve.ask({ ...hello, from: "mallory" })).response, 400);
  assertEquals((await eve.ask({ ...hello, message: "x".repeat(4_097) })).response, 400);
  assertEquals(await other!.pending(), []);
});

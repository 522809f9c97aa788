import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { storeWith } from "../support/store_with.ts";

/** A request to log in, or to register. */
function authenticate(name: string, more: object = {}, password = PASSWORD): object {
  return { event: "authenticate", user: { account_name: name, password }, ...more };
}

Deno.test("authenticate: 200 online", async () => {
  await using server = new TestServer();
  (await server.registered("Eve")).close();
  await server.settlesAt({ connections: 0 });
  const client = await server.connect();
  assertEquals((await client.ask(authenticate("eve"))).response, 200);
  assertEquals((await client.ask({ event: "who" })).total, 1);
});

Deno.test("authenticate with register: 201 account created and online", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  assertEquals((await client.ask(authenticate("eve", { register: true }))).response, 201);
  assertEquals((await client.ask({ event: "who" })).total, 1);
});

Deno.test("authenticate with register false is a login", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  assertEquals((await client.ask(authenticate("eve", { register: false }))).response, 402);
});

Deno.test("a guest who registers under that very name keeps it and becomes an account", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("Eve", "bob");
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  assertEquals((await eve.ask(authenticate("eve", { register: true }))).response, 201);
  assertEquals(await bob.pending(), [], "it never left");
  assertEquals((await bob.ask({ event: "who", room: "#dev" })).total, 2);
  await eve.ask({ event: "quit" });
  const client = await server.connect();
  const presence = { event: "presence", user: { account_name: "eve" } };
  assertEquals((await client.ask(presence)).response, 401, "the name has an account");
  assertEquals((await client.ask(authenticate("eve"))).response, 200);
});

Deno.test("authenticate: 400 shape", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  const valid = { event: "authenticate", user: { account_name: "eve", password: PASSWORD } };
  for (
    const [change, field] of [
      [{ user: undefined }, "user"],
      [{ user: [] }, "user"],
      [{ user: { password: PASSWORD } }, "user.account_name"],
      [{ user: { account_name: "eve" } }, "user.password"],
      [{ user: { account_name: "eve", password: 12345678 } }, "user.password"],
      [{ register: "yes" }, "register"],
      [{ register: 1 }, "register"],
      [{ register: null }, "register"],
      [{ takeover: "yes" }, "takeover"],
      [{ takeover: 1 }, "takeover"],
      [{ takeover: null }, "takeover"],
      [{ takeover: {}, register: true }, "takeover"],
    ] as const
  ) {
    const { response, error } = await client.ask({ ...valid, ...change });
    assertEquals(response, 400, JSON.stringify(change));
    assert(error!.startsWith(`${field} must be`), error);
    assert(!error!.includes(PASSWORD), error);
  }
});

Deno.test("authenticate: 400 this connection is already online under another name", async () => {
  await using server = new TestServer();
  (await server.registered("alice")).close();
  const eve = await server.online("eve");
  for (const request of [authenticate("alice"), authenticate("bob", { register: true })]) {
    assertEquals((await eve.ask(request)).response, 400);
  }
  assertEquals((await eve.ask({ event: "msg", to: "bob", message: "hi" })).response, 404);
});

Deno.test("authenticate: 402 in the same words whether the account exists or not", async () => {
  await using server = new TestServer();
  await server.registered("eve");
  const client = await server.connect();
  const answers = [
    await client.ask(authenticate("eve", {}, "wrong password")),
    await client.ask(authenticate("nobody", {}, "wrong password")),
  ];
  for (const { time: _, ...answer } of answers) {
    assertEquals(answer, { response: 402, error: answers[0]!.error! });
  }
});

Deno.test("authenticate: the third 402 on a connection closes it", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const client = await server.connect();
  for (const name of ["eve", "bob"]) {
    assertEquals((await client.ask(authenticate(name))).response, 402);
  }
  await client.send(authenticate("eve"), { event: "probe" });
  const { frames, end } = await client.ended();
  assertEquals([frames.map(({ response }) => response), end], [[402], "closed"]);
});

Deno.test("authenticate: 403 blocked (then closed)", async () => {
  await using store = openSqliteStore(":memory:");
  const blocking = storeWith(store, {
    blockReason: (name) => Promise.resolve(name === "eve" ? "spam" : undefined),
  });
  await using server = new TestServer({ store: blocking });
  const client = await server.connect();
  await client.send(authenticate("eve"), { event: "probe" });
  const { frames, end } = await client.ended();
  assertEquals([frames.map(({ response }) => response), end], [[403], "closed"]);
});

Deno.test("authenticate: 403 registration is closed (--no-register); the connection goes on", async () => {
  await using server = new TestServer({ settings: { registration: false } });
  const client = await server.connect();
  assertEquals((await client.ask(authenticate("eve", { register: true }))).response, 403);
  assertEquals(await client.pending(), []);
});

Deno.test("authenticate: 409 the account exists (register), or is online from another connection", async () => {
  await using server = new TestServer();
  const eve = await server.registered("eve");
  const client = await server.connect();
  assertEquals((await client.ask(authenticate("eve", { register: true }))).response, 409);
  await client.send(authenticate("eve"));
  assertEquals((await eve.frame()).event, "probe");
  await eve.ask({ event: "probe" });
  assertEquals((await client.frame()).response, 409);
  await server.online("guest");
  assertEquals((await client.ask(authenticate("guest", { register: true }))).response, 409);
  await eve.ask({ event: "quit" });
  assertEquals((await client.ask(authenticate("eve", { register: true }))).response, 409);
  assertEquals((await client.ask(authenticate("eve"))).response, 200);
});

Deno.test("authenticate: with the right password, a connection that does not answer within --takeover is replaced", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { takeover: 0.5 } });
  const eve = await server.registered("eve");
  const client = await server.connect();
  await client.send(authenticate("eve"));
  assertEquals((await eve.frame()).event, "probe");
  clock.advance(499);
  assertEquals(client.unread, 0);
  clock.advance(1);
  assertEquals((await client.frame()).response, 200);
  const { frames, end } = await eve.ended();
  const got = frames.map(({ response, reason }) => [response, reason]);
  assertEquals([got, end], [[[101, "replaced"]], "closed"]);
  clock.advance(1_000);
});

Deno.test("authenticate: with takeover it is replaced in any case", async () => {
  await using server = new TestServer();
  const eve = await server.registered("eve");
  const client = await server.connect();
  assertEquals((await client.ask(authenticate("eve", { takeover: true }))).response, 200);
  const { frames } = await eve.ended();
  assertEquals(frames.map(({ response, reason }) => [response, reason]), [[101, "replaced"]]);
});

Deno.test("no password is ever logged or sent back", async () => {
  await using server = new TestServer();
  const eve = await server.registered("eve");
  await eve.ask({ event: "quit" });
  const client = await server.connect();
  await client.ask(authenticate("eve", {}, "a wrong secret"));
  await client.ask({ event: "authenticate", user: { account_name: "eve", password: 5 } });
  await client.ask(authenticate("eve"));
  const logged = JSON.stringify(server.log.records);
  for (const secret of [PASSWORD, "a wrong secret"]) assert(!logged.includes(secret), logged);
});

import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { storeWith } from "../support/store_with.ts";

/** The example of the contract, with every field. */
const EXAMPLE = {
  event: "presence",
  time: 1,
  type: "status",
  user: { account_name: "eve", status: "Yep, I am here!" },
};

Deno.test("presence: 200 online", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  const { time: _, ...answer } = await client.ask(EXAMPLE);
  assertEquals(answer, {
    response: 200,
    alert: answer.alert!,
    features: ["resume", "rooms", "moderation", "block", "history", "search", "unframed"],
  });
  const { users } = await client.ask({ event: "who" });
  assertEquals(users, [{ account_name: "eve", status: "Yep, I am here!" }]);
});

Deno.test("presence: type and status are optional", async () => {
  await using server = new TestServer();
  const client = await server.online("eve");
  const { users } = await client.ask({ event: "who" });
  assertEquals(users, [{ account_name: "eve", status: "" }]);
});

Deno.test("presence: again with the same name sets status, 200", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  await eve.ask({ event: "join", room: "#dev" });
  for (const status of ["busy", "back", ""]) {
    const user = { account_name: "eve", status };
    assertEquals((await eve.ask({ event: "presence", user })).response, 200);
    const { users } = await bob.ask({ event: "who" });
    assertEquals(users, [{ account_name: "bob", status: "" }, { account_name: "eve", status }]);
  }
  assertEquals((await eve.ask({ event: "who", room: "#dev" })).total, 1, "still in the room");
  assertEquals(server.server.counts.online, 2);
});

Deno.test("presence: 400 shape", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (
    const [change, field] of [
      [{ user: undefined }, "user"],
      [{ user: null }, "user"],
      [{ user: "eve" }, "user"],
      [{ user: ["eve"] }, "user"],
      [{ user: {} }, "user.account_name"],
      [{ user: { account_name: 1 } }, "user.account_name"],
      [{ user: { account_name: "" } }, "user.account_name"],
      [{ user: { account_name: "eve", status: 1 } }, "user.status"],
      [{ user: { account_name: "eve", status: null } }, "user.status"],
      [{ type: "away" }, "type"],
      [{ type: 1 }, "type"],
      [{ type: null }, "type"],
    ] as const
  ) {
    const { response, error } = await client.ask({ ...EXAMPLE, ...change });
    assertEquals(response, 400, JSON.stringify(change));
    assert(error!.startsWith(`${field} must be`), error);
  }
  assertEquals(server.server.counts.online, 0);
});

Deno.test("presence: 400 this connection is already online under another name", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const name of ["mallory", "bob"]) {
    const request = { event: "presence", user: { account_name: name, status: "x" } };
    assertEquals((await eve.ask(request)).response, 400, name);
  }
  const { users } = await bob.ask({ event: "who" });
  assertEquals(users, [{ account_name: "bob", status: "" }, { account_name: "eve", status: "" }]);
  const msg = { event: "msg", to: "mallory", message: "hi" };
  assertEquals((await bob.ask(msg)).response, 404, "mallory was never online");
});

Deno.test("presence: 401 the name is registered (authenticate)", async () => {
  await using server = new TestServer();
  const eve = await server.registered("Eve");
  await eve.ask({ event: "quit" });
  const client = await server.connect();
  for (const name of ["Eve", "eve", "ＥＶＥ"]) {
    const answer = await client.ask({ event: "presence", user: { account_name: name } });
    assertEquals(answer.response, 401);
  }
  assertEquals(server.server.counts.online, 0);
  // The connection goes on, as a guest under another name or with the password.
  const user = { account_name: "eve", password: PASSWORD };
  assertEquals((await client.ask({ event: "authenticate", user })).response, 200);
});

Deno.test("presence: 403 blocked, then closed", async () => {
  await using store = openSqliteStore(":memory:");
  const blocking = storeWith(store, {
    blockReason: (name) => Promise.resolve(name === "eve" ? "spam" : undefined),
  });
  await using server = new TestServer({ store: blocking });
  const client = await server.connect();
  await client.send({ event: "presence", user: { account_name: "Eve" } }, { event: "probe" });
  const { frames, end } = await client.ended();
  assertEquals([frames.map(({ response }) => response), end], [[403], "closed"]);
  assert(frames[0]!.error!.includes("spam"), frames[0]!.error);
  await server.online("bob");
});

Deno.test("presence: 409 online from another connection; the connection goes on", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const other = await server.connect();
  const presence = { event: "presence", user: { account_name: "eve", status: "other" } };
  for (let i = 0; i < 3; i++) assertEquals((await other.ask(presence)).response, 409);
  const { users } = await eve.ask({ event: "who" });
  assertEquals(users, [{ account_name: "eve", status: "" }]);
  assertEquals((await eve.ask({ event: "quit" })).response, 200);
  assertEquals((await other.ask(presence)).response, 200);
});

Deno.test("presence: of many who ask for one name at once, exactly one gets it", async () => {
  await using server = new TestServer();
  const clients = await Promise.all(Array.from({ length: 30 }, () => server.connect()));
  const answers = await Promise.all(
    clients.map((client) => client.ask({ event: "presence", user: { account_name: "eve" } })),
  );
  const codes = answers.map(({ response }) => response).sort();
  assertEquals(codes, [200, ...Array(29).fill(409)]);
  assertEquals(server.server.counts.online, 1);
});

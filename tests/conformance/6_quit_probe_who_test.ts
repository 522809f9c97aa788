import { assert, assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import { TestServer } from "../support/server_fixture.ts";

Deno.test("quit: 200, then the server closes", async () => {
  await using server = new TestServer();
  for (const isOnline of [true, false]) {
    const client = isOnline ? await server.online("eve") : await server.connect();
    await client.send({ event: "quit", id: 1 }, { event: "probe", id: 2 });
    const { frames, end } = await client.ended();
    assertEquals(frames.map(({ response, id }) => [response, id]), [[200, 1]]);
    assertEquals(end, "closed");
  }
  await server.settlesAt({ online: 0 });
});

Deno.test("quit: the name is free the moment that the response is sent", async () => {
  await using server = new TestServer();
  for (let round = 0; round < 20; round++) {
    const eve = await server.online("eve");
    assertEquals((await eve.ask({ event: "quit" })).response, 200);
  }
});

Deno.test("quit: what was sent before it arrives", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  await eve.send({ event: "msg", to: "bob", message: "bye" }, { event: "quit" });
  assertEquals((await eve.ended()).frames.map(({ response }) => response), [200, 200]);
  assertEquals((await bob.frame()).message, "bye");
});

Deno.test("quit: the server closes even if the peer does not", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const eve = await server.online("eve");
  await eve.ask({ event: "quit" });
  assertEquals(await eve.ended(), { frames: [], end: "closed" });
  // It does not close its side; the server lets go after a moment all the same.
  clock.advance(1_000);
  await server.settlesAt({ connections: 0 });
});

Deno.test("probe: 200, also before it is online", async () => {
  await using server = new TestServer();
  for (const client of [await server.connect(), await server.online("eve")]) {
    assertEquals((await client.ask({ event: "probe" })).response, 200);
  }
});

Deno.test("who: 200 with users sorted by name, and total", async () => {
  await using server = new TestServer();
  const names = ["mike", "Alice", "zoe", "bob", "Ева", "carol9", "carol10"];
  const [mike] = await server.onlineAll(...names);
  const user = { account_name: "mike", status: "busy" };
  await mike!.ask({ event: "presence", user });
  const { response, users, total } = await mike!.ask({ event: "who" });
  assertEquals([response, total], [200, 7]);
  const status = (name: string): string => name === "mike" ? "busy" : "";
  assertEquals(
    users,
    ["Alice", "bob", "carol10", "carol9", "mike", "zoe", "Ева"].map((name) => ({
      account_name: name,
      status: status(name),
    })),
  );
});

Deno.test("who: lists nobody who is not online (any more)", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  await (await server.connect()).ask({ event: "probe" });
  await bob.ask({ event: "quit" });
  const { users, total } = await eve.ask({ event: "who" });
  assertEquals([users, total], [[{ account_name: "eve", status: "" }], 1]);
});

Deno.test("who with room: its members only (404, 403 as for msg)", async () => {
  await using server = new TestServer();
  const [eve, bob, carol] = await server.onlineAll("eve", "bob", "carol");
  const who = { event: "who", room: "#dev" };
  assertEquals((await eve.ask(who)).response, 404);
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#Dev" });
  assertEquals((await carol.ask(who)).response, 403);
  const { response, users, total } = await bob.ask(who);
  const list = [{ account_name: "bob", status: "" }, { account_name: "eve", status: "" }];
  assertEquals([response, users, total], [200, list, 2]);
});

Deno.test("who: 400 shape", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  for (const room of [null, 1, "", "dev", "#", [], {}]) {
    const { response, error } = await eve.ask({ event: "who", room });
    assertEquals(response, 400, JSON.stringify(room));
    assert(error!.startsWith("room must be"), error);
  }
});

Deno.test("who: at most 1000, and total says how many there are", async () => {
  await using server = new TestServer({ settings: { maxPerIp: 0, maxNamesPerIp: 0 } });
  const count = 1_001;
  const name = (i: number): string => `u${String(i).padStart(4, "0")}`;
  for (let i = 0; i < count; i += 91) {
    await Promise.all(
      Array.from({ length: 91 }, (_, j) => server.online(name(i + j))),
    );
  }
  const last = await server.connect();
  assertEquals((await last.ask({ event: "presence", user: { account_name: "z" } })).response, 200);
  const { users, total } = await last.ask({ event: "who" });
  assertEquals(total, count + 1);
  assertEquals(
    (users as { account_name: string }[]).map(({ account_name }) => account_name),
    Array.from({ length: 1_000 }, (_, i) => name(i)),
  );
});

Deno.test("anything else in event: 400", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  for (const client of [eve, await server.connect()]) {
    for (
      const event of [
        "",
        "Presence",
        "MSG",
        " msg",
        "message",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        null,
        1,
        true,
        [],
        ["quit"],
        {},
        { quit: 1 },
      ]
    ) {
      for (const key of ["event", "action"]) {
        const { response, error } = await client.ask({ [key]: event });
        assertEquals(response, 400, JSON.stringify({ [key]: event }));
        assert(error!.includes("presence, authenticate, msg"), error);
      }
    }
    assertEquals((await client.askText("{}")).response, 400);
    assertEquals((await client.ask({ response: 200 })).response, 400, "no client answers");
  }
});

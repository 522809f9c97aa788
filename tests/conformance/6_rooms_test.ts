import { assert, assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import { TestServer } from "../support/server_fixture.ts";

Deno.test("join: 201 created it, 200 joined or already a member; room and users, one's own included", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const join = { event: "join", room: "#dev" };
  const pick = ({ response, room, users }: Record<string, unknown>): unknown => ({
    response,
    room,
    users,
  });
  const room = "#dev";
  assertEquals(pick(await eve.ask(join)), { response: 201, room, users: ["eve"] });
  assertEquals(pick(await bob.ask(join)), { response: 200, room, users: ["bob", "eve"] });
  await eve.pending();
  assertEquals(pick(await eve.ask(join)), { response: 200, room, users: ["bob", "eve"] });
  assertEquals(await bob.pending(), [], "no notice for who is a member already");
});

Deno.test("join: members get a notice, exactly one, and nobody else does", async () => {
  const clock = new FakeClock(1_750_000_000_000);
  await using server = new TestServer({ clock });
  const [eve, bob, carol, dave] = await server.onlineAll("Eve", "bob", "carol", "dave");
  await bob.ask({ event: "join", room: "#Dev" });
  await carol.ask({ event: "join", room: "#dev" });
  await bob.pending();
  await eve.ask({ event: "join", room: "#dev" });
  const notice = {
    response: 100,
    time: 1_750_000_000,
    alert: "Eve joined #Dev",
    room: "#Dev",
    joined: "Eve",
  };
  for (const member of [bob, carol]) assertEquals(await member.pending(), [notice]);
  assertEquals(await dave.pending(), []);
});

/** The ways to leave a room. */
const WAYS = ["leave", "quit", "a lost connection"] as const;

for (const way of WAYS) {
  Deno.test(`left: members get one notice on ${way}`, async () => {
    const clock = new FakeClock(1_750_000_000_000);
    await using server = new TestServer({ clock });
    const [eve, bob, carol] = await server.onlineAll("eve", "bob", "carol");
    for (const client of [eve, bob, carol]) await client.ask({ event: "join", room: "#dev" });
    for (const client of [eve, bob, carol]) await client.pending();
    if (way === "leave") {
      assertEquals((await eve.ask({ event: "leave", room: "#dev" })).response, 200);
    } else if (way === "quit") {
      assertEquals((await eve.ask({ event: "quit" })).response, 200);
    } else {
      eve.reset();
      await server.settlesAt({ online: 2 });
    }
    const notice = {
      response: 100,
      time: 1_750_000_000,
      alert: "eve left #dev",
      room: "#dev",
      left: "eve",
    };
    for (const member of [bob, carol]) assertEquals(await member.pending(), [notice]);
    assertEquals((await bob.ask({ event: "who", room: "#dev" })).total, 2);
  });
}

Deno.test("leave: 200; 404 if no member", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const leave = { event: "leave", room: "#dev" };
  assertEquals((await eve.ask(leave)).response, 404, "no such room");
  await bob.ask({ event: "join", room: "#dev" });
  assertEquals((await eve.ask(leave)).response, 404, "a room of others");
  await eve.ask({ event: "join", room: "#dev" });
  assertEquals((await eve.ask(leave)).response, 200);
  assertEquals((await eve.ask(leave)).response, 404, "left already");
  assertEquals((await eve.ask({ event: "msg", to: "#dev", message: "hi" })).response, 403);
});

Deno.test("join, leave: 400 shape", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  for (const event of ["join", "leave"]) {
    for (const room of [undefined, null, 1, "", "#", "dev", [], {}, ["#dev"]]) {
      const { response, error } = await eve.ask({ event, room });
      assertEquals(response, 400, JSON.stringify({ event, room }));
      assert(error!.startsWith("room must be"), error);
    }
  }
  assertEquals(server.server.counts.rooms, 0);
});

Deno.test("a room lives as long as it has members", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const join = { event: "join", room: "#dev" };
  await eve.ask(join);
  await bob.ask(join);
  await eve.ask({ event: "leave", room: "#dev" });
  assertEquals(server.server.counts.rooms, 1, "its maker may leave");
  assertEquals((await eve.ask(join)).response, 200);
  await eve.ask({ event: "quit" });
  await bob.ask({ event: "leave", room: "#dev" });
  assertEquals(server.server.counts.rooms, 0);
  assertEquals((await bob.ask(join)).response, 201);
});

Deno.test("at most 50 rooms a connection (403)", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (let i = 1; i <= 50; i++) {
    assertEquals((await eve.ask({ event: "join", room: `#room${i}` })).response, 201);
  }
  await bob.ask({ event: "join", room: "#bob" });
  for (const room of ["#one.more", "#bob"]) {
    assertEquals((await eve.ask({ event: "join", room })).response, 403, room);
  }
  assertEquals(await bob.pending(), []);
  assertEquals(
    (await eve.ask({ event: "join", room: "#room50" })).response,
    200,
    "a member already",
  );
  assertEquals(
    (await bob.ask({ event: "join", room: "#room50" })).response,
    200,
    "another connection",
  );
  await eve.ask({ event: "leave", room: "#room1" });
  assertEquals((await eve.ask({ event: "join", room: "#one.more" })).response, 201);
  assertEquals(server.server.counts.rooms, 51);
});

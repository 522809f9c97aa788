import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { BrokenStore } from "../support/broken_store.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { eventually, PASSWORD, TestServer } from "../support/server_fixture.ts";

const join = (room: string) => ({ event: "join", room });
const leave = (room: string) => ({ event: "leave", room });

/** The fields of a frame that a test is about. */
function pick(frame: Frame, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, frame[name]]));
}

Deno.test("a room of an account lasts: 201, then 200 in its owner's spelling, also after a restart", async () => {
  await withDatabasePath(async (path) => {
    const about = ["response", "room", "users", "topic", "lasting", "role", "last"];
    {
      await using store = openSqliteStore(path);
      await using server = new TestServer({ store });
      const [eve, bob] = [await server.registered("eve"), await server.online("bob")];
      assertEquals(pick(await eve.ask(join("#Dev")), ...about), {
        ...{ response: 201, room: "#Dev", users: ["eve"] },
        ...{ topic: "", lasting: true, role: "owner", last: 0 },
      });
      await eve.ask({ event: "room", room: "#dev", topic: "tea at five" });
      await eve.ask(leave("#dev"));
      assertEquals(pick(await bob.ask(join("#DEV")), ...about), {
        ...{ response: 200, room: "#Dev", users: ["bob"] },
        ...{ topic: "tea at five", lasting: true, role: "member", last: 0 },
      });
      await bob.ask({ event: "quit" });
    }
    await using store = openSqliteStore(path);
    await using server = new TestServer({ store });
    const [bob, eve] = [await server.online("bob"), await server.connect()];
    const user = { account_name: "eve", password: PASSWORD };
    await eve.ask({ event: "authenticate", user });
    assertEquals(pick(await bob.ask(join("#ｄｅｖ")), "response", "room", "role"), {
      ...{ response: 200, room: "#Dev", role: "member" },
    });
    assertEquals(pick(await eve.ask(join("#dev")), "response", "topic", "role"), {
      ...{ response: 200, topic: "tea at five", role: "owner" },
    });
  });
});

Deno.test("a guest's room passes away with its last member, also if an account was in it", async () => {
  await using server = new TestServer();
  const [eve, bob] = [await server.registered("eve"), await server.online("bob")];
  const about = ["response", "lasting", "role", "topic", "last"];
  const guests = { lasting: false, role: "member", topic: "", last: 0 };
  assertEquals(pick(await bob.ask(join("#dev")), ...about), { response: 201, ...guests });
  assertEquals(pick(await eve.ask(join("#dev")), ...about), { response: 200, ...guests });
  await bob.ask(leave("#dev"));
  assertEquals((await eve.ask({ event: "room", room: "#dev", remove: true })).response, 403);
  await eve.ask(leave("#dev"));
  assertEquals((await bob.ask({ event: "room", room: "#dev" })).response, 404);
  assertEquals((await eve.ask(join("#dev"))).lasting, true);
});

Deno.test("who registers while online makes rooms that last from then on", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  await eve.ask(join("#guests"));
  const user = { account_name: "eve", password: PASSWORD };
  assertEquals((await eve.ask({ event: "authenticate", user, register: true })).response, 201);
  assertEquals((await eve.ask(join("#dev"))).lasting, true);
  assertEquals(pick(await eve.ask(join("#guests")), "lasting", "role"), {
    ...{ lasting: false, role: "member" },
  });
});

Deno.test("a room without members: msg and who are 403, those to an unknown one 404", async () => {
  await using server = new TestServer();
  const [eve, bob] = [await server.registered("eve"), await server.online("bob")];
  await eve.ask(join("#dev"));
  await eve.ask(leave("#dev"));
  for (const [room, code] of [["#DEV", 403], ["#none", 404]] as const) {
    for (const by of [eve, bob]) {
      assertEquals((await by.ask({ event: "msg", to: room, message: "hi" })).response, code);
      assertEquals((await by.ask({ event: "who", room })).response, code);
    }
  }
  assertEquals((await eve.ask(leave("#dev"))).response, 404);
});

Deno.test("rooms: those that last and those of guests, sorted by folded name, with who is in", async () => {
  await using server = new TestServer();
  const [eve, bob] = [await server.registered("eve"), await server.online("bob")];
  assertEquals(pick(await bob.ask({ event: "rooms" }), "response", "rooms", "total"), {
    ...{ response: 200, rooms: [], total: 0 },
  });
  for (const room of ["#Zoo", "#b"]) await eve.ask(join(room));
  await eve.ask({ event: "room", room: "#b", topic: "bees" });
  await eve.ask(leave("#b"));
  for (const room of ["#c", "#a", "#zoo"]) await bob.ask(join(room));
  assertEquals(pick(await bob.ask({ event: "rooms" }), "rooms", "total"), {
    rooms: [
      { room: "#a", topic: "", users: 1, lasting: false },
      { room: "#b", topic: "bees", users: 0, lasting: true },
      { room: "#c", topic: "", users: 1, lasting: false },
      { room: "#Zoo", topic: "", users: 2, lasting: true },
    ],
    total: 4,
  });
});

Deno.test("room: topic, lasting, owners, moderators; the topic reaches each member with who has set it", async () => {
  await using server = new TestServer();
  const [eve, bob] = [await server.registered("Eve"), await server.online("bob")];
  await eve.ask(join("#dev"));
  await bob.ask(join("#dev"));
  for (const client of [eve, bob]) await client.pending();
  const topic = `${"😀".repeat(196)}\t\u202e\x1bx`;
  const shown = `${"😀".repeat(196)}  x`;
  const about = ["response", "room", "topic", "lasting", "owners", "moderators"];
  const facts = {
    ...{ response: 200, room: "#dev", topic: shown },
    ...{ lasting: true, owners: ["Eve"], moderators: [] },
  };
  assertEquals(pick(await eve.ask({ event: "room", room: "#DEV", topic }), ...about), facts);
  assertEquals(pick(await bob.ask({ event: "room", room: "#dev" }), ...about), facts);
  for (const client of [eve, bob]) {
    const [notice, ...more] = await client.pending();
    assertEquals(more, []);
    assertEquals(pick(notice!, "response", "alert", "room", "topic", "by"), {
      ...{ response: 100, alert: `Eve set the topic of #dev: ${shown}` },
      ...{ room: "#dev", topic: shown, by: "Eve" },
    });
  }
  for (const change of [{ topic: "mine" }, { remove: true }]) {
    assertEquals((await bob.ask({ event: "room", room: "#dev", ...change })).response, 403);
  }
  const wrong = [{ topic: 1 }, { topic: "x".repeat(201) }, { remove: "yes" }, { room: "dev" }];
  for (const change of wrong) {
    const { response, error } = await eve.ask({ event: "room", room: "#dev", ...change });
    assertEquals(response, 400);
    assert(/^(topic|remove|room) must be/.test(error!), error);
  }
  assertEquals((await eve.ask({ event: "room", room: "#none" })).response, 404);
  assertEquals((await eve.ask({ event: "room", room: "#none", topic: "x" })).response, 404);
});

Deno.test("room: remove puts the members out, each is told, and the name is free", async () => {
  await using server = new TestServer();
  const [eve, bob] = [await server.registered("eve"), await server.online("bob")];
  await eve.ask(join("#dev"));
  await bob.ask(join("#dev"));
  for (const client of [eve, bob]) await client.pending();
  const answer = await eve.ask({ event: "room", room: "#dev", remove: true });
  assertEquals(pick(answer, "response", "room"), { response: 200, room: "#dev" });
  for (const client of [eve, bob]) {
    const notices = await client.pending();
    assertEquals(
      notices.map((notice) => pick(notice, "response", "alert", "room", "remove", "by")),
      [
        {
          ...{ response: 100, alert: "eve removed #dev" },
          ...{ room: "#dev", remove: true, by: "eve" },
        },
      ],
    );
    assertEquals((await client.ask({ event: "msg", to: "#dev", message: "hi" })).response, 404);
    assertEquals((await client.ask(leave("#dev"))).response, 404);
  }
  assertEquals(pick(await bob.ask(join("#DEV")), "response", "room", "lasting"), {
    ...{ response: 201, room: "#DEV", lasting: false },
  });
});

Deno.test("an account owns at most --max-rooms rooms (403), and a removed one makes room", async () => {
  await using server = new TestServer({ settings: { maxRooms: 2 } });
  const eve = await server.registered("eve");
  for (const room of ["#one", "#two"]) assertEquals((await eve.ask(join(room))).response, 201);
  const { response, error } = await eve.ask(join("#three"));
  assertEquals([response, error], [403, "You own 2 rooms, the most allowed; remove one first"]);
  assertEquals((await eve.ask({ event: "who", room: "#three" })).response, 404);
  assertEquals((await eve.ask(join("#one"))).response, 200);
  await eve.ask({ event: "room", room: "#one", remove: true });
  assertEquals((await eve.ask(join("#three"))).response, 201);
});

Deno.test("many who make one room at once: one makes it, all are in it", async () => {
  await using server = new TestServer();
  for (let round = 0; round < 5; round++) {
    const room = `#r${round}`;
    const clients: RawClient[] = [];
    for (let n = 0; n < 6; n++) {
      const name = `u${round}.${n}`;
      clients.push(await (n % 2 === 0 ? server.registered(name) : server.online(name)));
    }
    const answers = await Promise.all(clients.map((client) => client.ask(join(room))));
    assertEquals(answers.filter(({ response }) => response === 201).length, 1);
    assertEquals(new Set(answers.map(({ lasting }) => lasting)).size, 1, "one room");
    assertEquals((await clients[0]!.ask({ event: "who", room })).total, 6);
    for (const client of clients) client.close();
  }
});

Deno.test("a room removed while others join: whoever was told to be in and was not told of the end, is in", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const eve = await server.registered("eve");
  const others = await server.onlineAll("ann", "bob", "carol");
  for (let round = 0; round < 20; round++) {
    await eve.ask(join("#dev"));
    await Promise.all([
      eve.ask({ event: "room", room: "#dev", remove: true }),
      ...others.map((client) => client.ask(join("#dev"))),
    ]);
    for (const client of others) {
      const notices = await client.pending();
      const isOut = notices.some(({ remove }) => remove === true);
      const { response } = await client.ask({ event: "who", room: "#dev" });
      if (!isOut) assertEquals(response, 200);
      else assert(response === 403 || response === 404);
      await client.ask(leave("#dev"));
    }
  }
});

Deno.test("a store that fails: 500, no half room; and then it goes on", async () => {
  await using broken = new BrokenStore("disk on fire");
  await using server = new TestServer({ store: broken.store });
  const [eve, bob] = [await server.registered("eve"), await server.online("bob")];
  await eve.ask(join("#dev"));
  broken.isBroken = true;
  for (const client of [eve, bob]) {
    assertEquals((await client.ask(join("#new"))).response, 500);
    assertEquals((await client.ask({ event: "rooms" })).response, 500);
  }
  assertEquals((await eve.ask({ event: "room", room: "#dev", remove: true })).response, 500);
  assertEquals((await bob.ask(join("#dev"))).response, 200, "people are in: nothing is asked");
  assertEquals((await eve.ask({ event: "msg", to: "#dev", message: "hi" })).response, 500);
  broken.isBroken = false;
  assertEquals((await bob.ask({ event: "rooms" })).total, 1);
  assertEquals((await eve.ask({ event: "msg", to: "#dev", message: "hi" })).delivered, 1);
  assertEquals((await eve.ask(join("#new"))).response, 201);
});

Deno.test("a full store: no room is made (500), those that there are go on", async () => {
  await withDatabasePath(async (path) => {
    {
      await using store = openSqliteStore(path);
      await using server = new TestServer({ store });
      const eve = await server.registered("eve");
      await eve.ask(join("#dev"));
      await eve.ask({ event: "quit" });
    }
    await using store = openSqliteStore(path, { maxBytes: 4_096 });
    await using server = new TestServer({ store });
    const eve = await server.connect();
    const user = { account_name: "eve", password: PASSWORD };
    assertEquals((await eve.ask({ event: "authenticate", user })).response, 200);
    const full = "The server's storage is full; nothing was stored and nothing was delivered";
    for (const request of [join("#new"), { event: "room", room: "#dev", topic: "tea" }]) {
      assertEquals(pick(await eve.ask(request), "response", "error"), {
        response: 500,
        error: full,
      });
    }
    assertEquals((await eve.ask(join("#dev"))).response, 200);
    assertEquals((await eve.ask({ event: "rooms" })).total, 1);
    assertEquals((await eve.ask({ event: "room", room: "#dev", remove: true })).response, 200);
  });
});

Deno.test("an account that is removed leaves its rooms without an owner", async () => {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock });
    await using server = new TestServer({ store });
    const [eve, bob] = [await server.registered("eve"), await server.online("bob")];
    await eve.ask(join("#dev"));
    await bob.ask(join("#dev"));
    using admin = UserAdmin.open(path, false, () => 0);
    await admin.remove("eve");
    clock.advance(1_000); // the server looks for such changes at least once a second
    await eventually(() => server.server.counts.online === 1, () => "eve is closed");
    assertEquals(pick(await bob.ask({ event: "room", room: "#dev" }), "response", "owners"), {
      ...{ response: 200, owners: [] },
    });
    const again = await server.registered("eve");
    assertEquals(pick(await again.ask(join("#dev")), "response", "role"), {
      ...{ response: 200, role: "member" },
    });
    assertEquals((await again.ask({ event: "room", room: "#dev", remove: true })).response, 403);
  });
});

Deno.test("rooms, room: 401 before one is online", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (const request of [{ event: "rooms" }, { event: "room", room: "#dev" }]) {
    assertEquals((await client.ask(request)).response, 401);
  }
});

import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { stall } from "../support/stall.ts";
import { TestServer } from "../support/server_fixture.ts";

/** Every request that needs one to be online, in a valid shape. */
const ONLINE_ONLY = [
  { event: "msg", to: "bob", message: "hi" },
  { event: "msg", to: "#dev", message: "hi" },
  { event: "join", room: "#dev" },
  { event: "leave", room: "#dev" },
  { event: "who" },
  { event: "who", room: "#dev" },
  { event: "ack", stored: 1 },
];

Deno.test("until online only presence, authenticate, probe and quit are served, all else is 401", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (const request of ONLINE_ONLY) {
    assertEquals((await client.ask(request)).response, 401, JSON.stringify(request));
  }
  assertEquals((await client.ask({ event: "probe" })).response, 200);
  const user = { account_name: "eve", password: "correct horse" };
  assertEquals((await client.ask({ event: "authenticate", user })).response, 402);
  assertEquals(await nameOnline(client, "eve"), 200);
  const late = await server.connect();
  assertEquals((await late.ask({ event: "quit" })).response, 200);
});

Deno.test("a request's shape is checked first (400), then the state (401)", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (
    const request of [
      { event: "msg", to: "bob" },
      { event: "join" },
      { event: "leave", room: "dev" },
      { event: "who", room: 1 },
      { event: "ack" },
    ]
  ) {
    assertEquals((await client.ask(request)).response, 400, JSON.stringify(request));
  }
});

Deno.test("a connection that is not online after --login-timeout gets 101 and is closed", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const [silent, busy] = [await server.connect(), await server.connect()];
  for (const client of [silent, busy]) await client.ask({ event: "probe" });
  clock.advance(29_999);
  assertEquals((await busy.ask({ event: "who" })).response, 401, "29.999 s: still there");
  clock.advance(1);
  for (const client of [silent, busy]) {
    const { frames, end } = await client.ended();
    assertEquals([frames.map(reasonOf), end], [["login"], "closed"]);
    assert(frames[0]!.alert!.includes("30"), frames[0]!.alert);
  }
});

Deno.test("who is online in time is not closed", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const client = await server.connect();
  await client.ask({ event: "probe" });
  clock.advance(29_999);
  assertEquals(await nameOnline(client, "eve"), 200);
  clock.advance(1_000);
  assertEquals(await client.pending(), []);
});

Deno.test("after --probe-interval without a byte the server sends a probe", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const eve = await server.online("eve");
  clock.advance(59_999);
  assertEquals(await eve.pending(), [], "59.999 s: nothing; and this is a byte");
  clock.advance(59_999);
  assertEquals(await eve.pending(), []);
  clock.advance(60_000);
  const time = Math.floor(clock.epochMs() / 1000);
  assertEquals(await eve.frame(), { event: "probe", time });
});

Deno.test("any byte within --probe-timeout keeps the connection", async () => {
  for (const answer of ["{", "hello", '{"event":"probe"}', presenceLine("eve"), "\u00ff"]) {
    const clock = new FakeClock();
    await using server = new TestServer({ clock });
    const eve = await server.online("eve");
    clock.advance(60_000);
    assertEquals((await eve.frame()).event, "probe");
    clock.advance(29_999);
    await eve.askText(answer);
    clock.advance(59_999);
    assertEquals(await eve.pending(), [], JSON.stringify(answer));
  }
});

Deno.test("a byte in the very millisecond of the probe keeps the connection, too", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const eve = await server.online("eve");
  clock.advance(60_000);
  assertEquals((await eve.frame()).event, "probe");
  await eve.ask({ event: "probe" });
  clock.advance(30_000);
  assertEquals(await eve.pending(), []);
});

Deno.test("else it is closed and its name freed", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  await eve.frame();
  clock.advance(60_000);
  for (const client of [eve, bob]) assertEquals((await client.frame()).event, "probe");
  await bob.ask({ event: "probe" });
  clock.advance(29_999);
  assertEquals(server.server.counts.online, 2);
  clock.advance(1);
  const { frames, end } = await eve.ended();
  assertEquals([frames.map(reasonOf), end], [["probe"], "closed"]);
  assertEquals((await bob.frame()).left, "eve");
  await server.online("eve");
});

Deno.test("a connection that is not online is probed, too", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { loginTimeout: 1_000 } });
  const client = await server.connect();
  await client.ask({ event: "probe" });
  clock.advance(60_000);
  assertEquals((await client.frame()).event, "probe");
  clock.advance(30_000);
  assertEquals((await client.ended()).frames.map(reasonOf), ["probe"]);
});

Deno.test("shutdown: the server stops accepting, sends 101 to all, delivers what is queued, closes", async () => {
  const server = new TestServer({ settings: { rate: 0 } });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const stranger = await server.connect();
  await stranger.ask({ event: "probe" });
  bob.pause();
  const count = 500;
  for (let id = 0; id < count; id++) {
    await eve.send({ event: "msg", to: "bob", message: "x".repeat(1_000), id });
  }
  for (let id = 0; id < count; id++) assertEquals((await eve.response()).response, 200);

  const ending = server.server.shutdown();
  bob.resume();
  for (const client of [eve, stranger]) {
    const { frames, end } = await client.ended();
    assertEquals([frames.map(reasonOf), end], [["shutdown"], "closed"]);
    client.close();
  }
  const { frames, end } = await bob.ended();
  assertEquals(end, "closed");
  assertEquals(frames.map(({ id }) => id).slice(0, -1), Array.from({ length: count }, (_, i) => i));
  assertEquals(frames.at(-1)!.response, 101);
  bob.close();
  await ending;
  let isAccepted = true;
  try {
    (await server.connect()).close();
  } catch {
    isAccepted = false;
  }
  assertEquals(isAccepted, false);
  await server[Symbol.asyncDispose]();
});

Deno.test("shutdown: no longer than it may take, however slow a reader is", async () => {
  const clock = new FakeClock();
  const server = new TestServer({ clock, settings: { rate: 0 } });
  const eve = await server.online("eve");
  const bob = await server.online("bob");
  await stall(bob, "bob", eve);
  const ending = server.server.shutdown(4);
  let hasEnded = false;
  ending.then(() => hasEnded = true);
  await server.settlesAt({ online: 0 });
  assertEquals(hasEnded, false);
  clock.advance(4_500);
  await ending;
  assertEquals(server.server.counts.connections, 0);
  await server[Symbol.asyncDispose]();
});

Deno.test("a name that nobody registered may be used without a password; --no-guests turns this off", async () => {
  {
    await using server = new TestServer();
    await server.online("eve");
  }
  await using server = new TestServer({ settings: { guests: false } });
  const client = await server.connect();
  assertEquals(await nameOnline(client, "eve"), 401);
  assertEquals(await client.pending(), [], "the connection goes on");
  assertEquals(server.server.counts.online, 0);
});

Deno.test("every name that was ever online is known from then on, across restarts: 410, else 404", async () => {
  await withDatabasePath(async (path) => {
    const ask = async (server: TestServer): Promise<unknown[]> => {
      const bob = await server.online("bob");
      const codes: unknown[] = [];
      for (const to of ["Ｅｖｅ", "mallory"]) {
        codes.push((await bob.ask({ event: "msg", to, message: "hi" })).response);
      }
      return codes;
    };
    {
      await using store = openSqliteStore(path);
      await using server = new TestServer({ store });
      const eve = await server.online("Eve");
      assertEquals((await eve.ask({ event: "quit" })).response, 200);
      assertEquals(await ask(server), [410, 404]);
    }
    await using store = openSqliteStore(path);
    await using server = new TestServer({ store });
    assertEquals(await ask(server), [410, 404]);
  });
});

Deno.test("a name that was only asked for, and refused, is not known", async () => {
  await using server = new TestServer({ settings: { guests: false } });
  const client = await server.connect();
  assertEquals(await nameOnline(client, "eve"), 401);
  await using open = new TestServer();
  const bob = await open.online("bob");
  assertEquals((await bob.ask({ event: "msg", to: "eve", message: "hi" })).response, 404);
});

/** The ways in which a peer can end its connection; silence is shown above. */
const ENDS: Record<string, (client: RawClient) => unknown> = {
  "quit": (client) => client.ask({ event: "quit" }),
  "a close (FIN)": (client) => client.close(),
  "the end of its sending side": (client) => client.finish(),
  "a reset (RST)": (client) => client.reset(),
  "a reset while the server writes": (client) => {
    client.send({ event: "who" });
    client.reset();
  },
};

for (const [how, end] of Object.entries(ENDS)) {
  Deno.test(`name and rooms are freed, and others are told, after ${how}`, async () => {
    await using server = new TestServer();
    const [eve, bob] = await server.onlineAll("eve", "bob");
    for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
    await eve.ask({ event: "join", room: "#own" });
    assertEquals((await eve.frame()).joined, "bob");
    await end(eve);
    const { response, room, left } = await bob.frame();
    assertEquals([response, room, left], [100, "#dev", "eve"]);
    assertEquals((await bob.ask({ event: "msg", to: "eve", message: "hi" })).response, 410);
    assertEquals((await bob.ask({ event: "who", room: "#own" })).response, 404);
    await server.online("eve");
    eve.close();
    await server.settlesAt({ connections: 2, online: 2, rooms: 1 });
  });
}

Deno.test("name and rooms are freed when the client's process is killed", async () => {
  await using server = new TestServer();
  const bob = await server.online("bob");
  await bob.ask({ event: "join", room: "#dev" });
  const lines = [
    presenceLine("eve"),
    JSON.stringify({ event: "join", room: "#dev" }),
  ].map((line) => `${line}\n`).join("");
  const script = `
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: ${server.address.port} });
    await conn.write(new TextEncoder().encode(${JSON.stringify(lines)}));
    setTimeout(() => {}, 60_000);`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", script] }).spawn();
  assertEquals((await bob.frame()).joined, "eve");
  child.kill("SIGKILL");
  await child.status;
  assertEquals((await bob.frame()).left, "eve");
  await server.online("eve");
});

/** Why the server closes, as the 101 before it says. */
function reasonOf({ response, reason }: Frame): unknown {
  assertEquals(response, 101);
  return reason;
}

async function nameOnline(client: RawClient, name: string): Promise<number> {
  return (await client.ask({ event: "presence", user: { account_name: name } })).response!;
}

function presenceLine(name: string): string {
  return JSON.stringify({ event: "presence", user: { account_name: name } });
}

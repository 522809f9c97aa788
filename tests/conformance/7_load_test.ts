import { assert, assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import type { RawClient } from "../support/raw_client.ts";
import { eventually, PASSWORD, TestServer } from "../support/server_fixture.ts";
import { stall, STALL_MESSAGE } from "../support/stall.ts";

/** Small, so that little has to be sent until it is full; what the system takes comes on top. */
const SMALL_QUEUE = { rate: 0, maxQueue: 65_536 };

/** So many numbered probes. */
function probes(count: number): string {
  let text = "";
  for (let id = 0; id < count; id++) text += `{"event":"probe","id":${id}}\n`;
  return text;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Waits until a client has so many lines, then has the server show that no more come. */
async function settlesAt(client: RawClient, count: number, other: RawClient): Promise<void> {
  await eventually(() => client.unread >= count, () => `${count} lines, got ${client.unread}`);
  for (let i = 0; i < 3; i++) await other.ask({ event: "probe" });
  assertEquals(client.unread, count);
}

Deno.test("rate: twice the rate at once, then the rate; in order, nothing refused, nothing dropped", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 50 } });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  clock.advance(10_000); // no more than a burst is saved up
  await eve.sendText(probes(500));
  await settlesAt(eve, 100, bob);
  for (let count = 150; count <= 500; count += 50) {
    clock.advance(1_000);
    await settlesAt(eve, count, bob);
  }
  assertEquals((await eve.frames(500)).map(({ id, response }) => [id, response]), [
    ...range(500).map((id) => [id, 200]),
  ]);
  clock.advance(500);
  await eve.sendText(probes(26));
  await settlesAt(eve, 25, bob);
});

Deno.test("rate: the server just reads that connection more slowly, and holds no more than it has read", async () => {
  const clock = new FakeClock();
  const server = new TestServer({ clock });
  {
    await using _ = server;
    const [eve, bob] = await server.onlineAll("eve", "bob");
    let isSent = false;
    const line = '{"event":"probe"}'.padEnd(30_000) + "\n";
    const sending = eve.sendText(line.repeat(600)).then(() => isSent = true, () => {});
    await settlesAt(eve, 99, bob); // one was for its presence
    assertEquals(isSent, false, "most of 18 MB waits at the sender");
    eve.close();
    await sending;
    await bob.ask({ event: "probe" });
  }
  // The server ends although its clock stands still: nobody waits for the rate of a closed connection.
  assertEquals(clock.pending, 0);
});

Deno.test("rate: 0 is no limit", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0 } });
  const client = await server.connect();
  await client.sendText(probes(5_000));
  assertEquals((await client.frames(5_000)).map(({ id }) => id), range(5_000));
});

Deno.test("rate: counts what is wrong, too", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 5 } });
  const [eve, bob] = [await server.connect(), await server.connect()];
  await eve.sendText("nonsense\n".repeat(50));
  await eventually(() => eve.unread >= 10, () => "10 lines");
  for (let i = 0; i < 3; i++) await bob.ask({ event: "probe" });
  assertEquals(eve.unread, 10);
});

Deno.test("a connection never gets to run its whole pipeline before others get a turn", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const count = 100_000;
  const sending = eve.sendText(probes(count));
  await eventually(() => eve.unread > 0, () => "the first answer");
  for (let i = 0; i < 20; i++) await bob.ask({ event: "probe" });
  assert(eve.unread < count, "bob was served in between");
  const ids = (await eve.frames(count)).map(({ id }) => id);
  assertEquals(ids.findIndex((id, i) => id !== i), -1);
  await sending;
});

Deno.test("a connection that takes no more: its senders get 410, others are unharmed, nothing is lost", async () => {
  await using server = new TestServer({ clock: new FakeClock(), settings: SMALL_QUEUE });
  const [bob, eve, carol] = await server.onlineAll("bob", "eve", "carol");
  const accepted = await stall(bob, "bob", eve);
  for (const [from, to] of [[eve, "carol"], [carol, "eve"]] as const) {
    assertEquals((await from.ask({ event: "msg", to, message: "hi" })).response, 200);
  }
  assertEquals(
    (await carol.ask({ event: "msg", to: "bob", message: STALL_MESSAGE })).response,
    410,
  );
  bob.resume();
  assertEquals((await bob.frames(accepted)).map(({ id }) => id), range(accepted));
  // It takes messages again as soon as its queue is half empty.
  assertEquals((await carol.ask({ event: "msg", to: "bob", message: "again" })).response, 200);
  assertEquals((await bob.frame()).message, "again");
  assertEquals(await bob.pending(), []);
});

Deno.test("a room skips a connection that takes no more and does not count it", async () => {
  await using server = new TestServer({ clock: new FakeClock(), settings: SMALL_QUEUE });
  const [bob, eve, carol] = await server.onlineAll("bob", "eve", "carol");
  for (const client of [bob, eve, carol]) await client.ask({ event: "join", room: "#dev" });
  for (const client of [bob, eve]) await client.pending();
  const accepted = await stall(bob, "bob", eve);
  for (let id = 0; id < 3; id++) {
    const answer = await eve.ask({ event: "msg", to: "#dev", message: STALL_MESSAGE, id });
    assertEquals([answer.response, answer.delivered], [200, 1]);
    assertEquals((await carol.frame()).id, id);
  }
  bob.resume();
  await bob.frames(accepted);
  assertEquals(await bob.pending(), []);
  assertEquals((await eve.ask({ event: "msg", to: "#dev", message: "to all" })).delivered, 2);
});

Deno.test("if it stays so for --write-timeout it is closed, and its name is free", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { ...SMALL_QUEUE, writeTimeout: 30 } });
  const [bob, eve, carol] = await server.onlineAll("bob", "eve", "carol");
  for (const client of [bob, carol]) await client.ask({ event: "join", room: "#dev" });
  for (const client of [bob, carol]) await client.pending();
  await stall(bob, "bob", eve);
  clock.advance(29_999);
  assertEquals((await eve.ask({ event: "msg", to: "bob", message: STALL_MESSAGE })).response, 410);
  assertEquals(server.server.counts.online, 3);
  clock.advance(1);
  assertEquals((await carol.frame()).left, "bob");
  await server.settlesAt({ connections: 2, online: 2 });
  await server.online("bob");
});

Deno.test("who reads again in time is not closed", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: SMALL_QUEUE });
  const [bob, eve] = await server.onlineAll("bob", "eve");
  const accepted = await stall(bob, "bob", eve);
  clock.advance(29_000);
  bob.resume();
  await bob.frames(accepted);
  clock.advance(29_000);
  assertEquals(await bob.pending(), []);
});

Deno.test("direct messages still queued for an account go to its mailbox, in order", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: SMALL_QUEUE });
  const [bob, eve] = [await server.registered("bob"), await server.online("eve")];
  const accepted = await stall(bob, "bob", eve);
  clock.advance(30_000);
  await server.settlesAt({ connections: 1 });
  bob.resume();
  const received = (await bob.ended()).frames.filter(({ event }) => event === "msg")
    .map(({ id }) => id as number);

  const again = await server.connect();
  const user = { account_name: "bob", password: PASSWORD };
  assertEquals((await again.ask({ event: "authenticate", user })).response, 200);
  const rescued = (await again.pending()).map(({ id }) => id as number);
  assert(rescued.length > 0);
  assertEquals(rescued.at(-1), accepted - 1);
  assertEquals(received, range(received.length));
  assertEquals(rescued, range(accepted).slice(rescued[0]!));
  assert(rescued[0]! <= received.length, "none between the two is missing");
});

Deno.test("a client that does not read its own answers is not read from, and loses none", async () => {
  const settings = { ...SMALL_QUEUE, work: 0 }; // the clock stands still
  await using server = new TestServer({ clock: new FakeClock(), settings });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const user = { account_name: "bob", status: "\u{20bb7}".repeat(100) };
  await bob.ask({ event: "presence", user });
  // Both requests and answers are more than the system's buffers take.
  const count = 20_000;
  const padding = "x".repeat(800);
  const request = (id: number): string => `{"event":"who","id":${id},"padding":"${padding}"}\n`;
  eve.pause();
  let isSent = false;
  const sending = eve.sendText(range(count).map(request).join("")).then(() => isSent = true);
  // Until the server has stopped, too: then a message to the client is refused.
  let messages = 0;
  while ((await bob.ask({ event: "msg", to: "eve", message: "hi" })).response === 200) messages++;
  assertEquals(isSent, false);
  eve.resume();
  const frames = await eve.frames(count + messages);
  assertEquals(frames.filter(({ event }) => event === "msg").length, messages);
  const answers = frames.filter(({ response }) => response === 200);
  const wrong = answers.findIndex(({ id }, i) => id !== i);
  assertEquals([answers.length, wrong], [count, -1]);
  await sending;
});

Deno.test("--max-connections: one connection too many gets 101 and is closed", async () => {
  await using server = new TestServer({ settings: { maxConnections: 3 } });
  const clients = await server.onlineAll("eve", "bob", "carol");
  const extra = await server.connect();
  const { frames, end } = await extra.ended();
  assertEquals([frames.map(({ response, reason }) => [response, reason]), end], [
    [[101, "full"]],
    "closed",
  ]);
  assert(frames[0]!.alert!.includes("3"), frames[0]!.alert);
  for (const client of clients) assertEquals(await client.pending(), []);
  clients[0].close();
  await server.settlesAt({ connections: 2 });
  await server.online("dave");
});

Deno.test("--max-per-ip: one connection too many from an address gets 101 and is closed", async () => {
  await using server = new TestServer({ settings: { maxPerIp: 2 } });
  const [eve] = await server.onlineAll("eve", "bob");
  const extra = await server.connect();
  const { frames, end } = await extra.ended();
  assertEquals([frames.map(({ response, reason }) => [response, reason]), end], [
    [[101, "full"]],
    "closed",
  ]);
  const elsewhere = await server.connect("127.0.0.2");
  assertEquals((await elsewhere.ask({ event: "probe" })).response, 200);
  eve.close();
  await server.settlesAt({ connections: 2 });
  await server.online("carol");
});

Deno.test("--max-pending: one too many that is not online gets 101 and is closed; who is online does not count", async () => {
  await using server = new TestServer({ settings: { maxPending: 2 } });
  const eve = await server.online("eve");
  for (const name of ["bob", "carol"]) await server.online(name);
  const [silent, half] = [await server.connect(), await server.connect()];
  await half.sendText('{"event":"presence",\n');
  await server.settlesAt({ connections: 5 });
  const { frames, end } = await (await server.connect()).ended();
  assertEquals([frames.map(({ response }) => response), end], [[101], "closed"]);
  assert(frames[0]!.alert!.includes("2"), frames[0]!.alert);
  assertEquals((await half.response()).response, 400);
  assertEquals((await silent.ask({ event: "probe" })).response, 200);
  const user = { account_name: "dave" };
  assertEquals((await silent.ask({ event: "presence", user })).response, 200);
  await server.online("mallory");
  half.close();
  await server.settlesAt({ connections: 5 });
  assertEquals(await eve.pending(), []);
});

Deno.test("--max-pending: who comes from elsewhere than those who do not come online gets in", async () => {
  await using server = new TestServer({ settings: { maxPending: 3 } });
  const flood = await Promise.all(range(3).map(() => server.connect("127.0.0.2")));
  await server.settlesAt({ connections: 3 });
  const neighbour = await server.connect("127.0.0.2");
  assertEquals((await neighbour.ended()).frames.map(({ response }) => response), [101]);
  for (const name of ["eve", "bob"]) await server.online(name);
  const stranger = await server.connect("127.0.0.3"); // takes the room of one of the flood
  assertEquals((await stranger.ask({ event: "probe" })).response, 200);
  await eventually(() => flood.some(({ unread }) => unread > 0), () => "one of the flood to go");
  const [gone] = flood.filter(({ unread }) => unread > 0);
  const { frames, end } = await gone!.ended();
  assertEquals([frames.map(({ response }) => response), end], [[101], "closed"]);
});

Deno.test("--max-pending: logins get through while an address opens one silent connection after the other", async () => {
  await using server = new TestServer({ settings: { maxPending: 20, maxPerIp: 0 } });
  let isOver = false;
  const flood = (async () => {
    while (!isOver) await Promise.all(range(10).map(() => server.connect("127.0.0.2")));
  })();
  for (const name of ["eve", "bob", "carol", "dave"]) await server.registered(name);
  isOver = true;
  await flood;
});

Deno.test("--work: connections of one address share it; who has used it up waits, nobody else does", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0, work: 1 } });
  const [eve, mallory, bob] = await server.onlineAll("eve", "mallory", "bob");
  const carol = await server.connect("127.0.0.2");
  await carol.ask({ event: "presence", user: { account_name: "carol" } });
  const size = JSON.stringify(await eve.ask({ event: "who", id: 10_000 })).length + 1;
  const burst = Math.ceil(10_240 / size) - 1; // one is answered already
  const whos = (from: number, count: number): string =>
    range(count).map((id) => `{"event":"who","id":${10_000 + from + id}}\n`).join("");
  await eve.sendText(whos(0, burst));
  await eve.frames(burst);
  await eve.sendText(whos(0, 10) + '{"event":"probe","id":"behind"}\n');
  await mallory.sendText('{"event":"join","room":"#dev"}\n');
  // What costs nothing is served, also to the same address; and all is, to another one.
  assertEquals((await bob.ask({ event: "msg", to: "carol", message: "hi" })).response, 200);
  assertEquals((await carol.ask({ event: "who" })).response, 200);
  for (let i = 0; i < 3; i++) await bob.ask({ event: "probe" });
  assertEquals([eve.unread, mallory.unread], [0, 0]);
  // One after the other, in the order in which they came, as the budget fills: none at another's expense.
  clock.advance(1_000);
  await eventually(() => mallory.unread === 1, () => "mallory's turn");
  assertEquals((await mallory.response()).response, 201);
  for (let second = 0; second < 10; second++) {
    clock.advance(1_000);
    for (let i = 0; i < 5; i++) await bob.ask({ event: "probe" });
  }
  const answers = await eve.frames(11);
  assertEquals(answers.map(({ response }) => response), range(11).map(() => 200));
  assertEquals(answers.at(-1)!.id, "behind");
});

Deno.test("--work: who comes and goes pays for what the others in the room are told of it", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0, work: 1 } });
  const eve = await server.online("eve");
  const members = await Promise.all(range(8).map(() => server.connect("127.0.0.2")));
  for (const [n, member] of members.entries()) {
    await member.ask({ event: "presence", user: { account_name: `member${n}` } });
    await member.ask({ event: "join", room: "#dev" });
  }
  // Its own answers are a fifth of a burst of 10 KiB, what the eight are told is more than all of it.
  const moves = '{"event":"join","room":"#dev"}\n{"event":"leave","room":"#dev"}\n'.repeat(10);
  await eve.sendText(moves);
  await eventually(() => eve.unread > 5, () => "the first moves");
  for (let i = 0; i < 5; i++) await members[0]!.ask({ event: "probe" });
  assert(eve.unread < 18, `${eve.unread} of 20 answered`);
  for (let second = 0; second < 20; second++) {
    clock.advance(1_000);
    await members[0]!.ask({ event: "probe" });
  }
  assertEquals((await eve.frames(20)).map(({ response }) => response), range(20).map(() => 200));
});

Deno.test("--work: who comes again owes what the address had used up", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0, work: 1 } });
  const bob = await server.connect("127.0.0.2");
  await bob.ask({ event: "presence", user: { account_name: "bob" } });
  const eve = await server.online("eve");
  const size = JSON.stringify(await eve.ask({ event: "who" })).length + 1;
  const rest = Math.ceil(10_240 / size) - 1; // one is answered already
  await eve.sendText('{"event":"who"}\n'.repeat(rest));
  await eve.frames(rest);
  eve.close();
  await server.settlesAt({ connections: 1 });
  const again = await server.online("eve");
  await again.send({ event: "who" });
  for (let i = 0; i < 3; i++) await bob.ask({ event: "probe" });
  assertEquals(again.unread, 0);
  clock.advance(1_000);
  assertEquals((await again.response()).response, 200);
});

Deno.test("--max-memory: beyond it who has left the most unread gets 101 and is closed; who reads gets all", async () => {
  // Few messages at a time: an eighth of the limit may be under way to who is still told why.
  const settings = { rate: 0, maxMemory: 4, maxQueue: 4_194_304 };
  await using server = new TestServer({ clock: new FakeClock(), settings });
  const [eve, bob, carol, dave] = await server.onlineAll("eve", "bob", "carol", "dave");
  for (const client of [eve, bob, carol, dave]) await client.ask({ event: "join", room: "#dev" });
  for (const client of [eve, bob, carol, dave]) await client.pending();
  for (const client of [bob, carol]) client.pause();
  let sent = 0;
  const batch = 4;
  while (server.server.counts.online === 4) {
    const ids = range(batch).map((n) => sent + n);
    await eve.send(...ids.map((id) => ({ event: "msg", to: "#dev", message: STALL_MESSAGE, id })));
    for (const id of ids) {
      const { response, id: answered } = await eve.response();
      assertEquals([response, answered], [200, id]);
    }
    for (let next = sent; next < sent + batch;) {
      const { event, id } = await dave.frame();
      if (event === "msg") assertEquals(id, next++); // else it is told who left
    }
    sent += batch;
  }
  const records = server.log.of("too much unread in all, closed");
  assertEquals(records.map(({ level }) => level), ["warn"]);
  const { name, bytes } = records[0]!.fields;
  assert(bytes as number > 1_600_000, `${bytes}, nearly half of it`);
  const gone = name === "bob" ? bob : carol;
  gone.resume();
  const { frames } = await gone.ended();
  assertEquals(frames.pop()!.response, 101);
  assertEquals(frames.map(({ id }) => id), range(frames.length));
  const stays = name === "bob" ? carol : bob;
  stays.resume();
  await stays.send({ event: "probe", id: "alive" });
  while ((await stays.frame()).id !== "alive");
});

Deno.test("--max-memory: counts what an account has not confirmed, and half a line; direct messages go to the mailbox", async () => {
  const settings = { rate: 0, maxMemory: 1, maxQueue: 500_000 };
  await using server = new TestServer({ clock: new FakeClock(), settings });
  const [bob, eve] = [await server.registered("bob"), await server.online("eve")];
  const accepted = await stall(bob, "bob", eve);
  assert(accepted >= 30, "nearly half a MiB");
  const others = await server.onlineAll(...range(20).map((n) => `user${n}`));
  assertEquals(server.server.counts.online, 22);
  for (const client of others) await client.sendText("x".repeat(30_000)); // a line that has no end
  await server.settlesAt({ online: 21 });
  bob.resume();
  const { frames } = await bob.ended();
  assertEquals(frames.at(-1)!.response, 101);
  assertEquals(frames.filter(({ event }) => event === "msg").length, accepted);
  for (const client of [bob, ...others]) client.close();
  await server.settlesAt({ connections: 1 });
  const again = await server.connect();
  const user = { account_name: "bob", password: PASSWORD };
  assertEquals((await again.ask({ event: "authenticate", user })).response, 200);
  assertEquals((await again.pending()).map(({ id }) => id), range(accepted));
});

Deno.test("statuses are cleaned of controls: as JSON nobody's is much longer than what was sent", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const statusOf = async (status: string): Promise<unknown> => {
    const user = { account_name: "eve", status };
    assertEquals((await eve.ask({ event: "presence", user })).response, 200);
    const { users } = await bob.ask({ event: "who" });
    return (users as { status: string }[])[1]!.status;
  };
  assertEquals(await statusOf("\u0001".repeat(100)), " ".repeat(100));
  assertEquals(await statusOf("a\nb\u0085c\u2028d\u2029e\u007ff"), "a b c d e f");
  assertEquals(await statusOf("\u202eevil\u2066\ufeff"), "evil");
  assertEquals(await statusOf("half \ud83d"), "half ");
  assertEquals(await statusOf("e\u0301 \u00e9 \u{1f600} 你好"), "e\u0301 \u00e9 \u{1f600} 你好");
});

Deno.test("--max-connections, --max-per-ip and --max-pending: 0 is no limit", async () => {
  const settings = { maxConnections: 0, maxPerIp: 0, maxPending: 0 };
  await using server = new TestServer({ settings });
  const clients = await Promise.all(range(50).map(() => server.connect()));
  for (const client of clients) assertEquals((await client.ask({ event: "probe" })).response, 200);
});

Deno.test("each of many connections too many gets 101", async () => {
  await using server = new TestServer({ settings: { maxConnections: 1 } });
  const eve = await server.online("eve");
  const extras = await Promise.all(range(200).map(() => server.connect()));
  for (const extra of extras) {
    const { frames } = await extra.ended();
    assertEquals(frames.map(({ response }) => response), [101]);
  }
  assertEquals(await eve.pending(), []);
});

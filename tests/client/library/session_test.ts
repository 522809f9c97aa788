import { assert, assertEquals, assertRejects } from "@std/assert";

import {
  ClientClosedError,
  ConnectionLostError,
  RefusedError,
} from "../../../client/library/errors.ts";
import { JimClient } from "../../../client/library/jim_client.ts";
import type { Request } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { connect, message, next } from "./support.ts";

Deno.test("a refused login is a RefusedError, and another name may be tried", async () => {
  await using server = new ScriptedServer();
  server.answer = (request) =>
    request.event === "presence" && request.user.account_name === "eve"
      ? { response: 409, error: "eve is online already" }
      : {};
  await using client = await JimClient.connect({ hostname: "127.0.0.1", port: server.port });
  const error = await assertRejects(() => client.login("eve"), RefusedError);
  assertEquals([error.code, error.message], [409, "eve is online already"]);
  await client.login("eva");
  assertEquals([client.name, server.peers.length], ["eva", 1]);
});

Deno.test("login connects anew if the server lost its patience meanwhile", async () => {
  await using server = new ScriptedServer();
  await using client = await JimClient.connect({ hostname: "127.0.0.1", port: server.port });
  const notices = client.notices();
  await server.until(() => server.peers.length === 1);
  await server.peer.write({ response: 101, time: 1, alert: "Log in sooner" });
  assertEquals((await notices.next()).value?.alert, "Log in sooner");
  server.peer.close();
  // The end of the connection is seen by the request that meets it, at the latest.
  await client.probe().catch(() => {});
  await client.login("eve");
  assertEquals(server.peers.length, 2);
});

Deno.test("register sends the password with authenticate", async () => {
  await using server = new ScriptedServer();
  server.answer = (request) => request.event === "authenticate" ? { response: 201 } : {};
  await using client = await JimClient.connect({ hostname: "127.0.0.1", port: server.port });
  const response = await client.login("eve", { password: "correct horse", register: true });
  assertEquals(response.response, 201);
  const [{ id: _, ...request }] = server.requests("authenticate") as [Request];
  assertEquals(request, {
    event: "authenticate",
    user: { account_name: "eve", password: "correct horse" },
    register: true,
    resume: true,
    features: ["gathered"],
  });
});

Deno.test("the server's probe is answered by presence, with the status that was set", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  await client.setStatus("busy");
  await server.peer.write({ event: "probe", time: 1 });
  await server.until(() => server.requests("presence").length === 3);
  const last = server.requests("presence").at(-1)!;
  assertEquals(last.event === "presence" && last.user, { account_name: "eve", status: "busy" });
});

Deno.test("after a lost connection: login, rooms, then what was not answered, under the same id", async () => {
  await using server = new ScriptedServer();
  let isFirst = true;
  server.answer = (request, peer) => {
    if (request.event !== "msg" || !isFirst) return {};
    isFirst = false;
    peer.close();
    return undefined;
  };
  await using client = await connect(server);
  await client.join("#dev");
  const events = client.events();
  const outcomes = await Promise.all([client.send("bob", "one"), client.send("bob", "two")]);
  assertEquals(outcomes.map(({ state }) => state), ["sent", "sent"]);
  assertEquals((await next(events, "offline")).attempt, 1);
  assertEquals((await next(events, "online")).again, true);
  const second = server.peers[1]!.requests;
  assertEquals(second.map(({ event }) => event), ["presence", "join", "msg", "msg"]);
  const first = server.peers[0]!.requests.find(({ event }) => event === "msg")!;
  assertEquals(second[2]!.id, first.id);
});

Deno.test("after a lost connection it is told who is in each room again", async () => {
  await using server = new ScriptedServer();
  const users = ["ann", "eve"];
  server.answer = ({ event }) => event === "join" ? { room: "#Dev", users } : {};
  await using client = await connect(server);
  await client.join("#dev");
  const events = client.events();
  server.peer.close();
  assertEquals(await next(events, "room-back"), { type: "room-back", room: "#Dev", users });
});

Deno.test("after a lost connection messages to rooms wait for the others, as long as it was lost", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect(server, {
    clock,
    random: () => 0,
    firstMs: 4_000,
    maxMs: 4_000,
  });
  const events = client.events();
  await client.join("#dev");
  await client.join("#tea");
  server.peer.close();
  const { retryMs } = await next(events, "offline");
  const answers = [
    client.send("#dev", "one"),
    client.send("bob", "two"),
    client.leave("#dev"),
    client.leave("#tea"),
  ];
  clock.advance(retryMs);
  await next(events, "online");
  await Promise.all([answers[1], answers[3]]);
  await client.send("bob", "three");
  const early = server.peer.requests.map(({ event }) => event);
  assertEquals(early, ["presence", "join", "join", "msg", "leave", "msg"]);
  clock.advance(retryMs - 1);
  await client.probe();
  assertEquals(server.peer.requests.at(-1)!.event, "probe");
  clock.advance(1);
  await Promise.all(answers);
  assertEquals(server.peer.requests.slice(-2).map(({ event }) => event), ["msg", "leave"]);
});

Deno.test("after a lost connection messages to rooms where they are kept wait for nobody", async () => {
  for (const features of [["history"], []]) {
    await using server = new ScriptedServer();
    server.answer = ({ event }) => {
      if (event === "presence") return { features };
      return event === "join" ? { lasting: true, last: 3, messages: [], more: false } : {};
    };
    const clock = new FakeClock();
    await using client = await connect(server, { clock });
    const events = client.events();
    await client.join("#dev");
    server.peer.close();
    const { retryMs } = await next(events, "offline");
    const sent = client.send("#dev", "one");
    clock.advance(retryMs);
    await next(events, "online");
    await client.send("bob", "two");
    const texts = server.peer.requests.flatMap((request) =>
      request.event === "msg" ? request.message : []
    );
    assertEquals(texts, features.length > 0 ? ["one", "two"] : ["two"]);
    clock.advance(10_000);
    assertEquals((await sent).state, "sent");
  }
});

Deno.test("who writes to a room right after the connection is back goes on hearing it", async () => {
  await using server = new ScriptedServer();
  let last = 3;
  server.answer = ({ event }) => {
    if (event === "presence") return { features: ["history"] };
    if (event === "msg") return { seq: ++last };
    return event === "join" ? { lasting: true, last, messages: [], more: false } : {};
  };
  const clock = new FakeClock();
  await using client = await connect(server, { clock });
  const events = client.events();
  await client.join("#dev");
  server.peer.close();
  const { retryMs } = await next(events, "offline");
  clock.advance(retryMs);
  await next(events, "online");
  // The answer to this comes behind that to the second join.
  await client.probe();
  await client.send("#dev", "one");
  await server.peer.write(message("two", { to: "#dev", seq: ++last }));
  await client.send("bob", "three");
  const seen: string[] = [];
  while (seen.at(-1) !== "three") {
    const { value } = await events.next();
    if (value?.type === "message") seen.push(value.message.message);
    if (value?.type === "outcome") seen.push(value.message);
  }
  assertEquals(seen, ["one", "two", "three"]);
});

Deno.test("who leaves before the others are back says first what waits", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  const client = await connect(server, { clock });
  const events = client.events();
  server.peer.close();
  await next(events, "offline");
  const sending = client.send("#dev", "bye");
  clock.advance(1);
  await next(events, "online");
  await client.quit();
  assertEquals((await sending).state, "sent");
  assertEquals(clock.pending, 0);
});

Deno.test("a stored message that comes again after it was handled is acknowledged, not shown", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const messages = client.messages();
  await server.peer.write(message("a", { stored: 3 }));
  await messages.next();
  const following = messages.next();
  await server.until(() => server.requests("ack").length === 1);
  server.peer.close();
  await server.until(() => server.requests("presence").length === 2);
  await server.peer.write(message("a", { stored: 3 }), message("b", { stored: 4 }));
  assertEquals((await following).value?.message, "b");
  await server.until(() => server.requests("ack").length === 2);
});

Deno.test("a silent link is noticed by a probe and replaced", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect(server, { clock, random: () => 0 });
  const events = client.events();
  server.answer = () => undefined; // From now on the server is a black hole.
  clock.advance(8_000);
  await server.until(() => server.requests("probe").length === 1);
  clock.advance(4_999);
  assert(client.isOnline);
  clock.advance(1);
  const { error } = await next(events, "offline");
  assert(error instanceof ConnectionLostError);
  assertEquals(error.reason, "silent");
  server.answer = () => ({ response: 200 });
  clock.advance(1_000);
  await next(events, "online");
  client.close();
  assertEquals(clock.pending, 0);
});

Deno.test("a server that comes back is found, with growing pauses", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect(server, {
    clock,
    random: () => 0,
    firstMs: 500,
    maxMs: 30_000,
  });
  const events = client.events();
  server.stopListening();
  server.peer.close();
  const pauses = [];
  for (let attempt = 1; attempt <= 8; attempt++) {
    const offline = await next(events, "offline");
    assertEquals(offline.attempt, attempt);
    pauses.push(offline.retryMs);
    if (attempt === 8) server.listenAgain();
    clock.advance(offline.retryMs);
  }
  assertEquals(pauses, [250, 500, 1000, 2000, 4000, 8000, 15000, 15000]);
  await next(events, "online");
});

Deno.test("a server that has said that it shuts down is asked again soon, also if it lets nobody in yet", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect(server, {
    clock,
    random: () => 1,
    firstMs: 500,
    maxMs: 30_000,
  });
  const events = client.events();
  await server.peer.write({ response: 101, time: 1, alert: "bye", reason: "shutdown" });
  server.stopListening();
  server.peer.close();
  const pauses = [];
  for (let attempt = 1; attempt <= 9; attempt++) {
    const offline = await next(events, "offline");
    pauses.push(offline.retryMs);
    if (attempt === 9) server.listenAgain();
    clock.advance(offline.retryMs);
  }
  assertEquals(pauses, [500, 1000, 1000, 1000, 1000, 1125, 1406, 1758, 2197]);
  await next(events, "online");
});

Deno.test("a server that lets nobody in yet is asked every second for 15 s, then with growing pauses", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect(server, {
    clock,
    random: () => 1,
    firstMs: 2_000,
    maxMs: 30_000,
  });
  const events = client.events();
  const codes = [500, ...Array(16).fill(409)];
  server.answer = () => ({ response: codes.shift() ?? 200, error: "not yet" });
  server.peer.close();
  const pauses = [];
  for (let attempt = 1; attempt <= 18; attempt++) {
    const { retryMs } = await next(events, "offline");
    pauses.push(retryMs);
    clock.advance(retryMs);
  }
  assertEquals(pauses, [2_000, ...Array(13).fill(1_000), 4_000, 8_000, 16_000, 30_000]);
  await next(events, "online");
});

Deno.test("a server that lets in and drops is waited for longer each time, until a connection lasts", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect(server, {
    clock,
    random: () => 0,
    firstMs: 500,
    maxMs: 30_000,
    probeIntervalMs: 600_000,
  });
  const events = client.events();
  const lose = async (): Promise<number> => {
    server.peers.at(-1)!.close();
    const { retryMs } = await next(events, "offline");
    clock.advance(retryMs);
    await next(events, "online");
    return retryMs;
  };
  assertEquals([await lose(), await lose(), await lose()], [250, 500, 1_000]);
  clock.advance(30_000);
  assertEquals([await lose(), await lose()], [250, 500]);
});

Deno.test("a refusal that waiting cannot mend ends the client; a taken name does not", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const events = client.events();
  const codes = [409, 403];
  server.answer = () => ({ response: codes.shift() ?? 200, error: "no" });
  server.peer.close();
  const first = await next(events, "offline");
  assert(first.error instanceof ConnectionLostError);
  const second = await next(events, "offline");
  assert(second.error instanceof RefusedError && second.error.code === 409);
  const error = await client.closed;
  assert(error instanceof RefusedError && error.code === 403);
  await assertRejects(() => events.next(), RefusedError);
  await assertRejects(() => client.send("bob", "hi"), ClientClosedError);
});

Deno.test("without reconnect a lost connection ends everything with the reason", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server, { reconnect: false });
  const messages = client.messages().next();
  server.answer = (request, peer) => {
    if (request.event === "msg") peer.close();
    return undefined;
  };
  await assertRejects(() => client.send("bob", "hi"), ConnectionLostError);
  await assertRejects(() => messages, ConnectionLostError);
  assert((await client.closed) instanceof ConnectionLostError);
});

Deno.test("answers out of order end the connection, and all is asked again", async () => {
  await using server = new ScriptedServer();
  let isFirst = true;
  server.answer = (request) => {
    if (request.event !== "probe" || !isFirst) return {};
    isFirst = false;
    return { id: "another" };
  };
  await using client = await connect(server);
  await client.probe();
  assertEquals(server.peers.length, 2);
});

Deno.test("a room that does not take the client back is reported", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  await client.join("#dev");
  const events = client.events();
  server.answer = (request) => request.event === "join" ? { response: 403, error: "no" } : {};
  server.peer.close();
  const lost = await next(events, "room-lost");
  assertEquals([lost.room, lost.error.code], ["#dev", 403]);
  assertEquals(client.rooms, []);
});

import { assert, assertEquals, assertRejects } from "@std/assert";

import { ConnectError, JimClient, RefusedError } from "../../../client/library/jim_client.ts";
import { ClientClosedError, ConnectionLostError } from "../../../client/library/errors.ts";
import type { ClientEvent } from "../../../client/library/events.ts";
import type { ClientOptions } from "../../../client/library/options.ts";
import type { Request } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";

/** Reconnects at once. */
const QUICK = { firstMs: 1, maxMs: 1 };

function connect(server: ScriptedServer, options: ClientOptions = {}): Promise<JimClient> {
  return JimClient.connect({
    hostname: "127.0.0.1",
    port: server.port,
    name: "eve",
    ...QUICK,
    ...options,
  });
}

function message(text: string, more: object = {}): object {
  return { event: "msg", time: 7, to: "eve", from: "bob", message: text, ...more };
}

/** Collects events until one of that type comes. */
async function next<Type extends ClientEvent["type"]>(
  events: AsyncIterableIterator<ClientEvent, undefined>,
  type: Type,
): Promise<ClientEvent & { type: Type }> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`The client ended before '${type}'`);
    if (value.type === type) return value as ClientEvent & { type: Type };
  }
}

Deno.test("connect goes online and quit says goodbye", async () => {
  await using server = new ScriptedServer();
  const client = await connect(server);
  assertEquals([client.name, client.isOnline], ["eve", true]);
  await client.quit();
  assertEquals(await client.closed, undefined);
  assertEquals(server.peer.requests.map(({ event }) => event), ["presence", "quit"]);
});

Deno.test("an unreachable server is a ConnectError", async () => {
  // A listener that has never waited for a connection frees its port at once.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const error = await assertRejects(
    () => JimClient.connect({ hostname: "127.0.0.1", port, name: "eve" }),
    ConnectError,
  );
  assertEquals(error.failure, "refused");
});

Deno.test("localhost finds a server that listens on IPv6 only, or on IPv4 only", async () => {
  for (const hostname of ["::1", "127.0.0.1"]) {
    const listener = Deno.listen({ hostname, port: 0 });
    const accepted = listener.accept();
    const client = await JimClient.connect({ hostname: "localhost", port: listener.addr.port });
    (await accepted).close();
    client.close();
    listener.close();
  }
});

Deno.test("a server that speaks something else is recognised", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const conn = await listener.accept();
    await conn.write(new TextEncoder().encode("SSH-2.0-OpenSSH_9.2\r\n"));
    return conn;
  })();
  const error = await assertRejects(
    () => JimClient.connect({ hostname: "127.0.0.1", port: listener.addr.port, name: "eve" }),
    ConnectionLostError,
  );
  assertEquals(error.reason, "protocol");
  (await serving).close();
  listener.close();
});

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
  });
});

Deno.test("send resolves with the server's word", async () => {
  await using server = new ScriptedServer();
  const answers: Record<string, object> = {
    bob: { response: 200, alert: "ok" },
    "#dev": { response: 200, alert: "ok", delivered: 3 },
    tim: { response: 202, alert: "stored" },
    zoe: { response: 404, error: "no such user" },
  };
  server.answer = (request) => request.event === "msg" ? answers[request.to]! : {};
  await using client = await connect(server);
  const outcomes = [];
  for (const to of Object.keys(answers)) {
    const { id: _, ...outcome } = await client.send(to, "hi");
    outcomes.push(outcome);
  }
  assertEquals(outcomes, [
    { state: "sent", code: 200, sentence: "ok" },
    { state: "sent", code: 200, sentence: "ok", delivered: 3 },
    { state: "stored", code: 202, sentence: "stored" },
    { state: "refused", code: 404, sentence: "no such user" },
  ]);
  const stores = server.requests("msg").map((request) => request.event === "msg" && request.store);
  assertEquals(stores, [true, undefined, true, true]);
});

Deno.test("many requests at once are answered in order", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const answered: number[] = [];
  await Promise.all(Array.from({ length: 2_000 }, async (_, i) => {
    await client.send("bob", `message ${i}`);
    answered.push(i);
  }));
  assertEquals(answered, Array.from({ length: 2_000 }, (_, i) => i));
  const sent = server.requests("msg").map((request) => request.event === "msg" && request.message);
  assertEquals(sent, answered.map((i) => `message ${i}`));
});

Deno.test("join, who, status, leave and probe give what the server says", async () => {
  await using server = new ScriptedServer();
  server.answer = (request) => {
    if (request.event === "join") {
      return { response: 201, room: "#Dev", users: ["eve"] };
    }
    if (request.event === "who") {
      return { users: [{ account_name: "bob", status: "here" }], total: 12 };
    }
    return {};
  };
  await using client = await connect(server);
  assertEquals(await client.join("#dev"), { room: "#Dev", users: ["eve"] });
  assertEquals(client.rooms, ["#Dev"]);
  assertEquals(await client.who(), { users: [{ account_name: "bob", status: "here" }], total: 12 });
  await client.setStatus("busy");
  assert(await client.probe() >= 0);
  await client.leave("#dev");
  assertEquals(client.rooms, []);
  server.answer = (request) => request.event === "leave" ? { response: 404, error: "no" } : {};
  await assertRejects(() => client.leave("#dev"), RefusedError);
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

Deno.test("messages that come before anyone listens are kept, in order", async () => {
  await using server = new ScriptedServer();
  server.answer = async (request, peer) => {
    if (request.event !== "presence") return {};
    await peer.write(
      { response: 200, time: 1, id: request.id },
      message("one"),
      message("two"),
    );
    return undefined;
  };
  await using client = await connect(server);
  await client.probe();
  const texts = [];
  for await (const { message } of client.messages()) {
    texts.push(message);
    if (texts.length === 2) break;
  }
  assertEquals(texts, ["one", "two"]);
});

Deno.test("an outcome stands in the events before the message that follows it on the wire", async () => {
  await using server = new ScriptedServer();
  server.answer = async (request, peer) => {
    if (request.event !== "msg") return {};
    await peer.write({ response: 200, time: 1, id: request.id }, message("the answer"));
    return undefined;
  };
  await using client = await connect(server);
  const events = client.events();
  await client.send("bob", "the question");
  const seen = [(await events.next()).value, (await events.next()).value];
  assertEquals(seen.map((event) => event?.type), ["outcome", "message"]);
});

Deno.test("stored messages are acknowledged when the consumer comes for the next one", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  await server.peer.write(message("a", { stored: 4 }), message("b", { stored: 6 }));
  const messages = client.messages();
  await messages.next();
  assertEquals(server.requests("ack"), []);
  await messages.next();
  await server.until(() => server.requests("ack").length === 1);
  const third = messages.next();
  await server.until(() => server.requests("ack").length === 2);
  const acks = server.requests("ack").map((request) => request.event === "ack" && request.stored);
  assertEquals(acks, [4, 6]);
  await server.peer.write(message("c"));
  assertEquals((await third).value?.message, "c");
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

Deno.test("messages that come twice are handed out once", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const messages = client.messages();
  await server.peer.write(
    message("a", { id: "m-1" }),
    message("a", { id: "m-1" }),
    message("another", { id: "m-1" }),
    message("a", { id: "m-1", from: "tim" }),
    message("counted", { id: 1 }),
    message("counted", { id: 1 }),
    message("bare"),
    message("bare"),
    message("the end"),
  );
  const texts = [];
  for await (const { from, message } of messages) {
    if (message === "the end") break;
    texts.push(`${from} ${message}`);
  }
  assertEquals(texts, [
    "bob a",
    "bob another",
    "tim a",
    "bob counted",
    "bob counted",
    "bob bare",
    "bob bare",
  ]);
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
  await server.until(() => server.peers.length === 2);
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

Deno.test("an aborted call rejects with the signal's reason and disturbs no other", async () => {
  await using server = new ScriptedServer();
  const held = Promise.withResolvers<void>();
  server.answer = async (request) => {
    if (request.event === "who") await held.promise;
    return {};
  };
  await using client = await connect(server);
  const controller = new AbortController();
  const who = client.who(undefined, { signal: controller.signal });
  const probe = client.probe();
  controller.abort(new Error("enough"));
  await assertRejects(() => who, Error, "enough");
  held.resolve();
  await probe;
  await assertRejects(() => client.probe({ signal: AbortSignal.abort() }), DOMException);
});

Deno.test("the signal of connect closes the client", async () => {
  await using server = new ScriptedServer();
  const controller = new AbortController();
  const client = await connect(server, { signal: controller.signal });
  const messages = client.messages().next();
  controller.abort();
  assertEquals((await messages).done, true);
  assertEquals(await client.closed, undefined);
});

Deno.test("what a slow consumer leaves lying stops the reading, but no answer is held up", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server, { maxQueued: 10 });
  for (let i = 0; i < 50; i++) await server.peer.write(message(`${i}`));
  assert(await client.probe() >= 0);
  const texts = [];
  for await (const { message } of client.messages()) {
    if (texts.push(message) === 50) break;
  }
  assertEquals(texts, Array.from({ length: 50 }, (_, i) => `${i}`));
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

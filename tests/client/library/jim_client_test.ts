import { assert, assertEquals, assertRejects } from "@std/assert";

import {
  ConnectError,
  ConnectionLostError,
  JimClient,
  RefusedError,
} from "../../../client/library/jim_client.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { connect, message } from "./support.ts";

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

Deno.test("send resolves with the server's word", async () => {
  await using server = new ScriptedServer();
  const answers: Record<string, object> = {
    bob: { response: 200, alert: "ok" },
    "#dev": { response: 200, alert: "ok", delivered: 3, seq: 9 },
    tim: { response: 202, alert: "stored", seq: 4 },
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
    { state: "sent", code: 200, sentence: "ok", delivered: 3, seq: 9 },
    { state: "stored", code: 202, sentence: "stored", seq: 4 },
    { state: "refused", code: 404, sentence: "no such user" },
  ]);
  const stores = server.requests("msg").map((request) => request.event === "msg" && request.store);
  assertEquals(stores, [true, undefined, true, true]);
});

Deno.test("a reply names the message that it answers", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  await client.send("#dev", "yes", { id: "m", reply: 9 });
  await client.send("#dev", "no", { id: "n" });
  assertEquals(server.requests("msg"), [
    { event: "msg", to: "#dev", message: "yes", id: "m", reply: 9 },
    { event: "msg", to: "#dev", message: "no", id: "n" },
  ]);
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

Deno.test("status and probe give what the server says", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  await client.setStatus("busy");
  assert(await client.probe() >= 0);
  server.answer = ({ event }) => event === "presence" ? { response: 400, error: "too long" } : {};
  await assertRejects(() => client.setStatus("busy"), RefusedError, "too long");
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

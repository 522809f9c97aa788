// What a client makes of a server that keeps its session: over sockets, with the server's words in the test's hands.
import { assert, assertEquals } from "@std/assert";

import { ConnectionLostError, JimClient } from "../../../client/library/jim_client.ts";
import type { ClientEvent } from "../../../client/library/events.ts";
import type { ClientOptions } from "../../../client/library/options.ts";
import type { AuthenticateRequest, PresenceRequest } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { type Answer, ScriptedServer } from "../../support/scripted_server.ts";
import { eventually as becomes, PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";
import { connect, message } from "./support.ts";

type LoginRequest = PresenceRequest | AuthenticateRequest;

/** Gives out tokens, and keeps the session if it is told to. */
class KeepingServer extends ScriptedServer {
  /** What is said to a token; by default the session goes on. */
  toToken: (request: LoginRequest) => Answer | Promise<Answer> = () => ({
    resumed: true,
    rooms: [],
  });
  /** What is said to all but logins. */
  toOthers: ScriptedServer["answer"] = () => ({});
  #tokens = 0;

  constructor() {
    super();
    this.answer = async (request, peer) => {
      const { event } = request;
      if (event !== "presence" && event !== "authenticate") return this.toOthers(request, peer);
      if (request.resume === undefined) return {};
      const said = typeof request.resume === "string" ? await this.toToken(request) : {};
      return said && { features: ["resume"], resume: `token ${++this.#tokens}`, ...said };
    };
  }

  /** What each login asked for. */
  get logins(): unknown[] {
    return this.peers.flatMap(({ requests }) => requests)
      .filter(({ event }) => event === "presence" || event === "authenticate")
      .map((request) => [(request as LoginRequest).resume, request.seen]);
  }

  /** All that was said to be seen, in order, and with what. */
  get seen(): [string, number][] {
    return this.peers.flatMap(({ requests }) => requests)
      .flatMap(({ event, seen }) => seen === undefined ? [] : [[event, seen]]);
  }
}

/** Waits until something is so. */
function eventually(isTrue: () => boolean): Promise<void> {
  return becomes(isTrue, () => isTrue.toString());
}

/** The texts of all messages, as they come. */
function hear(client: JimClient): { texts: string[]; events: ClientEvent[] } {
  const heard = { texts: [] as string[], events: [] as ClientEvent[] };
  (async () => {
    for await (const event of client.events()) {
      heard.events.push(event);
      if (event.type === "message") heard.texts.push(event.message.message);
    }
  })().catch(() => {});
  return heard;
}

async function start(
  server: ScriptedServer,
  options: ClientOptions = {},
): Promise<{ client: JimClient; clock: FakeClock; heard: ReturnType<typeof hear> }> {
  const clock = new FakeClock();
  const client = await connect(server, { clock, random: () => 0, ...options });
  return { client, clock, heard: hear(client) };
}

/** Hangs up, and waits until the client has logged in again. */
async function interrupt(server: ScriptedServer, clock: FakeClock, logins = 2): Promise<void> {
  server.peer.close();
  await eventually(() => {
    clock.advance(10);
    const peer = server.peers.at(-1)!;
    return server.peers.length >= logins && peer.requests.length > 0;
  });
}

Deno.test("a session that the server has kept goes on: no room is entered, and nothing waits for others", async () => {
  await using server = new KeepingServer();
  const { client, clock, heard } = await start(server);
  await client.join("#dev");
  await server.peer.write(message("one", { n: 1 }), message("two", { n: 2 }));
  await eventually(() => heard.texts.length === 2);
  server.toOthers = () => undefined;
  const sending = client.send("#dev", "hi", { id: "mine" });
  await server.until(() => server.requests("msg").length === 1);
  server.toOthers = () => ({ delivered: 1 });
  await interrupt(server, clock);
  assertEquals((await sending).state, "sent");
  assertEquals(server.logins, [[true, undefined], ["token 1", 2]]);
  const second = server.peer.requests.map(({ event, id }) => event === "msg" ? id : event);
  assertEquals(second, ["presence", "mine", "probe"]);
  await server.peer.write(
    { response: 100, time: 1, alert: "", room: "#dev", joined: "zoe", n: 2 },
    message("two", { n: 2 }),
    message("three", { n: 3 }),
  );
  await eventually(() => heard.texts.length === 3);
  assertEquals(heard.texts, ["one", "two", "three"]);
  const online = heard.events.filter(({ type }) => type === "online");
  assertEquals(online, [{ type: "online", name: "eve", again: true, resumed: true }]);
  assertEquals(heard.events.filter(({ type }) => type === "notice"), []);
  assertEquals(client.rooms, ["#dev"]);
  client.close();
});

Deno.test("what has waited for the connection is marked as missed, up to the answer that comes behind it", async () => {
  await using server = new KeepingServer();
  const { client, clock, heard } = await start(server);
  server.toOthers = async (request, peer) => {
    if (request.event !== "probe") return {};
    await peer.write(message("kept", { n: 1 }), { response: 200, time: 1, id: request.id });
    await peer.write(message("new", { n: 2 }));
    return undefined;
  };
  await interrupt(server, clock);
  await eventually(() => heard.texts.length === 2);
  const messages = heard.events.filter((event) => event.type === "message");
  assertEquals(messages.map(({ message, missed }) => [message.message, missed]), [
    ["kept", true],
    ["new", undefined],
  ]);
  client.close();
});

Deno.test("what has arrived is confirmed with the next request, or by a probe: after 1 s, 64 frames, 64 KiB", async () => {
  await using server = new KeepingServer();
  const { client, clock, heard } = await start(server);
  await server.peer.write(message("a", { n: 1 }), message("b", { n: 2 }));
  await eventually(() => heard.texts.length === 2);
  await client.send("bob", "hi");
  await client.send("bob", "there");
  assertEquals(server.seen, [["msg", 2]]);
  assert(clock.pending > 0);
  await server.peer.write(message("c", { n: 3 }));
  await eventually(() => heard.texts.length === 3);
  clock.advance(999);
  await client.who();
  assertEquals(server.seen.slice(1), [["who", 3]]);
  await server.peer.write({ response: 100, time: 1, alert: "hi", n: 4 });
  await eventually(() => heard.events.at(-1)?.type === "notice");
  clock.advance(999);
  await settle();
  assertEquals(server.seen.length, 2);
  clock.advance(1);
  await server.until(() => server.seen.length === 3);
  for (let n = 5; n < 69; n++) await server.peer.write(message(`${n}`, { n }));
  await server.until(() => server.seen.length === 4);
  const long = "ж".repeat(4_096);
  for (let n = 69; n < 77; n++) await server.peer.write(message(long, { n }));
  await server.until(() => server.seen.length === 5);
  assertEquals(server.seen.slice(2), [["probe", 4], ["probe", 68], ["probe", 76]]);
  client.close();
});

Deno.test("a stored message and what stands behind it is confirmed only when its consumer has dealt with it", async () => {
  await using server = new KeepingServer();
  const clock = new FakeClock();
  const client = await connect(server, { clock, password: "correct horse", random: () => 0 });
  const messages = client.messages();
  await server.peer.write(
    message("one", { n: 1 }),
    message("two", { n: 2, stored: 7 }),
    message("three", { n: 3, stored: 8 }),
    message("four", { n: 4 }),
  );
  for (const text of ["one", "two"]) assertEquals((await messages.next()).value?.message, text);
  await client.probe();
  // The consumer has "two" in hand; the link breaks, and all behind it comes again.
  await interrupt(server, clock);
  assertEquals(server.seen, [["probe", 1], ["authenticate", 1]]);
  await server.peer.write(
    message("two", { n: 2, stored: 7 }),
    message("three", { n: 3, stored: 8 }),
    message("four", { n: 4 }),
  );
  assertEquals((await messages.next()).value?.message, "three");
  await client.probe();
  assertEquals((await messages.next()).value?.message, "four");
  await client.probe();
  assertEquals(server.seen.slice(2), [["probe", 2], ["probe", 4]]);
  assertEquals(server.requests("ack"), []);
  client.close();
});

Deno.test("who acknowledges by hand has dealt with it", async () => {
  await using server = new KeepingServer();
  const { client } = await start(server, { password: "correct horse" });
  const quiet = await connect(server, { name: "quiet", password: "correct horse" });
  await server.peer.write(message("two", { n: 1, stored: 7 }));
  assertEquals((await quiet.messages().next()).value?.stored, 7);
  await quiet.ack(7);
  assertEquals(server.seen, [["ack", 1]]);
  quiet.close();
  client.close();
});

Deno.test("a token that is no good any more: the password, on the same connection, and rooms anew", async () => {
  for (const code of [402, 400]) {
    await using server = new KeepingServer();
    server.toToken = () => ({ response: code, error: "no" });
    const { client, clock, heard } = await start(server, { password: "correct horse" });
    await client.join("#dev");
    await server.peer.write(message("one", { n: 1 }));
    await eventually(() => heard.texts.length === 1);
    await interrupt(server, clock);
    await server.until(() => server.requests("join").length === 2);
    assertEquals(server.logins, [[true, undefined], ["token 1", 1], [true, undefined]]);
    assertEquals(server.peers.length, 2);
    // The new session counts anew.
    await server.peer.write(message("another", { n: 1 }));
    await eventually(() => heard.texts.length === 2);
    server.toToken = () => ({ resumed: true });
    await interrupt(server, clock, 3);
    await eventually(() => client.isOnline);
    assertEquals(server.logins.at(-1), ["token 3", 1]);
    client.close();
  }
});

Deno.test("a token is used until the server has answered: its answers may be lost", async () => {
  await using server = new KeepingServer();
  const { client, clock } = await start(server);
  let lost = 0;
  server.toToken = () => {
    if (lost++ < 2) server.peer.close();
    return { resumed: true };
  };
  await interrupt(server, clock);
  await eventually(() => {
    clock.advance(100);
    return client.isOnline && server.logins.length === 4;
  });
  const used = server.logins.map((login) => (login as unknown[])[0]);
  assertEquals(used, [true, "token 1", "token 1", "token 1"]);
  client.close();
});

Deno.test("a guest whose session is gone begins one", async () => {
  await using server = new KeepingServer();
  server.toToken = () => ({});
  const { client, clock, heard } = await start(server);
  await client.join("#dev");
  await server.peer.write(message("one", { n: 1 }), message("two", { n: 2 }));
  await eventually(() => heard.texts.length === 2);
  await interrupt(server, clock);
  await server.until(() => server.requests("join").length === 2);
  await server.peer.write(message("three", { n: 1 }));
  await eventually(() => heard.texts.length === 3);
  await client.probe();
  assertEquals(server.seen.at(-1), ["probe", 1]);
  client.close();
});

Deno.test("a server that keeps no sessions is used as it is", async () => {
  for (const features of [undefined, ["history"]]) {
    await using server = new KeepingServer();
    const { answer } = server;
    server.answer = async (request, peer) => {
      const { features: _, resume: __, ...rest } = (await answer(request, peer)) ?? {};
      return features === undefined ? rest : { ...rest, features };
    };
    const { client, clock, heard } = await start(server, { password: "correct horse" });
    await client.join("#dev");
    await server.peer.write(message("one", { stored: 1, n: 9 }));
    await server.until(() => server.requests("ack").length === 1);
    await interrupt(server, clock);
    await server.until(() => server.requests("join").length === 2);
    assertEquals(server.logins, [[true, undefined], [true, undefined]]);
    assertEquals([heard.texts, server.seen], [["one"], []]);
    client.close();
  }
});

Deno.test("who does not want a session to be kept does not ask for it", async () => {
  await using server = new KeepingServer();
  const { client, clock } = await start(server, { resume: false });
  await interrupt(server, clock);
  assertEquals(server.logins, [[undefined, undefined], [undefined, undefined]]);
  client.close();
  await using other = new KeepingServer();
  const { client: once } = await start(other, { reconnect: false });
  assertEquals(other.logins, [[undefined, undefined]]);
  once.close();
});

Deno.test("a room that was left before the link broke is left, though the answer was lost", async () => {
  await using server = new KeepingServer();
  const { client, clock } = await start(server);
  await client.join("#dev");
  server.toOthers = () => undefined;
  const leaving = client.leave("#dev");
  await server.until(() => server.requests("leave").length === 1);
  server.toOthers = ({ event }) => event === "leave" ? { response: 404, error: "not in" } : {};
  await interrupt(server, clock);
  await leaving;
  assertEquals(client.rooms, []);
  client.close();
});

Deno.test("a room whose answer was lost is entered again, and what comes there waits for what was missed", async () => {
  await using server = new KeepingServer();
  const { client, clock, heard } = await start(server, { password: "correct horse" });
  const inRoom = (seq: number, more: object = {}): object =>
    message(`${seq}`, { to: "#dev", time: seq, seq, ...more });
  server.toOthers = ({ event }) => event === "join" ? { room: "#dev", last: 1, lasting: true } : {};
  await client.join("#dev");
  await server.peer.write(inRoom(2, { n: 1 }));
  await eventually(() => heard.texts.length === 1);
  // The session is gone; the answer to the join in the next one is lost.
  server.toToken = () => ({ response: 402, error: "no" });
  server.toOthers = ({ event }) => event === "join" ? undefined : {};
  await interrupt(server, clock);
  await server.until(() => server.requests("join").length === 2);
  server.toToken = () => ({ resumed: true, rooms: ["#dev"] });
  server.toOthers = async (request, peer) => {
    if (request.event !== "join") return {};
    assertEquals(request.after, 2);
    await peer.write(inRoom(5, { n: 1 }));
    const messages = [3, 4, 5].map((seq) => {
      return { time: seq, to: "#dev", from: "bob", message: `${seq}`, seq };
    });
    return { room: "#dev", last: 5, lasting: true, messages, more: false };
  };
  await interrupt(server, clock, 3);
  await eventually(() => heard.texts.length === 4);
  assertEquals(heard.texts, ["2", "3", "4", "5"]);
  await server.peer.write(inRoom(6, { n: 2 }));
  await eventually(() => heard.texts.length === 5);
  client.close();
});

Deno.test("a consumer that leaves its mailbox lying does not hold up what stands behind it for ever", async () => {
  await using server = new KeepingServer();
  const clock = new FakeClock();
  const client = await connect(server, { clock, password: "correct horse", random: () => 0 });
  await server.peer.write(message("lying", { n: 1, stored: 3 }));
  const text = "x".repeat(4_000);
  for (let n = 2; n < 70; n++) await server.peer.write(message(text, { n, to: "#dev" }));
  await eventually(() => !client.isOnline);
  await eventually(() => {
    clock.advance(10);
    return client.isOnline;
  });
  assertEquals(server.logins, [[true, undefined], [undefined, undefined]]);
  await server.peer.write(message("lying", { stored: 3 }), message("direct"));
  const messages = client.messages();
  assertEquals((await messages.next()).value?.message, "lying");
  await messages.next();
  await server.until(() => server.requests("ack").length === 1);
  client.close();
});

Deno.test("what is final stays final; nothing that a program sees holds the token", async () => {
  for (const reason of ["replaced", "blocked", "removed"]) {
    await using server = new KeepingServer();
    const { client, heard } = await start(server);
    await server.peer.write({ response: 101, time: 1, alert: "bye", reason });
    server.peer.close();
    const error = await client.closed;
    assert(error instanceof ConnectionLostError);
    assertEquals([error.announced, server.logins.length], [reason, 1]);
    const visible = Deno.inspect([client, error, heard.events], { depth: 9, showHidden: true });
    assert(!visible.includes("token 1"), visible);
  }
});

Deno.test("who just closes says goodbye, so that the name is free", async () => {
  await using server = new KeepingServer();
  const { client } = await start(server);
  client.close();
  await server.until(() => server.requests("quit").length === 1);
});

Deno.test("a guest who registers gets the account's token", async () => {
  await using server = new KeepingServer();
  const { client, clock, heard } = await start(server);
  await server.peer.write(message("one", { n: 1 }));
  await eventually(() => heard.texts.length === 1);
  await client.login("eve", { password: "correct horse", register: true });
  await server.peer.write(message("two", { n: 2 }));
  await eventually(() => heard.texts.length === 2);
  await interrupt(server, clock);
  assertEquals(server.logins.at(-1), ["token 2", 2]);
  const [last] = server.requests("authenticate").slice(-1) as [AuthenticateRequest];
  assertEquals(last.user, { account_name: "eve" });
  client.close();
});

Deno.test("a real server: a letter that lies in a busy room keeps nobody offline, and is not lost in a crash", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const eve = { ...server.address, name: "eve", password: PASSWORD, firstMs: 1, maxMs: 1 };
  await using bob = await JimClient.connect(server.address);
  await bob.login("bob", { password: PASSWORD, register: true });
  await bob.join("#dev");
  {
    await using maker = await JimClient.connect(server.address);
    await maker.login("eve", { password: PASSWORD, register: true });
  }
  await bob.send("eve", "letter");
  const idle = await JimClient.connect(eve);
  await idle.join("#dev");
  const text = "x".repeat(4_000);
  for (let i = 0; i < 120; i++) await bob.send("#dev", `${i} ${text}`);
  await eventually(() => server.log.of("replaced").length === 1 && idle.isOnline);
  assertEquals((await bob.send("eve", "direct")).state, "sent");
  idle.close();
  await server.settlesAt({ online: 1 });
  await using again = await JimClient.connect(eve);
  const messages = again.messages();
  for (const expected of ["letter", "direct"]) {
    const { value } = await messages.next();
    assertEquals([value?.message, value?.stored !== undefined], [expected, true]);
  }
});

Deno.test("a real server: who closes is not waited for", async () => {
  await using server = new TestServer();
  for (let i = 0; i < 5; i++) {
    const client = await JimClient.connect({ ...server.address, name: "eve" });
    client.close();
    await server.settlesAt({ online: 0 });
  }
  assertEquals(server.log.of("interrupted"), []);
});

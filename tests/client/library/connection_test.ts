import { assert, assertEquals, assertRejects } from "@std/assert";

import {
  Connection,
  type ConnectionEvent,
  type ConnectionOptions,
} from "../../../client/library/connection.ts";
import { ConnectionLostError } from "../../../client/library/errors.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

function connect(options: Partial<ConnectionOptions> = {}): {
  link: FakeConn;
  connection: Connection;
  events: ConnectionEvent[];
  ends: ConnectionLostError[];
} {
  const link = new FakeConn();
  const events: ConnectionEvent[] = [];
  const ends: ConnectionLostError[] = [];
  const connection = new Connection(link, {
    onEvent: (event) => events.push(event),
    onEnd: (error) => ends.push(error),
    ...options,
  });
  return { link, connection, events, ends };
}

const MESSAGE = { event: "msg", time: 7, to: "eve", from: "bob", message: "hi" };

Deno.test("answers are matched to requests in order, at their place among the events", async () => {
  const log: string[] = [];
  const { link, connection } = connect({ onEvent: ({ type }) => log.push(type) });
  for (const id of [1, 2]) {
    connection.send({ event: "who", id }, (answer) => {
      assert(!(answer instanceof ConnectionLostError));
      log.push(`${id}: ${answer.response}`);
    });
  }
  assertEquals(connection.pendingRequests, 2);
  link.feedFrames({ response: 200, id: 1 }, MESSAGE, { response: 403 }, { event: "probe" });
  await settle();
  assertEquals(log, ["1: 200", "message", "2: 403", "probe"]);
  assertEquals(connection.pendingRequests, 0);
  connection.close();
});

Deno.test("an answer with another id, or to nothing, ends the connection", async () => {
  for (const asks of [true, false]) {
    const { link, connection, ends } = connect();
    const request = asks ? connection.request({ event: "who", id: 1 }) : undefined;
    link.feedFrames({ response: 200, id: 2 });
    if (request !== undefined) await assertRejects(() => request, ConnectionLostError);
    await settle();
    assertEquals(ends.map(({ reason }) => reason), ["protocol"]);
    assertEquals([connection.isEnded, link.isClosed], [true, true]);
  }
});

Deno.test("a line that is no frame is left out, unless it is the first one", async () => {
  const { link, connection, events, ends } = connect();
  link.feedFrames({ ...MESSAGE });
  link.feed("nonsense\n");
  link.feedFrames({ ...MESSAGE });
  await settle();
  assertEquals(events.map(({ type }) => type), ["message", "malformed", "message"]);
  connection.close();
  assertEquals(ends.map(({ reason }) => reason), ["own"]);

  const other = connect();
  other.link.feed("HTTP/1.1 400 Bad Request\n");
  await settle();
  assertEquals(other.ends.map(({ reason }) => reason), ["protocol"]);
});

Deno.test("an answer that cannot be read ends the connection, since nobody can go on behind it", async () => {
  const { link, connection, events, ends } = connect();
  const answer = connection.request({ event: "history", with: "#a" });
  link.feedFrames({ response: 200, messages: [{ seq: "one" }] });
  await assertRejects(() => answer, ConnectionLostError, "an answer that cannot be read");
  assertEquals([events, ends.map(({ reason }) => reason)], [[], ["protocol"]]);
});

Deno.test("events of a later protocol are ignored, however many come", async () => {
  const { link, connection, events, ends } = connect();
  for (let i = 0; i < 1_500; i++) link.feedFrames({ event: "reaction", to: "#a", seq: i });
  link.feedFrames({ ...MESSAGE });
  await settle();
  assertEquals([events.map(({ type }) => type), ends], [["message"], []]);
  connection.close();
});

Deno.test("a connection ends once, with what the server announced, after its requests", async () => {
  const log: string[] = [];
  const { link, connection, ends } = connect({ onEnd: (error) => log.push(`end ${error.notice}`) });
  connection.send({ event: "who" }, () => log.push("answer"));
  link.feedFrames({ response: 101, time: 7, alert: "going down" });
  link.end();
  await settle();
  connection.close();
  assertEquals([log, ends], [["answer", "end going down"], []]);
  await assertRejects(() => connection.request({ event: "who" }), ConnectionLostError);
});

Deno.test("why the server closed is told, also if the connection is reset behind it", async () => {
  for (const end of ["end", "reset"] as const) {
    const { link, ends } = connect();
    link.feedFrames({ response: 101, time: 7, alert: "elsewhere", reason: "replaced" });
    await settle();
    link[end]();
    await settle();
    assertEquals(ends.map(({ reason, announced, notice }) => [reason, announced, notice]), [
      [end === "end" ? "closed" : "broken", "replaced", "elsewhere"],
    ]);
  }
});

Deno.test("while reading is paused, answers are read and nothing else is asked for", async () => {
  const { link, connection, events } = connect();
  link.feedFrames(MESSAGE);
  await settle();
  connection.pause();
  link.feedFrames(MESSAGE); // the read under way takes this one
  await settle();
  link.feedFrames(MESSAGE);
  await settle();
  assertEquals(events.length, 2);
  const answer = connection.request({ event: "who" });
  link.feedFrames({ response: 200 });
  assertEquals((await answer).response, 200);
  await settle();
  link.feedFrames(MESSAGE);
  await settle();
  const paused = events.length;
  connection.resume();
  await settle();
  assertEquals([paused, events.length], [3, 4]);
  connection.close();
});

Deno.test("a server is called silent only after the connection is watched", () => {
  const clock = new FakeClock();
  const { connection, ends } = connect({ clock, probeIntervalMs: 10, probeTimeoutMs: 5 });
  clock.advance(1_000);
  connection.watch();
  clock.advance(14);
  assertEquals(ends, []);
  clock.advance(1);
  assertEquals(ends.map(({ reason }) => reason), ["silent"]);
  connection.watch();
  assertEquals(clock.pending, 0);
});

Deno.test("who closes before the first word may speak TLS; who has spoken, or does speak it, has just closed", async () => {
  const ends = async (options: Partial<ConnectionOptions>, said: string): Promise<string> => {
    const { link, ends } = connect(options);
    link.feed(said);
    link.end();
    await settle();
    return ends[0]!.reason;
  };
  assertEquals(
    [
      await ends({}, ""),
      await ends({}, "\x15\x03\x03\x00\x02\x02\x46"),
      await ends({ tls: true }, ""),
      await ends({}, '{"response":200}\n'),
      await ends({}, "SSH-2.0\n"),
    ],
    ["wordless", "wordless", "closed", "protocol", "protocol"],
  );
});

Deno.test("while reading is paused, an answer that nobody waits for does not let it go on", async () => {
  const { link, connection, events } = connect();
  link.feedFrames(MESSAGE);
  await settle();
  connection.pause();
  link.feedFrames(MESSAGE); // the read under way takes this one
  await settle();
  let acknowledged = 0;
  connection.send({ event: "ack", stored: 1 }, () => acknowledged++, false);
  connection.answerProbe({ event: "probe" });
  connection.send({ event: "probe" });
  for (let i = 0; i < 5; i++) {
    link.feedFrames(MESSAGE);
    await settle();
  }
  assertEquals([events.length, connection.pendingRequests], [2, 3]);
  connection.resume();
  link.feedFrames({ response: 200 }, { response: 200 }, { response: 200 });
  await settle();
  assertEquals([events.length, connection.pendingRequests, acknowledged], [7, 0, 1]);
  connection.close();
});

Deno.test("probes without end get one answer at a time", async () => {
  const { link, connection } = connect({
    onEvent: ({ type }) => {
      if (type === "probe") connection.answerProbe({ event: "probe" });
    },
  });
  for (let i = 0; i < 100; i++) link.feedFrames({ event: "probe", time: i });
  await settle();
  assertEquals([link.frames.length, connection.pendingRequests], [1, 1]);
  link.feedFrames({ response: 200 }, { event: "probe", time: 100 });
  await settle();
  assertEquals([link.frames.length, connection.pendingRequests], [2, 1]);
  connection.close();
});

Deno.test("too many lines that are no frames end the connection, and so do texts that are no names", async () => {
  const { link, connection, events, ends } = connect();
  link.feedFrames(MESSAGE);
  const long = "x".repeat(2_000);
  for (let i = 0; i < 500; i++) {
    link.feedFrames({ ...MESSAGE, from: long }, { response: 100, room: long });
  }
  await settle();
  assertEquals([connection.isEnded, events.length], [false, 1_001]);
  link.feed("nonsense\n");
  await settle();
  assertEquals(ends.map(({ reason, message }) => [reason, message]), [
    ["overload", "more than 1000 lines that are no frames"],
  ]);
  assertEquals(events.length, 1_001);
});

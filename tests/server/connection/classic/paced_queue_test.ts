import { assert, assertEquals } from "@std/assert";

import { encodeFrame, encodeProbe } from "../../../../common/wire/encode.ts";
import { Outbox } from "../../../../common/wire/outbox.ts";
import { ClassicFrames } from "../../../../server/connection/classic/classic_frames.ts";
import { ClassicShape } from "../../../../server/connection/classic/classic_shape.ts";
import { PacedQueue } from "../../../../server/connection/classic/paced_queue.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { FakeConn } from "../../../support/fake_conn.ts";
import { settle } from "../../../support/settle.ts";

const delivery = (message: unknown): string =>
  JSON.stringify({ action: "msg", time: 5, to: "eve", from: "bob", message }) + "\n";
const reply = (id: number): string => encodeFrame({ response: 200, time: 5, alert: "Fine", id });

class Stage {
  readonly conn = new FakeConn();
  readonly clock = new FakeClock();
  readonly shape = new ClassicShape();
  held = 0;
  fullness: boolean[] = [];
  readonly outbox: Outbox;
  readonly queue: PacedQueue;

  constructor() {
    const memory = { add: (bytes: number): void => void (this.held += bytes) };
    this.outbox = new Outbox(this.conn, { memory });
    const { shape } = this;
    shape.sawMessage("msg", { from: "eve", to: "bob", message: "x" });
    this.queue = new PacedQueue({
      clock: this.clock,
      outbox: this.outbox,
      frames: new ClassicFrames(shape),
      memory,
      onFull: () => this.fullness.push(this.queue.isFull),
    });
  }

  /** What was written: an id, or a message's text, per write. */
  get written(): unknown[] {
    return this.conn.writes.map((write) => {
      assert(!write.includes("\n"));
      const { id, message } = JSON.parse(write);
      return id ?? message;
    });
  }

  /** Lets time pass in small steps; gives the times at which something was written, and what. */
  async times(ms: number, step = 10): Promise<[number, unknown][]> {
    const times: [number, unknown][] = [];
    for (let at = 0; at <= ms; at += step) {
      const before = this.written.length;
      await settle();
      for (const what of this.written.slice(before)) times.push([at, what]);
      if (at < ms) this.clock.advance(step);
    }
    return times;
  }
}

Deno.test("PacedQueue: one object per write, 50 ms apart, 1.2 s behind a message", async () => {
  const { queue, times } = bound(new Stage());
  queue.putAnswer(reply(1));
  queue.put(delivery("a"));
  queue.put(delivery("b"));
  assertEquals(await times(1_400), [[0, 1], [50, "a"], [1_250, "b"]]);
  queue.putAnswer(reply(2));
  queue.putAnswer(reply(3));
  assertEquals(await times(1_500), [[1_050, 2], [1_100, 3]]);
  assert(queue.isEmpty);
});

Deno.test("PacedQueue: no message for 1.2 s behind an answer that was asked for behind a message", async () => {
  const { queue, times } = bound(new Stage());
  queue.put(delivery("a"));
  queue.put(delivery("b"));
  queue.put(delivery("c"));
  assertEquals(await times(300), [[0, "a"]]);
  for (const id of [1, 2]) queue.putAnswer(reply(id));
  assertEquals(await times(1_600), [[900, 1], [950, 2]]);
  // It is asked for when those may be unseen; it goes at once.
  queue.putAnswer(reply(3));
  assertEquals(await times(1_200), [[0, 3], [1_200, "b"]]);
  assertEquals(await times(1_200), [[1_200, "c"]]);
});

Deno.test("PacedQueue: who never stops asking gets a message after 6 s", async () => {
  const { queue, times } = bound(new Stage());
  queue.put(delivery("a"));
  queue.put(delivery("b"));
  const written = await times(300);
  for (let now = 300; now < 8_000; now += 1_000) {
    queue.putAnswer(reply(now));
    for (const [at, what] of await times(1_000)) written.push([now + at, what]);
  }
  const messages = written.filter(([, what]) => typeof what === "string");
  assertEquals(messages, [[0, "a"], [6_000, "b"]]);
});

Deno.test("PacedQueue: at once after a while of silence", async () => {
  const { queue, times } = bound(new Stage());
  queue.put(delivery("a"));
  assertEquals(await times(1_200), [[0, "a"]]);
  queue.put(delivery("b"));
  assertEquals(await times(0), [[0, "b"]]);
});

Deno.test("PacedQueue: answers go before messages, each in their order", async () => {
  const { queue, times } = bound(new Stage());
  for (const text of ["a", "b"]) queue.put(delivery(text));
  for (const id of [1, 2, 3]) queue.putAnswer(reply(id));
  const written = await times(3_000, 50);
  assertEquals(written.map(([, what]) => what), [1, 2, 3, "a", "b"]);
});

Deno.test("PacedQueue: the pace counts from the end of the write before", async () => {
  const { queue, conn, clock, times } = bound(new Stage());
  conn.takes = false;
  queue.putAnswer(reply(1));
  queue.putAnswer(reply(2));
  await settle();
  clock.advance(500);
  await settle();
  conn.takes = true;
  assertEquals(await times(60), [[0, 1], [50, 2]]);
});

Deno.test("PacedQueue takes 50 messages, and is not full by that", async () => {
  const stage = new Stage();
  const { queue, clock } = stage;
  queue.put(delivery("first"));
  await settle();
  for (let i = 0; i < 50; i++) assertEquals(queue.put(delivery(i)), true);
  assertEquals([queue.put(delivery("x")), queue.isFull, queue.fits(delivery("x"))], [
    false,
    false,
    true,
  ]);
  queue.putAnswer(reply(1));
  clock.advance(1_200);
  await settle();
  clock.advance(1_200);
  await settle();
  assertEquals(stage.written, ["first", 1, 0]);
  assertEquals(queue.put(delivery("x")), true);
  assertEquals(stage.fullness, []);
  assertEquals(queue.heldBytes, stage.held);
  queue.close();
  assertEquals([stage.held, clock.pending], [0, 0]);
});

Deno.test("PacedQueue: a client that takes nothing is full, until it does", async () => {
  const stage = new Stage();
  const { queue, conn } = stage;
  conn.takes = false;
  for (let i = 0; i < 50; i++) assertEquals(queue.put(delivery(i)), true);
  await settle();
  assertEquals(queue.put(delivery("x")), true, "the first is being written");
  assertEquals([queue.put(delivery("y")), queue.isFull], [false, true]);
  let isRoomy = false;
  queue.roomy().then(() => isRoomy = true);
  await settle();
  assertEquals(isRoomy, false);
  conn.takes = true;
  await settle();
  assertEquals([queue.isFull, isRoomy], [false, true]);
  assertEquals(stage.fullness, [true, false]);
  queue.close();
});

Deno.test("PacedQueue: sixteen answers are enough until half of them are out", async () => {
  const { queue, times, fullness } = bound(new Stage());
  for (let i = 0; i < 17; i++) queue.putAnswer(reply(i));
  assertEquals(queue.isFull, true);
  await times(350, 50);
  assertEquals(queue.isFull, true);
  await times(100, 50);
  assertEquals(queue.isFull, false);
  assertEquals(fullness, [true, false]);
  queue.close();
});

Deno.test("PacedQueue: what is none for classic clients is taken and dropped; what is too long is not", () => {
  const { queue } = new Stage();
  assertEquals(queue.put(encodeProbe("action", 5)), true);
  assertEquals(queue.put(encodeFrame({ response: 100, time: 5, alert: "joined" })), true);
  queue.putAnswer(encodeFrame({ response: 101, time: 5, alert: "Bye" }));
  const long = delivery("x".repeat(1_000));
  assertEquals([queue.fits(long), queue.put(long), queue.isFull], [false, false, false]);
  assertEquals([queue.isEmpty, queue.heldBytes], [true, 0]);
});

Deno.test("PacedQueue: a goodbye drops the messages, not the answers", async () => {
  const { queue, times, clock } = bound(new Stage());
  queue.put(delivery("a"));
  queue.put(delivery("b"));
  await settle();
  queue.putAnswer(reply(1));
  queue.dropDeliveries();
  queue.putAnswer(reply(2));
  let isDrained = false;
  queue.drained().then(() => isDrained = true);
  assertEquals(await times(1_300), [[1_200, 1], [1_250, 2]]);
  assertEquals(isDrained, true);
  clock.advance(1_000);
  assertEquals(clock.pending, 0);
});

Deno.test("PacedQueue: what is dropped is as if it had never been put", async () => {
  const stage = new Stage();
  const { queue, clock } = stage;
  queue.put(delivery("a"));
  await settle();
  for (let i = 0; i < 20; i++) queue.putAnswer(reply(i));
  queue.drop();
  assertEquals([queue.isEmpty, stage.held], [true, 0]);
  queue.putAnswer(reply(99));
  clock.advance(1_200);
  await settle();
  assertEquals(stage.written, ["a", 99]);
  assertEquals(queue.isFull, false);
});

Deno.test("PacedQueue: once closed it takes and writes nothing, and nobody waits", async () => {
  const stage = new Stage();
  const { queue, clock, conn } = stage;
  conn.takes = false;
  for (let i = 0; i < 60; i++) queue.put(delivery(i));
  for (let i = 0; i < 20; i++) queue.putAnswer(reply(i));
  await settle();
  const waiting = Promise.all([queue.roomy(), queue.drained()]);
  queue.close();
  await waiting;
  assertEquals([queue.put(delivery("x")), stage.held, clock.pending], [false, 0, 0]);
  conn.takes = true;
  clock.advance(5_000);
  await settle();
  assertEquals(stage.written.length, 1, "what was being written");
});

Deno.test("PacedQueue: when the client takes lines, what waits goes out as these", async () => {
  const { queue, conn, clock } = new Stage();
  queue.put(delivery("a"));
  await settle();
  queue.put(delivery("b"));
  queue.putAnswer(reply(1));
  const outbox = queue.becomeLines();
  assertEquals(outbox.put(delivery("c")), true);
  await settle();
  assertEquals(conn.writes.slice(1).join(""), reply(1) + delivery("b") + delivery("c"));
  assertEquals(clock.pending, 0);
});

/** The same, with methods that can be taken apart from it. */
function bound(stage: Stage) {
  const { queue, conn, clock, fullness } = stage;
  return {
    queue,
    conn,
    clock,
    fullness,
    times: (ms: number, step?: number) => stage.times(ms, step),
  };
}

Deno.test("PacedQueue: a message has the keys that the client uses when it leaves", async () => {
  const { queue, conn, shape, clock, outbox } = new Stage();
  const longest = "x".repeat(1_024 - JSON.stringify(shape.messageOf(5, "bob", "")).length);
  for (const message of ["a", "b", longest]) assert(queue.put(delivery(message)));
  await outbox.drained();
  shape.name = "Eve";
  shape.sawMessage("message", { sender: "Eve", destination: "bob", message_text: "x" });
  for (let i = 0; i < 2; i++) {
    await settle();
    clock.advance(1_200);
  }
  await settle();
  assertEquals(conn.writes.slice(1).map((write) => JSON.parse(write)), [
    { action: "message", time: 5, sender: "bob", destination: "Eve", message_text: "b" },
    { action: "msg", time: 5, from: "bob", to: "", message: longest }, // too long under the others
  ]);
});

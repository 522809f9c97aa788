import { assertEquals } from "@std/assert";

import { Outbox } from "../../../common/wire/outbox.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

Deno.test("Outbox writes the frames of one turn in one write, in order", async () => {
  const conn = new FakeConn();
  const outbox = new Outbox(conn);
  for (const frame of ["a\n", "b\n", "c\n"]) outbox.put(frame);
  assertEquals(conn.writes, [], "put never writes by itself");
  await settle();
  outbox.put("d\n");
  await outbox.drained();
  assertEquals(conn.writes, ["a\nb\nc\n", "d\n"]);
});

Deno.test("Outbox gathers what comes while a write is under way", async () => {
  const conn = new FakeConn();
  const outbox = new Outbox(conn);
  conn.takes = false;
  outbox.put("a\n");
  await settle();
  for (const frame of ["b\n", "c\n"]) outbox.put(frame);
  conn.takes = true;
  await outbox.drained();
  assertEquals(conn.writes, ["a\n", "b\nc\n"]);
});

Deno.test("Outbox schedules one urgent flush and one for answers, however often the other one was first", async () => {
  const conn = new FakeConn();
  const scheduled: { flush: () => void; isUrgent: boolean }[] = [];
  const outbox = new Outbox(conn, {
    schedule: (flush, isUrgent) => scheduled.push({ flush, isUrgent }),
  });
  for (let i = 0; i < 3; i++) {
    outbox.putAnswer("a\n");
    outbox.put("m\n");
    outbox.putAnswer("b\n");
    outbox.put("n\n");
    assertEquals(scheduled.map(({ isUrgent }) => isUrgent), [false, true]);
    scheduled.pop()!.flush();
    await outbox.drained();
  }
  outbox.putAnswer("c\n");
  scheduled.pop()!.flush();
  await outbox.drained();
  assertEquals([conn.writes.join(""), scheduled.length], ["a\nm\nb\nn\n".repeat(3) + "c\n", 0]);
  outbox.putAnswer("d\n");
  assertEquals(scheduled.length, 1);
});

Deno.test("Outbox goes on behind a write that took a part only", async () => {
  let text = "";
  const sink = {
    write(bytes: Uint8Array): Promise<number> {
      text += new TextDecoder().decode(bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.length));
    },
  };
  const outbox = new Outbox(sink);
  outbox.put("0123456789\n");
  outbox.put("abc\n");
  await outbox.drained();
  assertEquals(text, "0123456789\nabc\n");
  assertEquals(outbox.queuedBytes, 0);
});

Deno.test("Outbox is capped in bytes, not characters, and says when it is full and roomy", async () => {
  const conn = new FakeConn();
  const events: string[] = [];
  const outbox = new Outbox(conn, {
    maxBytes: 8,
    onFull: () => events.push("full"),
    onRoomy: () => events.push("roomy"),
  });
  conn.takes = false;
  assertEquals(outbox.put("яя\n"), true, "5 bytes");
  assertEquals(outbox.put("яя\n"), false, "10 would be too many");
  assertEquals(outbox.put("ab\n"), true, "8 are allowed");
  assertEquals(outbox.queuedBytes, 8);
  assertEquals(outbox.put("\n"), false);
  assertEquals(events, ["full"]);
  conn.takes = true;
  await outbox.roomy();
  assertEquals(events, ["full", "roomy"]);
  assertEquals(outbox.put("x\n"), true);
  await outbox.drained();
  assertEquals(conn.writes.join(""), "яя\nab\nx\n");
});

Deno.test("Outbox takes a frame over the cap if it is empty, and answers always", async () => {
  const conn = new FakeConn();
  const outbox = new Outbox(conn, { maxBytes: 4 });
  conn.takes = false;
  assertEquals(outbox.put("0123456789\n"), true);
  assertEquals(outbox.put("x\n"), false);
  outbox.putAnswer("200\n");
  assertEquals(outbox.isFull, true);
  conn.takes = true;
  await outbox.drained();
  assertEquals(conn.writes.join(""), "0123456789\n200\n");
});

/** Closes an outbox and says how many of its frames were not written. */
function unwritten(outbox: Outbox): number {
  outbox.close();
  return outbox.framesPut - outbox.framesWritten;
}

Deno.test("Outbox knows which frames were not written", async () => {
  const conn = new FakeConn();
  const outbox = new Outbox(conn);
  outbox.put("a\n");
  await outbox.drained();
  conn.takes = false;
  outbox.put("b\n");
  await settle();
  outbox.put("c\n");
  outbox.putAnswer("d\n");
  assertEquals([unwritten(outbox), outbox.framesWritten], [3, 1], "b, c and d");
  assertEquals([unwritten(outbox), outbox.framesWritten], [3, 1]);
  assertEquals(outbox.put("e\n"), false);
  conn.takes = true;
  await settle();
  assertEquals(
    conn.writes,
    ["a\n", "b\n"],
    "nothing is written after close but what was under way",
  );
});

Deno.test("Outbox counts frames when all of their write is written", async () => {
  const counts = [3, 6, 7];
  const taken: ((count: number) => void)[] = [];
  const written: number[] = [];
  const sink = { write: () => new Promise<number>((resolve) => taken.push(resolve)) };
  const outbox = new Outbox(sink, { onWritten: (bytes) => written.push(bytes) });
  for (const frame of ["один\n", "два\n"]) outbox.put(frame);
  await settle();
  for (const count of counts) {
    assertEquals([outbox.framesWritten, outbox.isEmpty], [0, false]);
    taken.pop()!(count);
    await settle();
  }
  assertEquals([outbox.framesWritten, outbox.isEmpty, written], [2, true, counts]);
});

/** Takes texts whole, at once or when the test says so. */
class TextSink {
  readonly written: string[] = [];
  /** Completes the write that is under way. */
  take: (() => void) | undefined;
  isSlow = false;

  write(bytes: Uint8Array): number {
    const part = bytes.subarray(0, 40_000);
    this.written.push(`bytes:${part.length}`);
    return part.length;
  }

  writeText(text: string): number | Promise<number> {
    this.written.push(text);
    const bytes = new TextEncoder().encode(text).length;
    if (!this.isSlow) return bytes;
    return new Promise((resolve) => this.take = () => resolve(bytes));
  }
}

Deno.test("Outbox writes texts where that is possible, and is done as soon as they are taken", async () => {
  const sink = new TextSink();
  const written: number[] = [];
  const outbox = new Outbox(sink, { onWritten: (bytes) => written.push(bytes) });
  outbox.put("один\n");
  outbox.putAnswer("два\n");
  await settle();
  assertEquals(sink.written, ["один\nдва\n"]);
  assertEquals([outbox.isEmpty, outbox.framesWritten, written], [true, 2, [16]]);
});

Deno.test("Outbox gathers behind a text that takes its time, and counts its bytes", async () => {
  const sink = new TextSink();
  sink.isSlow = true;
  const memory = { total: 0, add: (bytes: number) => void (memory.total += bytes) };
  const outbox = new Outbox(sink, { memory, maxBytes: 20 });
  outbox.put("один\n");
  await settle();
  assertEquals([memory.total, outbox.queuedBytes, outbox.framesWritten], [9, 9, 0]);
  assertEquals(outbox.put("два\n"), true);
  assertEquals(outbox.put("шесть\n"), false);
  assertEquals(memory.total, 16);
  sink.take!();
  await settle();
  assertEquals([sink.written, outbox.framesWritten], [["один\n", "два\n"], 1]);
  assertEquals(memory.total, 7);
  outbox.close();
  assertEquals(memory.total, 0);
  sink.take!();
  await settle();
  assertEquals([memory.total, outbox.framesWritten], [0, 1]);
});

Deno.test("Outbox writes much in parts", async () => {
  const sink = new TextSink();
  sink.isSlow = true;
  const outbox = new Outbox(sink);
  outbox.put("a\n");
  await settle();
  for (let i = 0; i < 5; i++) outbox.put("x".repeat(19_999) + "\n");
  sink.take!();
  await settle();
  assertEquals(sink.written, ["a\n", "bytes:40000", "bytes:40000", "bytes:20000"]);
  assertEquals([outbox.isEmpty, outbox.framesWritten], [true, 6]);
});

Deno.test("Outbox counts bytes to the last one, whether a write is under way or not", async () => {
  const frames = ["x\n", "яя\n", "😀\n", "0123456789\n"];
  const sizes = frames.map((frame) => new TextEncoder().encode(frame).length);
  const total = sizes.reduce((sum, size) => sum + size);
  for (const isWriting of [false, true]) {
    for (const maxBytes of [total - 1, total, 3 * total]) {
      const conn = new FakeConn();
      conn.takes = false;
      const outbox = new Outbox(conn, { maxBytes: maxBytes + (isWriting ? 2 : 0) });
      if (isWriting) {
        outbox.put("a\n");
        await settle();
      }
      const taken = frames.map((frame) => outbox.put(frame));
      assertEquals(taken, [true, true, true, maxBytes >= total], `${isWriting} ${maxBytes}`);
      outbox.close();
    }
  }
});

Deno.test("Outbox tells its memory what it holds: what is being written and what waits for that", async () => {
  const memory = { total: 0, add: (bytes: number): void => void (memory.total += bytes) };
  let took = Promise.withResolvers<number>();
  const outbox = new Outbox({ write: () => took.promise }, { memory });
  const taken = (count: number): Promise<void> => {
    const { resolve } = took;
    took = Promise.withResolvers();
    resolve(count);
    return settle();
  };
  outbox.put("один\n");
  assertEquals(memory.total, 0, "its flush is near");
  await settle();
  assertEquals(memory.total, 9);
  outbox.put("😀\n");
  outbox.putAnswer("x\n");
  assertEquals([memory.total, outbox.heldBytes, outbox.queuedBytes], [16, 16, 16]);
  await taken(4);
  assertEquals(memory.total, 12);
  await taken(5);
  assertEquals([memory.total, outbox.framesWritten], [7, 1]);
  await taken(7);
  assertEquals([memory.total, outbox.heldBytes], [0, 0]);
  outbox.put("a\n");
  await settle();
  outbox.put("b\n");
  outbox.close();
  assertEquals(memory.total, 0);
});

Deno.test("Outbox drops what no write has begun on; what is put then comes next", async () => {
  const conn = new FakeConn();
  conn.takes = false;
  const outbox = new Outbox(conn, { maxBytes: 4 });
  outbox.put("a\n");
  await settle();
  outbox.put("b\n");
  outbox.putAnswer("c\n");
  outbox.drop();
  assertEquals([outbox.heldBytes, outbox.framesPut], [2, 1]);
  outbox.putAnswer("d\n");
  conn.takes = true;
  await outbox.drained();
  assertEquals([conn.writes, outbox.framesWritten], [["a\n", "d\n"], 2]);
});

Deno.test("Outbox reports a failing write once and wakes nobody falsely", async () => {
  const errors: unknown[] = [];
  const sink = { write: (): Promise<number> => Promise.reject(new Deno.errors.BrokenPipe("x")) };
  const outbox = new Outbox(sink, { onError: (error) => errors.push(error) });
  outbox.put("a\n");
  await settle();
  assertEquals(errors.length, 1);
  assertEquals(unwritten(outbox), 1);
  await outbox.drained();
  await outbox.roomy();
});

import { assertEquals } from "@std/assert";

import { Outbox } from "../../common/outbox.ts";
import { FakeConn } from "../support/fake_conn.ts";
import { settle } from "../support/settle.ts";

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

Deno.test("Outbox hands back the letters that were not written, once", async () => {
  const conn = new FakeConn();
  const outbox = new Outbox<string>(conn);
  outbox.put("a\n", "A");
  await outbox.drained();
  conn.takes = false;
  outbox.put("b\n", "B");
  await settle();
  outbox.put("c\n");
  outbox.put("d\n", "D");
  assertEquals(outbox.close(), ["B", "D"]);
  assertEquals(outbox.close(), []);
  assertEquals(outbox.put("e\n"), false);
  conn.takes = true;
  await settle();
  assertEquals(
    conn.writes,
    ["a\n", "b\n"],
    "nothing is written after close but what was under way",
  );
});

Deno.test("Outbox reports a failing write once and wakes nobody falsely", async () => {
  const errors: unknown[] = [];
  const sink = { write: (): Promise<number> => Promise.reject(new Deno.errors.BrokenPipe("x")) };
  const outbox = new Outbox<string>(sink, { onError: (error) => errors.push(error) });
  outbox.put("a\n", "A");
  await settle();
  assertEquals(errors.length, 1);
  assertEquals(outbox.close(), ["A"]);
  await outbox.drained();
  await outbox.roomy();
});

import { assertEquals, assertStrictEquals } from "@std/assert";

import { isOverlong, LineReader } from "../../common/lines.ts";
import { Splitter, SplitterPool } from "../../common/splitter.ts";
import { FakeConn } from "../support/fake_conn.ts";

Deno.test("Splitter gives the lines that a text completes and keeps the rest", async () => {
  const splitter = new Splitter();
  assertEquals(await splitter.split("a\nb\r\n\nc"), ["a", "b"]);
  assertEquals(await splitter.split("d"), []);
  assertEquals(await splitter.split("e\n"), ["cde"]);
  assertEquals(await splitter.split("last"), []);
  assertEquals(await splitter.finish(), "last");
});

Deno.test("SplitterPool gives out again what was given back", () => {
  const pool = new SplitterPool();
  const splitter = pool.take();
  pool.giveBack(splitter);
  assertStrictEquals(pool.take(), splitter);
});

Deno.test("connections that share a pool never see each other's lines", async () => {
  const splitters = new SplitterPool();
  const conns = [new FakeConn(), new FakeConn(), new FakeConn()];
  const collected = conns.map(async (conn) => {
    const lines: string[] = [];
    for await (const batch of new LineReader(conn, { splitters, maxLineBytes: 8 })) {
      lines.push(...batch.filter((line) => !isOverlong(line)).map((line) => line.slice(0, 2)));
    }
    return lines;
  });
  for (let round = 0; round < 20; round++) {
    conns.forEach((conn, i) => {
      conn.feed(`${i}a\n${i}b`);
      conn.feed(round % 3 === i ? "\n" : `x\n${i}${"y".repeat(20)}\n`);
    });
    await Promise.resolve();
  }
  conns.forEach((conn, i) => {
    conn.feed(`${i}z`);
    conn.end();
  });
  for (const [i, lines] of (await Promise.all(collected)).entries()) {
    assertEquals(lines.filter((line) => line[0] !== String(i)), []);
    assertEquals(lines.at(-1), `${i}z`);
    assertEquals(lines.filter((line) => line === `${i}a`).length, 20);
  }
});

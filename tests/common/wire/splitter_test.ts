import { assertEquals, assertStrictEquals } from "@std/assert";

import { isOverlong, LineReader } from "../../../common/wire/lines.ts";
import { Splitter, SplitterPool } from "../../../common/wire/splitter.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { seededRandom } from "../../support/random.ts";

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
    for await (const batch of new LineReader(conn, { splitters, maxLine: 8 })) {
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

Deno.test("what many connections say at once is told apart, however it is cut", async () => {
  const random = seededRandom(7);
  const below = (limit: number): number => Math.floor(random() * limit);
  const splitters = new SplitterPool();
  const texts = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: 60 }, (_, k) => {
      const text = `${i}:${k} ${
        "я😀x"[below(3)]!.repeat(below(10) === 0 ? below(900) : below(30))
      }`;
      return below(8) === 0 ? "" : text.replaceAll(/[\ud800-\udfff]/g, "😀");
    }));
  const conns = texts.map(() => new FakeConn());
  const collected = conns.map(async (conn) => {
    const lines: string[] = [];
    for await (const batch of new LineReader(conn, { splitters })) lines.push(...batch);
    return lines;
  });
  const rest = texts.map((lines) =>
    new TextEncoder().encode(lines.map((line) => line + (below(2) ? "\n" : "\r\n")).join(""))
  );
  while (rest.some((bytes) => bytes.length > 0)) {
    for (const [i, conn] of conns.entries()) {
      if (below(3) === 0) continue; // not everybody speaks in every turn
      // Whole lines mostly, as clients send them, but also pieces of them.
      const size = below(4) > 0 ? rest[i]!.indexOf(10) + 1 : below(rest[i]!.length + 1);
      if (size > 0) conn.feed(rest[i]!.slice(0, size));
      rest[i] = rest[i]!.subarray(size);
    }
    for (let ticks = below(12); ticks > 0; ticks--) await Promise.resolve();
  }
  for (const conn of conns) conn.end();
  const expected = texts.map((lines) => lines.filter((line) => line !== ""));
  assertEquals(await Promise.all(collected), expected);
});

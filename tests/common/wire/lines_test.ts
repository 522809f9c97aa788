import { assert, assertEquals, assertRejects } from "@std/assert";

import {
  BATCH_LINES,
  isOverlong,
  LineReader,
  type LineReaderOptions,
} from "../../../common/wire/lines.ts";
import { Splitter, SplitterPool } from "../../../common/wire/splitter.ts";
import { byteSource, receivedSource } from "../../support/byte_source.ts";
import { seededRandom } from "../../support/random.ts";

async function linesOf(
  input: string | Uint8Array | (string | Uint8Array)[],
  options?: LineReaderOptions,
): Promise<string[]> {
  const chunks = (Array.isArray(input) ? input : [input])
    .map((chunk) => typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk)
    .filter((chunk) => chunk.length > 0);
  const [read, received] = await Promise.all([byteSource, receivedSource].map(async (sourceOf) => {
    const lines: string[] = [];
    for await (const batch of new LineReader(sourceOf(chunks), options)) {
      assert(batch.length > 0, "no empty batch is yielded");
      lines.push(...batch);
    }
    return lines.map((line) => isOverlong(line) ? "<overlong>" : line);
  }));
  assertEquals(received, read);
  return read!;
}

Deno.test("LineReader splits at \\n and \\r\\n and leaves out empty lines", async () => {
  assertEquals(await linesOf("a\nb\r\n\n\r\nc\n"), ["a", "b", "c"]);
  assertEquals(await linesOf(["a\r", "\nb"]), ["a", "b"]);
  assertEquals(await linesOf(""), []);
  assertEquals(await linesOf("\n\n"), []);
});

Deno.test("LineReader yields a last line without its end", async () => {
  assertEquals(await linesOf("a\nlast"), ["a", "last"]);
  assertEquals(await linesOf(["la", "st"]), ["last"]);
});

Deno.test("LineReader yields no half line when reading fails", async () => {
  const reset = new Deno.errors.ConnectionReset("gone");
  for (const sourceOf of [byteSource, receivedSource]) {
    const lines: string[] = [];
    await assertRejects(async () => {
      const source = sourceOf([new TextEncoder().encode('{"a":1}\n{"b')], reset);
      for await (const batch of new LineReader(source)) lines.push(...batch);
    }, Deno.errors.ConnectionReset);
    assertEquals(lines, ['{"a":1}']);
  }
});

Deno.test("LineReader yields a batch at a time, and asks before the next one of the same read", async () => {
  const texts = Array.from({ length: 3 * BATCH_LINES + 5 }, (_, n) => `${n}`);
  // The first read is of whole lines, the second one is not.
  const chunks = ["", "not whole"].map((end) =>
    new TextEncoder().encode(texts.join("\n") + "\n" + end)
  );
  for (const sourceOf of [byteSource, receivedSource]) {
    const asked: number[] = [];
    let held = 0;
    const reader = new LineReader(sourceOf(chunks), {
      maxLine: 1_000,
      onHeld: (bytes) => void (held += bytes),
      beforeReading: (count) => {
        asked.push(count);
        return asked.length % 2 === 0 ? undefined : Promise.resolve();
      },
    });
    const batches: string[][] = [];
    for await (const lines of reader) batches.push([...lines]);
    const [first, second] = chunks.map(({ length }) => length);
    assertEquals(batches.flat(), [...texts, ...texts, "not whole"]);
    assertEquals(Math.max(...batches.map(({ length }) => length)), BATCH_LINES);
    const more = Array(3).fill(Infinity);
    assertEquals(asked.slice(0, 8), [...more, first, ...more, second]);
    assertEquals(held, 0);
  }
});

Deno.test("LineReader yields what could not be taken at once, even if that is nothing", async () => {
  const chunks = ["a\nb\n", "c\n", "d\ne\n", "f"].map((text) => new TextEncoder().encode(text));
  for (const sourceOf of [byteSource, receivedSource]) {
    const taken: string[] = [];
    const takeAtOnce = (lines: readonly string[]): readonly string[] | undefined => {
      taken.push(lines[0]!);
      if (lines[0] === "a") return undefined;
      return lines.slice(1);
    };
    const yielded = await Array.fromAsync(new LineReader(sourceOf(chunks), { takeAtOnce }));
    assertEquals([taken, yielded], [["a", "c", "d", "f"], [[], ["e"], []]]);
  }
  const failing = new LineReader(byteSource(chunks), {
    takeAtOnce: () => {
      throw new Error("no");
    },
  });
  await assertRejects(() => failing.next(), Error, "no");
});

Deno.test("LineReader reads into no buffer where it is given bytes, but what it reads ahead", async () => {
  const chunks = ["a\n", "b\nc", "d\n"].map((text) => new TextEncoder().encode(text));
  const source = receivedSource(chunks);
  let reads = 0;
  const read = (buffer: Uint8Array<ArrayBuffer>): Promise<number | null> => {
    reads++;
    return source.read(buffer);
  };
  const reader = new LineReader({ ...source, read });
  const first = reader.next();
  const asked = reader.ahead();
  assertEquals([await asked, reads], [2, 0], "who asks while it waits for bytes is told of them");
  assertEquals((await first).value, ["a"]);
  assertEquals(await reader.ahead(), 3);
  assertEquals([await Array.fromAsync(reader), reads], [[["b"], ["cd"]], 1]);
});

Deno.test("LineReader tells who asks, too, that reading ends or fails", async () => {
  const reader = new LineReader(receivedSource([]));
  const end = reader.next();
  assertEquals(await reader.ahead(), null);
  assertEquals((await end).done, true);
  const failing = new LineReader(receivedSource([], new Deno.errors.ConnectionReset("gone")));
  const failed = assertRejects(() => failing.next(), Deno.errors.ConnectionReset);
  await assertRejects(() => failing.ahead(), Deno.errors.ConnectionReset);
  await failed;
});

Deno.test("LineReader cuts a line over the limit, once, and serves the next", async () => {
  const options = { maxLine: 10 };
  assertEquals(await linesOf("0123456789\nx\n", options), ["0123456789", "x"]);
  assertEquals(await linesOf("0123456789\r\nx\n", options), ["0123456789", "x"]);
  assertEquals(await linesOf(["0123456789\r", "\nx\n"], options), ["0123456789", "x"]);
  assertEquals(await linesOf("0123456789a\nx\n", options), ["<overlong>", "x"]);
  assertEquals(await linesOf(["0123456789", "a\nx\n"], options), ["<overlong>", "x"]);
  assertEquals(await linesOf(["0123456789\r", "a\nx\n"], options), ["<overlong>", "x"]);
  assertEquals(await linesOf("ok\n" + "y".repeat(99) + "\nx", options), ["ok", "<overlong>", "x"]);
  assertEquals(await linesOf("y".repeat(99), options), ["<overlong>"]);
  assertEquals(await linesOf("яяяяя\nяяяяяя\nx\n", options), ["яяяяя", "<overlong>", "x"]);
});

Deno.test("LineReader says that a line is over the limit before its end has come", async () => {
  const never = Promise.withResolvers<number | null>();
  let reads = 0;
  const source = {
    read(buffer: Uint8Array): Promise<number | null> {
      if (reads++ > 0) return never.promise;
      buffer.fill(0x78);
      return Promise.resolve(buffer.length);
    },
  };
  const lines = new LineReader(source, { maxLine: 64 })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  assertEquals((value as string[]).map(isOverlong), [true]);
  never.resolve(null);
  assertEquals((await lines.next()).done, true);
});

Deno.test("LineReader makes U+FFFD of what is not UTF-8, and of nothing else", async () => {
  const bytes = (...list: number[]): Uint8Array => new Uint8Array(list);
  assertEquals(await linesOf(bytes(0x61, 0xff, 0x62, 0x0a)), ["a\uFFFDb"]);
  assertEquals(await linesOf(bytes(0xd1, 0x0a, 0x78, 0x0a)), ["\uFFFD", "x"]);
  assertEquals(await linesOf(bytes(0x78, 0xf0, 0x9f)), ["x\uFFFD"]);
  assertEquals(await linesOf([bytes(0xf0, 0x9f), bytes(0x98, 0x80, 0x0a)]), ["😀"]);
  assertEquals(
    await linesOf(bytes(0xed, 0xa0, 0x80, 0x0a)),
    ["\uFFFD\uFFFD\uFFFD"],
    "a surrogate is no UTF-8",
  );
  assertEquals(
    await linesOf(bytes(0xed, 0xbf, 0xbf, 0x0a)),
    ["\uFFFD\uFFFD\uFFFD"],
    "nor can it fake the mark",
  );
});

Deno.test("LineReader holds no more than the limit of an endless line", async () => {
  const chunk = new Uint8Array(32_768).fill(0x78);
  let reads = 0;
  let largest = 0;
  const source = {
    read(buffer: Uint8Array): Promise<number | null> {
      largest = Math.max(largest, buffer.length);
      if (reads++ === 2_000) return Promise.resolve(null);
      const part = chunk.subarray(0, buffer.length);
      buffer.set(part);
      return Promise.resolve(part.length);
    },
  };
  const lines: string[] = [];
  for await (const batch of new LineReader(source)) lines.push(...batch);
  assertEquals(lines.length, 1);
  assert(lines[0]!.length <= 32_769, "the cut line");
  assert(largest <= 8_192, "the buffer");
});

Deno.test("LineReader tells what it holds of lines that are not whole, or not served, unless that is little", async () => {
  const chunks = ["a\n", "x".repeat(600), "y".repeat(500) + "\nz", "\n", "x".repeat(600)]
    .map((text) => new TextEncoder().encode(text));
  const lines = new LineReader(byteSource(chunks), { onHeld: (bytes) => void (held += bytes) });
  let held = 0;
  const seen: [number, number][] = [];
  for await (const batch of lines) seen.push([batch[0]!.length, held]);
  assertEquals(seen, [[1, 0], [1_100, 1_102], [1, 0], [600, 600]]);
});

Deno.test("LineReader equals a naive splitter, however the bytes are cut", async () => {
  const random = seededRandom(20_261_123);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const max = 24;
  const pieces = [
    "a",
    "я",
    "😀",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "0123456789",
    "日本語日本語",
    "\x00",
    " ",
  ];
  for (let round = 0; round < 1_500; round++) {
    const bytes: number[] = [];
    for (let i = Math.floor(random() * 40); i > 0; i--) {
      if (random() < 0.05) bytes.push(Math.floor(random() * 256));
      else bytes.push(...new TextEncoder().encode(pick(pieces)));
    }
    const input = new Uint8Array(bytes);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < input.length;) {
      const size = 1 + Math.floor(random() * random() * 30);
      chunks.push(input.subarray(at, at + size));
      at += size;
    }
    assertEquals(
      await linesOf(chunks, { maxLine: max }),
      naiveLines(input, max),
      `round ${round}`,
    );
  }
});

/** All at once, the obvious way. */
function naiveLines(input: Uint8Array, max: number): string[] {
  const lines: string[] = [];
  let rest = [...input];
  for (;;) {
    const end = rest.indexOf(0x0a);
    const isLast = end === -1;
    let line = isLast ? rest : rest.slice(0, end);
    if (line.at(-1) === 0x0d) {
      // At the end of input a `\r` belongs to the text, but does not count.
      if (line.length - 1 > max) line = new Array(max + 1).fill(0x78);
      else if (!isLast) line = line.slice(0, -1);
      else {
        lines.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(line)));
        break;
      }
    }
    if (line.length > max) lines.push("<overlong>");
    else if (line.length > 0) {
      lines.push(new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(line)));
    }
    if (isLast) break;
    rest = rest.slice(end + 1);
  }
  return lines;
}

Deno.test("LineReader does not split a flood of empty lines", async () => {
  let given = 0;
  class Spy extends Splitter {
    override split(text: string): Promise<string[]> {
      given += text.length;
      return super.split(text);
    }
  }
  class SpyPool extends SplitterPool {
    override take(): Splitter {
      return new Spy();
    }
  }
  const flood = "a\n" + "\n".repeat(50_000) + "\r\n".repeat(50_000) + "\r\r\nb\n";
  const chunks = flood.match(/[^]{1,1000}/g)!;
  assertEquals(await linesOf(chunks, { splitters: new SpyPool() }), ["a", "\r", "b"]);
  assert(given < 5 * chunks.length, `${given} characters were split`);
});

Deno.test("LineReader reads ahead one chunk, which stays for the consumer; the end and a failure are seen", async () => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const reader = new LineReader(byteSource([encode("a\n"), encode("b\nc"), encode("d\n")]));
  assertEquals([await reader.ahead(), await reader.ahead()], [2, 2], "the same read");
  const lines: string[] = [];
  const counts: (number | null)[] = [];
  for await (const batch of reader) {
    lines.push(...batch);
    counts.push(await reader.ahead());
  }
  assertEquals([lines, counts], [["a", "b", "cd"], [3, 2, null]]);

  const failing = new LineReader(byteSource([], new Deno.errors.ConnectionReset("gone")));
  await assertRejects(() => failing.ahead(), Deno.errors.ConnectionReset);
  await assertRejects(() => Array.fromAsync(failing), Deno.errors.ConnectionReset);
});

Deno.test("LineReader reads ahead wherever the consumer is, and loses no byte", async () => {
  const random = seededRandom(7);
  for (let round = 0; round < 100; round++) {
    const lines = Array.from({ length: 40 }, (_, n) => `${n}`.repeat(1 + random() * 400));
    const bytes = new TextEncoder().encode(lines.join("\n") + "\n");
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = 1 + Math.floor(random() * 9_000);
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    const source = (round % 2 === 0 ? byteSource : receivedSource)(chunks);
    const reader = new LineReader(source, { onBytes: () => queueMicrotask(ahead) });
    const ahead = (): void => void (random() < 0.5 && reader.ahead());
    const got: string[] = [];
    for await (const batch of reader) {
      ahead();
      got.push(...batch);
      if (random() < 0.3) await Promise.resolve().then(ahead);
    }
    assertEquals(got, lines);
  }
});

Deno.test("LineReader goes on with what was read already, and gives the buffer back", async () => {
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  for (const size of [9, 512, 40_000]) {
    const buffer = new Uint8Array(size);
    buffer.set(bytes("a\nb\nc"));
    const counts: number[] = [];
    const source = byteSource([bytes("d\ne\n")]);
    const lines: string[] = [];
    const read: number[] = [];
    const reader = new LineReader(
      {
        read(into) {
          read.push(into.length);
          return source.read(into);
        },
      },
      { onBytes: (count) => counts.push(count) },
      { buffer, count: 5 },
    );
    for await (const batch of reader) lines.push(...batch);
    assertEquals(lines, ["a", "b", "cd", "e"]);
    assertEquals(counts, [5, 4]);
    assert(read.every((length) => length <= 8_192), `${read}`);
  }
  const none = new LineReader(byteSource([bytes("x\n")]), {}, {
    buffer: new Uint8Array(512),
    count: 0,
  });
  for await (const batch of none) assertEquals(batch, ["x"]);
});

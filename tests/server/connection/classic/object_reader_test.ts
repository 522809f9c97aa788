import { assert, assertEquals, assertRejects } from "@std/assert";

import { isOverlong, LineReader } from "../../../../common/wire/lines.ts";
import { Intake } from "../../../../server/connection/classic/intake.ts";
import { ObjectReader, STRAY_MARK } from "../../../../server/connection/classic/object_reader.ts";
import { byteSource, cutAtRandom } from "../../../support/byte_source.ts";
import { FakeConn } from "../../../support/fake_conn.ts";
import { seededRandom } from "../../../support/random.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a reader yields, a batch per entry, and then, if lines follow, the lines. */
async function read(chunks: (string | Uint8Array)[], maxLine = 200) {
  const bytes = chunks.map((chunk) => typeof chunk === "string" ? encode(chunk) : chunk)
    .filter(({ length }) => length > 0);
  const source = byteSource(bytes);
  let held = 0;
  let mostHeld = 0;
  const onHeld = (count: number): void => void (mostHeld = Math.max(mostHeld, held += count));
  const intake = new Intake(source, { onHeld });
  const reader = new ObjectReader(intake, maxLine);
  const batches: string[][] = [];
  for await (const texts of reader) {
    assert(texts.length > 0, "no empty batch is yielded");
    batches.push(texts.map((text) => isOverlong(text) ? "<overlong>" : text));
  }
  const lines: string[] = [];
  if (reader.hasLines) {
    for await (const batch of new LineReader(source, { maxLine }, intake.handOver())) {
      lines.push(...batch);
    }
    assertEquals(held, 0);
  }
  return { objects: batches.flat(), batches, lines, hasLines: reader.hasLines, mostHeld };
}

Deno.test("ObjectReader: one object in a hundred packets, a hundred in one", async () => {
  const object = '{"action":"msg","mess_text":"При}{вет \\" 世界 👋"}';
  const packets = Array.from(encode(object), (byte) => Uint8Array.of(byte));
  assertEquals((await read(packets)).objects, [object]);
  const { batches } = await read([object.repeat(100)], 9_000);
  assertEquals(batches.flat(), Array(100).fill(object));
  assertEquals((await read([object.repeat(5)])).batches.length, 1);
});

Deno.test("ObjectReader leaves out white space and yields no object that has not ended", async () => {
  assertEquals((await read(['{"a":1} \n\t\r {"b":2}\r\r', ' {"c":3}', '{"d":'])).objects, [
    '{"a":1}',
    '{"b":2}',
    '{"c":3}',
  ]);
});

Deno.test("ObjectReader: a newline behind the first object is white space, behind a later one it is not", async () => {
  for (const newline of ["\n", "\r\n"]) {
    const text = `{"a":1}${newline}{"b":2}{"c":3}${newline}{"d":4}${newline}`;
    assertEquals(await read([text]).then(({ objects, lines }) => [objects, lines]), [
      ['{"a":1}', '{"b":2}'],
      ['{"c":3}', '{"d":4}'],
    ]);
    // Wherever it is cut, every request comes once; one that was cut off from its newline comes as an object.
    for (let cut = 1; cut < encode(text).length; cut++) {
      const bytes = encode(text);
      const { objects, lines, hasLines } = await read([
        bytes.subarray(0, cut),
        bytes.subarray(cut),
      ]);
      assertEquals(objects.concat(lines), ['{"a":1}', '{"b":2}', '{"c":3}', '{"d":4}']);
      assertEquals(hasLines, true);
      assert(objects.length < 4);
    }
  }
});

Deno.test("ObjectReader: white space before the newline keeps it objects", async () => {
  assertEquals((await read(['{"a":1}{"b":2} \n{"c":3}\r\r\n', '{"d":4}'])).objects.length, 4);
});

Deno.test("ObjectReader: anything else between objects is the last", async () => {
  for (const stray of ["x", "}", "[", '"', ",", "\u0000", "ж"]) {
    const { objects, lines } = await read([`{"a":1}${stray}{"b":2}`, '{"c":3}\n']);
    assertEquals([objects, lines], [['{"a":1}', STRAY_MARK], []]);
  }
});

Deno.test("ObjectReader: an object over the limit is the last, and is not kept", async () => {
  const object = (size: number): string => `{"a":"${"x".repeat(size - 8)}"}`;
  assertEquals((await read([object(200) + object(200)])).objects, [object(200), object(200)]);
  assertEquals((await read([object(200) + object(201), '{"b":1}'])).objects, [
    object(200),
    "<overlong>",
  ]);
  const chunks = ['{"a":1}', ...Array(500).fill("{".repeat(2_000))];
  const { objects, mostHeld } = await read(chunks, 5_000);
  assertEquals(objects, ['{"a":1}', "<overlong>"]);
  assert(mostHeld <= 5_000 + 8_192, `${mostHeld}`);
});

Deno.test("ObjectReader: bytes that are not UTF-8 become U+FFFD", async () => {
  assertEquals((await read(['{"a":"', Uint8Array.of(0xff), '"}'])).objects, ['{"a":"\uFFFD"}']);
});

Deno.test("ObjectReader yields no half object when reading fails, and drops nothing before", async () => {
  const source = byteSource([encode('{"a":1}{"b":')], new Error("reset"));
  const objects: string[] = [];
  await assertRejects(async () => {
    for await (const batch of new ObjectReader(new Intake(source), 100)) objects.push(...batch);
  });
  assertEquals(objects, ['{"a":1}']);
});

Deno.test("ObjectReader reads ahead only when it is asked to", async () => {
  const conn = new FakeConn();
  const reader = new ObjectReader(new Intake(conn), 100);
  conn.feed('{"a":1}');
  const iterator = reader[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value, ['{"a":1}']);
  const ahead = reader.ahead();
  conn.feed('{"b":2}');
  assertEquals(await ahead, 7);
  conn.feed('{"c":3}');
  assertEquals((await iterator.next()).value, ['{"b":2}']);
  assertEquals((await iterator.next()).value, ['{"c":3}']);
});

/** The same, the simple way: the whole text, character by character. */
function naively(text: string, maxLine: number): { objects: string[]; lines: string[] } {
  const objects: string[] = [];
  for (let at = 0; at < text.length;) {
    if (/[ \t\r\n]/.test(text[at]!)) {
      at++;
      continue;
    }
    if (text[at] !== "{") return { objects: [...objects, STRAY_MARK], lines: [] };
    let depth = 0;
    let end = at;
    for (let inString = false; end < text.length; end++) {
      const char = text[end]!;
      if (inString && char === "\\") end++;
      else if (char === '"') inString = !inString;
      else if (!inString && char === "{") depth++;
      else if (!inString && char === "}" && --depth === 0) break;
    }
    const object = text.slice(at, end + 1);
    if (encode(object).length > maxLine) return { objects: [...objects, "<overlong>"], lines: [] };
    if (end >= text.length) break;
    if (objects.length > 0 && /^\r?\n/.test(text.slice(end + 1))) {
      const lines = [...text.slice(at).matchAll(/([^\n]*?)(?:\r?\n|$)/g)].map(([, line]) => line!);
      return { objects, lines: lines.filter((line) => line !== "") };
    }
    objects.push(object);
    at = end + 1;
  }
  return { objects, lines: [] };
}

Deno.test("ObjectReader yields what a naive scanner finds, wherever chunks are cut", async () => {
  const random = seededRandom(11);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  for (let round = 0; round < 3_000; round++) {
    let text = "";
    for (let i = random() * 6; i > 0; i--) {
      const value = Array.from(
        { length: random() * 12 },
        () => pick(["{", "}", '"', "\\", "ж", "\u{1F600}", "x", "\n", "}}{{", "\r\n", '\\"']),
      ).join("");
      text += JSON.stringify(pick([{ a: value }, { a: { [value]: 1 } }, {}]));
      text += pick(["", "", "", " ", "\t", "\r", " \n", "\n", "\r\n", random() < 0.2 ? "x" : ""]);
    }
    const pieces = cutAtRandom(encode(text), random, pick([1, 3, 20, 500]));
    const expected = naively(text, 60);
    const { objects, lines } = await read(pieces, 60);
    const strict = lines.map((line) => encode(line).length > 60 ? "" : line);
    // An object that came without its newline is yielded before that comes: then it is no line.
    const all = [...expected.objects, ...expected.lines];
    const overlong = all.findIndex((it) => encode(it).length > 60);
    const count = overlong === -1 ? all.length : overlong;
    assertEquals([...objects, ...strict].slice(0, count), all.slice(0, count), text);
    assert(
      objects.length - expected.objects.length === 0 ||
        (expected.lines.length > 0 && objects.length - expected.objects.length === 1),
      text,
    );
  }
});

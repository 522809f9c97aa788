import { assertEquals, assertStrictEquals } from "@std/assert";

import { SlabEncoder } from "../../../common/wire/slab_encoder.ts";
import { seededRandom } from "../../support/random.ts";

Deno.test("SlabEncoder gives the bytes that TextEncoder gives, and they stay as they are", () => {
  const random = seededRandom(7);
  const pieces = ["", "a", "é", "日本", "😀", "\ud800", "x".repeat(100), "я".repeat(3_000)];
  const encoder = new SlabEncoder();
  const seen: [text: string, bytes: Uint8Array][] = [];
  for (let round = 0; round < 2_000; round++) {
    let text = "";
    for (let i = Math.floor(random() * 4); i >= 0; i--) {
      text += pieces[Math.floor(random() * pieces.length)];
    }
    seen.push([text, encoder.encode(text)]);
  }
  const reference = new TextEncoder();
  for (const [text, bytes] of seen) assertEquals(bytes, reference.encode(text));
});

Deno.test("SlabEncoder fills its memory to the last byte and goes on in new memory", () => {
  const encoder = new SlabEncoder();
  const full = "日".repeat(5_461); // 16383 bytes of 16384
  const [first, second] = [encoder.encode(full), encoder.encode("é")];
  assertEquals(new TextDecoder().decode(first), full);
  assertEquals([...second], [0xc3, 0xa9]);
});

Deno.test("SlabEncoder encodes the same text in a row once", () => {
  const encoder = new SlabEncoder();
  const bytes = encoder.encode("hello");
  assertStrictEquals(encoder.encode(["hel", "lo"].join("")), bytes);
  assertEquals(encoder.encode("hullo"), new TextEncoder().encode("hullo"));
});

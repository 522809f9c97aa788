import { assertEquals } from "@std/assert";

import { ObjectScanner } from "../../../../server/connection/classic/object_scanner.ts";
import { seededRandom } from "../../../support/random.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("ObjectScanner finds an object's end, whatever its strings hold", () => {
  for (
    const object of [
      "{}",
      '{"a":{"b":{}}}',
      '{"a":"}"}',
      '{"a":"{"}',
      String.raw`{"a":"\"}"}`,
      String.raw`{"a":"\\"}`,
      String.raw`{"a":"\\\"}{"}`,
      '{"\u{1F600}":"Ж}\u0000"}',
      "{[}]",
    ]
  ) {
    const bytes = encode(object);
    const end = object === "{[}]" ? 3 : bytes.length;
    assertEquals(new ObjectScanner().scan(encode(object + "} {"), 0), end, object);
    const scanner = new ObjectScanner();
    for (let at = 0; at < end - 1; at++) {
      assertEquals(scanner.scan(bytes.subarray(at, at + 1), 0), -1);
      assertEquals(scanner.isInside, true);
    }
    assertEquals(scanner.scan(bytes.subarray(end - 1, end), 0), 1, object);
    assertEquals(scanner.isInside, false);
  }
});

Deno.test("ObjectScanner: one that ended begins anew", () => {
  const scanner = new ObjectScanner();
  const bytes = encode('{"a":1}{"b":"{"}');
  assertEquals([scanner.scan(bytes, 0), scanner.scan(bytes, 7)], [7, bytes.length]);
});

Deno.test("ObjectScanner finds the end of whatever JSON.stringify makes", () => {
  const random = seededRandom(7);
  const characters = ["{", "}", '"', "\\", "a", "Ж", "\u{1F600}", "\n", "\u0000", " "];
  const text = (): string =>
    Array.from({ length: random() * 6 }, () => characters[Math.floor(random() * 10)]).join("");
  const value = (depth: number): unknown => {
    const kind = Math.floor(random() * (depth > 3 ? 2 : 4));
    if (kind === 0) return text();
    if (kind === 1) return random();
    if (kind === 2) return Array.from({ length: random() * 4 }, () => value(depth + 1));
    return { [text()]: value(depth + 1), [text()]: value(depth + 1) };
  };
  for (let i = 0; i < 2_000; i++) {
    const object = encode(JSON.stringify({ a: value(0), [text()]: value(0) }));
    const behind = encode(text());
    const scanner = new ObjectScanner();
    const cut = Math.floor(random() * object.length);
    assertEquals(scanner.scan(object.subarray(0, cut), 0), -1);
    const rest = new Uint8Array([...object.subarray(cut), ...behind]);
    assertEquals(scanner.scan(rest, 0), object.length - cut);
  }
});

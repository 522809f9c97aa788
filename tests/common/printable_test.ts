import { assertEquals } from "@std/assert";

import { printable, printableJson, shown, withoutControls } from "../../common/printable.ts";

Deno.test("printable leaves text alone", () => {
  for (const text of ["", "hi", "привет", "日本語", "e\u0301", "👩‍👩‍👧", "שלום", "a b"]) {
    assertEquals(printable(text), text);
  }
});

Deno.test("printable escapes what steers a terminal, forges a line or reorders it", () => {
  assertEquals(printable("a\x1b[31mb\x07\x9b"), "a\\u{1b}[31mb\\u{7}\\u{9b}");
  assertEquals(printable("a\r\nb\tc\x7f"), "a\\u{d}\\nb\\tc\\u{7f}");
  assertEquals(printable("\u202ereversed\u2066\u200f"), "\\u{202e}reversed\\u{2066}\\u{200f}");
  assertEquals(printable("\u2028\ufeff\ud800"), "\\u{2028}\\u{feff}\\u{d800}");
});

Deno.test("shown cuts what is long, and then makes it printable", () => {
  assertEquals(shown("\x1b".repeat(60)), "\\u{1b}".repeat(60));
  assertEquals(shown("x".repeat(61)), `${"x".repeat(60)}…`);
  assertEquals(shown("ab", 1), "a…");
});

Deno.test("withoutControls leaves nothing that printable would escape; what parts words becomes a space", () => {
  for (const text of ["", "hi", "привет", "日本語", "e\u0301", "👩‍👩‍👧", "שלום", "a  b"]) {
    assertEquals(withoutControls(text), text);
  }
  assertEquals(withoutControls("a\r\nb\tc\x7fd\x9be\u2028f\u2029g"), "a  b c d e f g");
  assertEquals(withoutControls("\u202ere\u200fversed\u2066\ufeff\u{e0041}"), "reversed");
  assertEquals(withoutControls("\ud83d\u200e\ude00!"), "!", "two halves do not become a whole");
});

Deno.test("printableJson holds nothing that printable would escape, and is the same JSON", () => {
  const value = { topic: "\u202e\x9b2J\x7f\u{e0041}\ud800\n", 日本: ["\u2028", 1] };
  const text = printableJson(value);
  assertEquals(printable(text), text);
  assertEquals(JSON.parse(text), value);
  assertEquals(printableJson({ a: "é😀" }), '{"a":"é😀"}');
});

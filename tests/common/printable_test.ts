import { assertEquals } from "@std/assert";

import { printable } from "../../common/printable.ts";

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

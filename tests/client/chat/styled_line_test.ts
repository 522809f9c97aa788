import { assert, assertEquals, assertNotEquals } from "@std/assert";

import { errorLine, line, nameColour, paint, span } from "../../../client/chat/styled_line.ts";

Deno.test("what others say cannot steer the terminal, with and without colours", () => {
  const hostile = line("message", "\x1b[2J\u202e");
  assertEquals(paint(hostile, true), "\\u{1b}[2J\\u{202e}");
  assertEquals(paint(hostile, false), "\\u{1b}[2J\\u{202e}");
});

Deno.test("each style begins and ends in its own piece; plain text has none", () => {
  const spans = [span("a", "faint"), span("b"), span("", "strong"), span("c", "notice")];
  assertEquals(paint({ kind: "info", spans }, true), "\x1b[2ma\x1b[0mb\x1b[3;36mc\x1b[0m");
  assertEquals(paint({ kind: "info", spans }, false), "abc");
  assertEquals([errorLine("no").kind, paint(errorLine("no"), true)], [
    "error",
    "\x1b[31mno\x1b[0m",
  ]);
});

Deno.test("a name has one colour in all its spellings, and never the red of errors", () => {
  assertEquals(nameColour("EVE"), nameColour("eve"));
  assertNotEquals(nameColour("eve"), nameColour("bob"));
  const colours = Array.from({ length: 500 }, (_, i) => nameColour(`user${i}`));
  assert(new Set(colours).size > 10);
  assert(colours.every((colour) => ![1, 9, 160, 196].includes(colour)));
  const name = { kind: "message", spans: [span("eve", "name")] } as const;
  assertEquals(paint(name, true), `\x1b[38;5;${nameColour("eve")}meve\x1b[0m`);
});

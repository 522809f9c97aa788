import { assertEquals } from "@std/assert";

import { errorLine, line, paint, span } from "../../../client/chat/styled_line.ts";
import { nameColour, themeOf } from "../../../client/chat/theme.ts";

const AUTO = themeOf("auto")!;

Deno.test("what others say cannot steer the terminal, with and without colours", () => {
  const hostile = line("message", "\x1b[2J\u202e");
  assertEquals(paint(hostile, AUTO), "\\u{1b}[2J\\u{202e}");
  assertEquals(paint(hostile), "\\u{1b}[2J\\u{202e}");
});

Deno.test("each style begins and ends in its own piece; plain text has none", () => {
  const spans = [span("a", "faint"), span("b"), span("", "strong"), span("c", "notice")];
  assertEquals(paint({ kind: "info", spans }, AUTO), "\x1b[2ma\x1b[0mb\x1b[3;36mc\x1b[0m");
  assertEquals(paint({ kind: "info", spans }), "abc");
  assertEquals([errorLine("no").kind, paint(errorLine("no"), AUTO)], [
    "error",
    "\x1b[31mno\x1b[0m",
  ]);
});

Deno.test("a name has the colour of the whole name, a part of it, too", () => {
  const name = { kind: "message", spans: [span("eve", "name")] } as const;
  assertEquals(paint(name, AUTO), `\x1b[${nameColour("eve", AUTO)}meve\x1b[0m`);
  const part = { kind: "message", spans: [{ ...span("ev", "name"), whole: "eve" }] } as const;
  assertEquals(paint(part, AUTO), `\x1b[${nameColour("eve", AUTO)}mev\x1b[0m`);
});

Deno.test("a part of an address opens the whole, where the terminal is one that can", () => {
  const link = "https://example.org/a;b";
  const spans = [{ ...span("https:"), link }, { ...span("//"), style: "mention", link } as const];
  assertEquals(
    paint({ kind: "info", spans }, AUTO),
    `\x1b]8;;${link}\x1b\\https:\x1b]8;;\x1b\\` +
      `\x1b[1;35m\x1b]8;;${link}\x1b\\//\x1b]8;;\x1b\\\x1b[0m`,
  );
  assertEquals(paint({ kind: "info", spans }, themeOf("16")), "https:\x1b[1;35m//\x1b[0m");
  assertEquals(paint({ kind: "info", spans }), "https://");
});

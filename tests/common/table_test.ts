import { assertEquals } from "@std/assert";

import { alignTable } from "../../common/table.ts";

Deno.test("columns are aligned by what a terminal shows", () => {
  const rows = [
    ["NAME", "MAIL", "REASON"],
    ["eve", "7", "x"],
    ["Ева", "12", ""],
    ["日本語", "1000", "y"],
    ["e\u0301ve", "0"],
  ];
  assertEquals(alignTable(rows, [1]), [
    "NAME    MAIL  REASON",
    "eve        7  x",
    "Ева       12",
    "日本語  1000  y",
    "e\u0301ve        0",
  ]);
});

Deno.test("cells cannot steer the terminal", () => {
  assertEquals(alignTable([["\x1b[2J", "a"], ["\u202e", "b"]]), [
    "\\u{1b}[2J  a",
    "\\u{202e}   b",
  ]);
  assertEquals(alignTable([]), []);
});

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

Deno.test("a cell that is too wide is cut where nothing falls apart", () => {
  const cut = (text: string): string => alignTable([[text, "|"]], [], 6)[0]!;
  assertEquals(cut("sixsix"), "sixsix  |");
  assertEquals(cut("sevenxx"), "seven…  |");
  assertEquals(cut("日本語"), "日本語  |");
  assertEquals(cut("日本語x"), "日本…  |");
  assertEquals(cut("eeeee\u0301ee"), "eeeee\u0301…  |");
  assertEquals(cut("\x1b[2J"), "\\u{1b…  |");
});

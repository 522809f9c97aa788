import { assert, assertEquals } from "@std/assert";
import stringWidth from "string-width";

import { wrapTable, wrapWords } from "../../../client/chat/wrap.ts";

Deno.test("a text is broken between words only, by what a terminal shows", () => {
  assertEquals(wrapWords("one two three", 8), ["one two", "three"]);
  assertEquals(wrapWords("one", 1), ["one"]);
  assertEquals(wrapWords("日本 日本", 8), ["日本", "日本"]);
  assertEquals(wrapWords("a  b", Infinity), ["a  b"]);
});

Deno.test("meanings stand beside their terms, or below where that would be too narrow", () => {
  const rows = [["a", "one two three four five six"], ["long", "seven"]] as const;
  assertEquals(wrapTable(rows, 32), [
    "a     one two three four five",
    "      six",
    "long  seven",
  ]);
  assertEquals(wrapTable(rows, 24), [
    "a",
    "    one two three four",
    "    five six",
    "long",
    "    seven",
  ]);
  for (const columns of [40, 70]) {
    assert(wrapTable(rows, columns).every((row) => stringWidth(row) <= columns));
  }
});

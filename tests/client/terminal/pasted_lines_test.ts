import { assertEquals } from "@std/assert";

import { pastedLines } from "../../../client/terminal/pasted_lines.ts";

Deno.test("a paste is at least one line, whatever ends its lines", () => {
  const pastes = ["", "\n", "one", "one\r", "one\r\ntwo\rthree\nfour\n", "\n\n"];
  assertEquals(pastes.map(pastedLines), [
    [""],
    [""],
    ["one"],
    ["one"],
    ["one", "two", "three", "four"],
    ["", ""],
  ]);
});

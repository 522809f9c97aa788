import { assertEquals } from "@std/assert";

import { shellWord } from "../../common/shell_word.ts";

Deno.test("a text is one word for a shell", () => {
  assertEquals(shellWord("/opt/deno-2.9"), "/opt/deno-2.9");
  assertEquals(shellWord("a'b $c"), `'a'\\''b $c'`);
  assertEquals(shellWord(""), "''");
});

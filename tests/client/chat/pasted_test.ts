import { assertEquals } from "@std/assert";

import { splitText } from "../../../client/chat/pasted.ts";

Deno.test("a long text is broken between lines, and nothing is lost", () => {
  assertEquals(splitText("a\nb\nc", 4), ["a\nb", "c"]);
  assertEquals(splitText("a\nb\nc", 5), ["a\nb\nc"]);
  assertEquals(splitText("too long\nb", 4), ["too long", "b"]);
  assertEquals(splitText("🚀\n🚀", 3), ["🚀\n🚀"]);
});

Deno.test("a part that would be an empty message is left out", () => {
  assertEquals(splitText("a\n  \nb", 2), ["a", "b"]);
});

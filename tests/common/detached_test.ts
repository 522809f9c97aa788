import { assertEquals } from "@std/assert";

import { detached } from "../../common/detached.ts";

Deno.test("a detached text is the same text", () => {
  for (const text of ["", "a", "e\u0301 日本 🚀 \ud800", "x".repeat(5_000)]) {
    assertEquals(detached(text), text);
    assertEquals(detached(`${text}${text}`.slice(text.length)), text);
  }
});

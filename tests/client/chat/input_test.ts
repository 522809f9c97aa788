import { assertEquals } from "@std/assert";

import { mayRemember } from "../../../client/chat/input.ts";

Deno.test("what may hold a password is not remembered, however it is spelt", () => {
  for (
    const line of [
      "login eve secret",
      " /login secret",
      "/lgoin secret",
      "/Register x",
      "//pasword x",
    ]
  ) {
    assertEquals([line, mayRemember(line)], [line, false]);
  }
  for (const line of ["login", "/register", "message bob login secret", "join #dev", "выход"]) {
    assertEquals([line, mayRemember(line)], [line, true]);
  }
});

import { assertEquals } from "@std/assert";

import { environment } from "../../common/environment.ts";

Deno.test({
  name: "a variable that is empty, missing or forbidden is not set",
  permissions: { env: ["JIM_TEST_SET", "JIM_TEST_EMPTY", "JIM_TEST_MISSING"] },
  async fn() {
    Deno.env.set("JIM_TEST_SET", "x");
    Deno.env.set("JIM_TEST_EMPTY", "");
    const names = ["JIM_TEST_SET", "JIM_TEST_EMPTY", "JIM_TEST_MISSING", "JIM_TEST_FORBIDDEN"];
    assertEquals(await Promise.all(names.map(environment)), ["x", undefined, undefined, undefined]);
    Deno.env.delete("JIM_TEST_SET");
    Deno.env.delete("JIM_TEST_EMPTY");
  },
});

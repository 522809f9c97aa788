import { assertEquals } from "@std/assert";

import { inLanes } from "../../bench/in_lanes.ts";

Deno.test("each number is worked on once, 64 at a time, and results are in the order of the numbers", async () => {
  let now = 0;
  let most = 0;
  const results = await inLanes(200, async (n) => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    return n * 2;
  });
  assertEquals(results, Array.from({ length: 200 }, (_, n) => n * 2));
  assertEquals(most, 64);
});

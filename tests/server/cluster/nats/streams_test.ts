import { assertEquals } from "@std/assert";

import { isRecent } from "../../../../server/cluster/nats/streams.ts";

Deno.test("servers from 2.9.0 on are recent enough", () => {
  const right = ["2.9.0", "2.9.10", "2.10.1-beta.2", "2.10.0", "3.0.0", "v2.12.1", "10.0.0"];
  const wrong = ["2.8.99", "1.99.99", "0.0.0", "2.9", "", "next"];
  assertEquals(right.filter((version) => !isRecent(version)), []);
  assertEquals(wrong.filter(isRecent), []);
});

import { assertEquals } from "@std/assert";

import { CountingEncoder } from "../../../server/connection/counting_encoder.ts";
import { Counters } from "../../../server/metrics/counters.ts";

Deno.test("bytes are counted each time that a text is encoded, also one that was encoded before", () => {
  const counters = new Counters();
  const encoder = new CountingEncoder(counters);
  assertEquals([...encoder.encode("é")], [0xc3, 0xa9]);
  encoder.encode("é");
  assertEquals(counters.bytesWritten, 4);
});

import { assertEquals } from "@std/assert";

import { localTime } from "../../../server/admin/local_time.ts";

Deno.test("a time is local, with its offset from UTC", () => {
  const noon = Date.UTC(2026, 10, 29, 12) / 1_000;
  assertEquals(localTime(noon + 0.999, 0), "2026-11-29T12:00:00+00:00");
  assertEquals(localTime(noon, 60), "2026-11-29T13:00:00+01:00");
  assertEquals(localTime(noon, -210), "2026-11-29T08:30:00-03:30");
  assertEquals(localTime(noon, 840), "2026-11-30T02:00:00+14:00");
  for (const seconds of [noon, Date.UTC(2026, 6, 1) / 1_000]) {
    assertEquals(Date.parse(localTime(seconds)), seconds * 1_000, "the machine's own zone");
  }
});

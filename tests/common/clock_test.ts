import { assert, assertEquals } from "@std/assert";

import { systemClock, unixSeconds } from "../../common/clock.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("unixSeconds are whole, and never ahead of the clock", () => {
  assertEquals(unixSeconds({ ...systemClock, epochMs: () => 1_999 }), 1);
  assertEquals(unixSeconds({ ...systemClock, epochMs: () => 2_000 }), 2);
  const clock = new FakeClock();
  const before = unixSeconds(clock);
  clock.advance(5_000);
  assertEquals(unixSeconds(clock), before + 5);
});

Deno.test("the system's clock fires its timers and forgets those that were cleared", async () => {
  const start = systemClock.monotonicMs();
  const never = systemClock.setTimeout(() => assert(false), 1);
  systemClock.clearTimeout(never);
  systemClock.clearTimeout(undefined);
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 2));
  assert(systemClock.monotonicMs() > start);
  assert(Math.abs(systemClock.epochMs() - Date.now()) < 1_000);
});

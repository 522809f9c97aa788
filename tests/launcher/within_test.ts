import { assertEquals, assertRejects } from "@std/assert";

import { within } from "../../launcher/within.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("what is promised comes in time, or not at all", async () => {
  const clock = new FakeClock();
  const promised = Promise.withResolvers<string>();
  const inTime = within(10, promised.promise, clock);
  const late = within(9, promised.promise, clock);
  clock.advance(9);
  promised.resolve("done");
  assertEquals(await late, undefined);
  assertEquals(await inTime, "done");
  assertEquals(clock.pending, 0);
});

Deno.test("a promise that is broken in time is", async () => {
  const clock = new FakeClock();
  await assertRejects(
    () => within(10, Promise.reject(new Error("broken")), clock),
    Error,
    "broken",
  );
  assertEquals(clock.pending, 0);
});

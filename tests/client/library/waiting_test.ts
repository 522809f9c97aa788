import { assertEquals, assertRejects } from "@std/assert";

import { abortable, sleep } from "../../../client/library/waiting.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("what comes first counts: the promise or the signal", async () => {
  const abort = new AbortController();
  assertEquals(await abortable(Promise.resolve(1), abort.signal), 1);
  let aborted = 0;
  const waiting = abortable(new Promise(() => {}), abort.signal, () => aborted++);
  abort.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(aborted, 1);
  assertEquals(await abortable(Promise.resolve(2), undefined), 2);
});

Deno.test("a sleep ends on time, or early and without a timer left", async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const long = sleep(clock, 1_000, abort.signal);
  clock.advance(1_000);
  await long;
  const broken = sleep(clock, 1_000, abort.signal);
  abort.abort();
  await broken;
  assertEquals(clock.pending, 0);
});

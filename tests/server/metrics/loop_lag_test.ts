import { assertEquals } from "@std/assert";

import { LoopLag } from "../../../server/metrics/loop_lag.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("LoopLag: in time is no lag, and a stall is as long as it was", () => {
  const clock = new FakeClock();
  using lag = new LoopLag(clock);
  clock.advance(1_000);
  assertEquals([lag.lags.counts[0], lag.lags.sum], [5, 0]);
  clock.leap(200 + 700);
  assertEquals(lag.lags.sum, 0.7);
  clock.advance(200);
  assertEquals([lag.lags.counts[0], lag.lags.sum], [6, 0.7]);
});

Deno.test("LoopLag: ends", () => {
  const clock = new FakeClock();
  new LoopLag(clock)[Symbol.dispose]();
  assertEquals(clock.pending, 0);
});

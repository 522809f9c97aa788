import { assertEquals } from "@std/assert";

import { Pace } from "../../../server/connection/pace.ts";
import { Turns } from "../../../server/connection/turns.ts";
import { WorkBudget } from "../../../server/connection/work_budget.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

/** A budget that is never used up. */
function freely(clock: FakeClock): WorkBudget {
  return new WorkBudget({ bytesPerSecond: 0, clock, turns: new Turns({ clock }) });
}

Deno.test("Pace: a burst of twice the rate, then as fast as turns come back", async () => {
  const clock = new FakeClock();
  const pace = new Pace(10, clock, freely(clock));
  let taken = 0;
  while (pace.take()) taken++;
  assertEquals(taken, 20);
  let isTurn = false;
  pace.turn().then(() => isTurn = true);
  clock.advance(99);
  await settle();
  assertEquals(isTurn, false);
  for (let n = 0; n < 3; n++) {
    clock.advance(100);
    await settle();
  }
  assertEquals([isTurn, clock.pending], [true, 0]);
});

Deno.test("Pace: whoever is stopped waits no longer, and leaves no timer", async () => {
  const clock = new FakeClock();
  const pace = new Pace(0.001, clock, freely(clock));
  while (pace.take());
  const turn = pace.turn();
  assertEquals(clock.pending, 1);
  pace.stop();
  await turn;
  assertEquals(clock.pending, 0);
});

Deno.test("Pace: without a limit every turn is now", async () => {
  const clock = new FakeClock();
  const pace = new Pace(0, clock, freely(clock));
  for (let n = 0; n < 1_000; n++) assertEquals(pace.take(), true);
  await pace.turn();
});

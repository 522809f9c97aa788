import { assertEquals } from "@std/assert";

import { Gaze } from "../../../client/terminal/gaze.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("the terminal's word counts, and a key that comes all the same", () => {
  const gaze = new Gaze(new FakeClock());
  gaze.focus(true);
  assertEquals(gaze.isHere, true);
  gaze.focus(false);
  assertEquals(gaze.isHere, false);
  gaze.key();
  assertEquals(gaze.isHere, true);
});

Deno.test("where the terminal does not tell, who has pressed a key in the last ten seconds looks", () => {
  const clock = new FakeClock();
  const gaze = new Gaze(clock);
  assertEquals(gaze.isHere, false);
  gaze.key();
  clock.advance(9_999);
  assertEquals(gaze.isHere, true);
  clock.advance(1);
  assertEquals(gaze.isHere, false);
});

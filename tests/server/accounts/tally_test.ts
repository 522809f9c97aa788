import { assertEquals } from "@std/assert";

import { Tally } from "../../../server/accounts/tally.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("a lane's rank is its highest count, and what turned out right is taken back", () => {
  const tally = new Tally(new FakeClock());
  const [one, both] = [tally.lane("a"), tally.lane("a", "b")];
  one.begin();
  both.begin();
  assertEquals([one.rank(), both.rank(), tally.size], [2, 2, 2]);
  both.forgive();
  assertEquals([one.rank(), both.rank(), tally.size], [1, 1, 1]);
  one.forgive();
  one.forgive();
  assertEquals([one.rank(), tally.size], [0, 0]);
});

Deno.test("a lane counts once, also where two of its keys are the same", () => {
  const lane = new Tally(new FakeClock()).lane("192.0.2.1", "192.0.2.1");
  lane.begin();
  assertEquals(lane.rank(), 1);
});

Deno.test("an hour after its last change a count is forgotten", () => {
  const clock = new FakeClock();
  const lane = new Tally(clock).lane("a");
  lane.begin();
  clock.advance(3_599_999);
  assertEquals(lane.rank(), 1);
  lane.begin();
  clock.advance(3_599_999);
  assertEquals(lane.rank(), 2);
  clock.advance(1);
  assertEquals(lane.rank(), 0);
  lane.begin();
  assertEquals(lane.rank(), 1);
});

Deno.test("what has not changed for longest is forgotten first", () => {
  const tally = new Tally(new FakeClock());
  const lanes = ["a", "b", "c"].map((key) => tally.lane(key));
  for (const lane of lanes) lane.begin();
  lanes[0]!.begin();
  tally.keepLatest(2);
  assertEquals(lanes.map((lane) => lane.rank()), [2, 0, 1]);
});

import { assert, assertEquals } from "@std/assert";

import { Histogram, Sequence, Tally } from "../../../bench/soak/tally.ts";

Deno.test("a histogram's quantiles are no more than 5 % above the truth", () => {
  const histogram = new Histogram();
  assertEquals(histogram.quantile(0.5), NaN);
  for (let ms = 1; ms <= 1_000; ms++) histogram.add(ms);
  assertEquals(histogram.total, 1_000);
  for (const [part, truth] of [[0.5, 500], [0.99, 990], [1, 1_000]] as const) {
    const found = histogram.quantile(part);
    assert(found >= truth * 0.9999 && found <= truth * 1.0501, `${found} for ${truth}`);
  }
  const tiny = new Histogram();
  tiny.add(0.0001);
  assertEquals(tiny.quantile(1), 0.01);
});

Deno.test("a sequence counts what is lost and doubled, at the end, too", () => {
  const tally = new Tally();
  const sequence = new Sequence(tally);
  for (const number of [1, 2, 2, 5, 3]) sequence.arrived(number);
  assertEquals([sequence.last, tally.lost, tally.doubled], [5, 2, 2]);
  sequence.ends(7);
  assertEquals(tally.lost, 4);
  sequence.ends(4);
  assertEquals(tally.lost, 4);
});

Deno.test("a tally counts all faults and keeps the first ten", () => {
  const tally = new Tally();
  for (let n = 1; n <= 12; n++) tally.fault(`fault ${n}`);
  tally.count("logins");
  tally.count("logins", 2);
  assertEquals([tally.faultCount, tally.faults.length, tally.faults.at(-1)], [12, 10, "fault 10"]);
  assertEquals(tally.done.get("logins"), 3);
});

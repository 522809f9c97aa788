import { assertEquals } from "@std/assert";

import { Histogram } from "../../../server/metrics/histogram.ts";

Deno.test("a duration counts in the first bucket whose bound it does not pass", () => {
  const histogram = new Histogram();
  for (const ms of [0, 0.5, 0.6, 5_000, 5_001]) histogram.observe(ms);
  const { bounds, counts } = histogram;
  assertEquals([bounds[0], bounds.at(-1)], [0.0005, 5]);
  assertEquals(counts, [2, 1, ...new Array(bounds.length - 3).fill(0), 1, 1]);
  assertEquals(histogram.sum, 10.0021);
  histogram.observe(1_000, 3);
  assertEquals([counts[bounds.indexOf(1)], histogram.sum], [3, 13.0021]);
});

import { assertEquals, assertThrows } from "@std/assert";

import { median, medianRatio } from "../../bench/statistics.ts";

Deno.test("median is the middle, whatever the order", () => {
  assertEquals(median([5]), 5);
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([9, 1, 5, 7]), 6);
  assertEquals(median([100, 20, 3]), 20); // by value, not by spelling
});

Deno.test("median leaves its argument as it is and refuses an empty one", () => {
  const values = [3, 1, 2];
  median(values);
  assertEquals(values, [3, 1, 2]);
  assertThrows(() => median([]), RangeError, "there are no values");
});

Deno.test("medianRatio compares neighbours, so that a disturbed round cancels out", () => {
  // The machine was ten times slower in the second round; the ratio of the medians would be 0.5, too,
  // but that of the means would not.
  assertEquals(medianRatio([100, 10, 120], [200, 20, 240]), 0.5);
  assertEquals(medianRatio([100, 10, 1], [100, 20, 4]), 0.5);
  assertThrows(() => medianRatio([1], [1, 2]), RangeError, "1 rounds with 2");
});

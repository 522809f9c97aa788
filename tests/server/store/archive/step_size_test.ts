import { assertEquals } from "@std/assert";

import { StepSize } from "../../../../server/store/archive/step_size.ts";

Deno.test("a step grows by half at most, shrinks to what the goal allows, and keeps its bounds", () => {
  const size = new StepSize({ goalMs: 5, first: 10, min: 2, max: 40 });
  const after = (ms: number): number => {
    size.took(ms);
    return size.units;
  };
  assertEquals(size.units, 10);
  assertEquals(after(0), 15);
  assertEquals(after(0.001), 23);
  assertEquals(after(5), 23);
  assertEquals(after(4), 29);
  assertEquals(after(1), 40, "44 are too many");
  assertEquals(after(20), 10);
  assertEquals(after(6), 8);
  assertEquals(after(1_000), 2);
  assertEquals(after(3), 3, "out of the least size, too");
});

import { assertEquals } from "@std/assert";

import { MessagesUnderWay } from "../../../../server/store/sqlite/under_way.ts";

Deno.test("MessagesUnderWay: each by its conversation and number, with what they take in all", () => {
  const underWay = new MessagesUnderWay();
  underWay.add(1, 7, 10);
  underWay.add(1, 8, 20);
  underWay.add(2, 7, 40);
  assertEquals([underWay.has(1, 7), underWay.has(2, 7), underWay.bytes], [true, true, 70]);
  assertEquals([underWay.has(2, 8), underWay.has(3, 7)], [false, false]);
  underWay.delete(1, 7, 10);
  assertEquals([underWay.has(1, 7), underWay.has(1, 8), underWay.bytes], [false, true, 60]);
  for (let n = 0; n < 2; n++) underWay.delete(2, 7, 40); // the second time nothing happens
  underWay.delete(1, 8, 20);
  assertEquals([underWay.has(1, 8), underWay.has(2, 7), underWay.bytes], [false, false, 0]);
});

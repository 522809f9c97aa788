import { assertEquals } from "@std/assert";

import { Gap } from "../../../client/library/gap.ts";
import { Gaps } from "../../../client/library/gaps.ts";

Deno.test("a conversation has one gap, under whatever case its name comes, until it is closed", () => {
  const gaps = new Gaps();
  assertEquals([gaps.isEmpty, gaps.get("bob")], [true, undefined]);
  const gap = gaps.open("Bob", 4);
  assertEquals([gap.name, gap.cursor], ["Bob", 4]);
  assertEquals([gaps.open("BOB", 9) === gap, gaps.get("bob") === gap, gap.cursor], [true, true, 4]);
  assertEquals([gaps.has(gap), gaps.has(new Gap("Bob", 4)), gaps.isEmpty], [true, false, false]);
  assertEquals([gaps.close(new Gap("Bob", 4)), gaps.close(gap), gaps.close(gap)], [
    ...[false, true],
    false,
  ]);
  assertEquals([gaps.isEmpty, gaps.has(gap)], [true, false]);
});

Deno.test("all gaps are seen in their order, also while they are closed, and what waits behind them is summed", () => {
  const gaps = new Gaps();
  const message = { event: "msg", time: 1, to: "#dev", from: "bob", message: "hi" } as const;
  for (const name of ["#dev", "#tea", "bob"]) {
    gaps.open(name, 0).hold({ event: { type: "message", message, line: "12345" } });
  }
  assertEquals(gaps.waiting, { arrivals: 3, units: 15 });
  const seen = [];
  for (const gap of gaps) {
    seen.push(gap.name);
    gaps.close(gap);
  }
  assertEquals([seen, gaps.waiting], [["#dev", "#tea", "bob"], { arrivals: 0, units: 0 }]);
});

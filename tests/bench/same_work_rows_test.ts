import { assertEquals } from "@std/assert";

import type { RateResult, ScenarioResult } from "../../bench/results.ts";
import { SAME_WORK_COLUMNS, sameWorkRows } from "../../bench/same_work_rows.ts";
import { RUN } from "./support/run.ts";

/** A server's result: that of another server in the run, under its own name. */
function as(server: RateResult["server"], of: RateResult): RateResult {
  return { ...of, server };
}

Deno.test("ours stands beside those who acknowledge, under the same load, and beside nobody else", () => {
  assertEquals(sameWorkRows(RUN), [], "InspIRCd does not answer");
  const [pairs] = RUN.scenarios;
  if (pairs?.kind !== "rate") throw new Error("another run");
  const [ours, theirs] = pairs.results as [RateResult, RateResult];
  const more: ScenarioResult = {
    ...pairs,
    results: [ours, as("answering", theirs), theirs, as("inspircd-echo", theirs)],
  };
  const conditions = {
    ...RUN.conditions,
    servers: {
      ...RUN.conditions.servers,
      "inspircd-echo": { title: "InspIRCd, echoing", version: "3.4", answers: true },
      answering: { title: "a relay", version: "1.2", answers: true },
    },
  };
  const rows = sameWorkRows({ conditions, scenarios: [...RUN.scenarios, more] });
  assertEquals(rows, [
    ["50x1", "this server", "20000", "1000", "2000", "25.00", "25 %", "1.00", "1.00", "1.00"],
    // 30/40, 10/40, 20/25: the middle one, and of what each message costs the other way round
    ["", "InspIRCd, echoing", "40000", "1000", "2000", "12.50", "25 %", "0.75", "1.00", "1.33"],
  ]);
  for (const row of rows) assertEquals(row.length, SAME_WORK_COLUMNS.length);
});

import { assertEquals } from "@std/assert";

import { AGAINST_COLUMNS, againstRows } from "../../../bench/against/against_rows.ts";
import { report } from "../../../bench/report.ts";
import type { RateResult, Results, ScenarioResult } from "../../../bench/results.ts";
import { RUN } from "../support/run.ts";

/** Of the run, the result of a server under the first load; InspIRCd's stands for what ours was before. */
function scenarioOf(...results: RateResult[]): Extract<ScenarioResult, { results: RateResult[] }> {
  const [pairs] = RUN.scenarios;
  if (pairs?.kind !== "rate") throw new Error("another run");
  return { ...pairs, results };
}
const [NOW, BEFORE] = RUN.scenarios.flatMap((it) => it.kind === "rate" ? it.results : []) as [
  RateResult,
  RateResult,
];
const before: RateResult = { ...BEFORE, server: "jim-before" };
const figures = (row: string[]): string[] => row.slice(0, 3).concat(row.slice(7));

Deno.test("ours is compared with what it was, round by round, and the rounds say how far to believe it", () => {
  const rows = againstRows(scenarioOf(before, NOW), (id) => id);
  assertEquals(rows.map(figures), [
    ["50x1", "jim-before", "40000", "", "", "", "", ""],
    // 30/40, 10/40, 20/25; what each message costs is the other way round
    ["", "jim", "20000", "0.750", "0.25–0.80", "1.333", "1.25–4.00", "1.00"],
  ]);
  for (const row of rows) assertEquals(row.length, AGAINST_COLUMNS.length);
});

Deno.test("each is compared under its own load", () => {
  const rows = againstRows(
    scenarioOf(
      { ...before, condition: "direct" },
      { ...NOW, condition: "room" }, // nothing to compare with
      { ...NOW, condition: "direct" },
      { ...before, idleUsers: 100 },
      { ...before, idleUsers: 100, server: "jim" },
    ),
    (id) => id,
  );
  assertEquals(rows.map((row) => [row[0], row[1], row[7]]), [
    ["direct", "jim-before", ""],
    ["", "jim", "0.750"],
    ["room", "jim", ""],
    ["100 idle", "jim-before", ""],
    ["", "jim", "1.000"],
  ]);
});

Deno.test("the report of a comparison compares with nobody else", () => {
  const run: Results = {
    conditions: { ...RUN.conditions, against: "abc1234" },
    scenarios: [scenarioOf(before, NOW)],
  };
  const lines = report(run).split("\n");
  assertEquals(lines.filter((line) => line.includes("ours / it")), []);
  assertEquals(lines.find((line) => line.startsWith("load"))?.split(/ {2,}/), AGAINST_COLUMNS);
});

import { assertEquals } from "@std/assert";

import {
  NODES_COLUMNS,
  nodesRows,
  REBUILD_COLUMNS,
  rebuildRows,
} from "../../../bench/nodes/nodes_rows.ts";
import type { ScenarioResult } from "../../../bench/results.ts";
import { RUN } from "../support/run.ts";

function results(): Extract<ScenarioResult, { kind: "nodes" }> {
  const scenario = RUN.scenarios.find(({ kind }) => kind === "nodes");
  if (scenario?.kind !== "nodes") throw new Error("another run");
  return scenario;
}

Deno.test("each row says what it promises, and is compared round by round with one alone and with InspIRCd", () => {
  const rows = nodesRows(results().results, (id) => id);
  const figures = (row: string[]): string[] =>
    row.slice(0, 6).concat(row.slice(8, 9), row.slice(-3));
  assertEquals(rows.map(figures), [
    ["direct 50x1", "jim", "delivered", "no", "0", "30000", "1500", "1.00", "1.50", ""],
    // 10/40 and 10/20; of the last the second round has no rate to compare with
    ["", "nodes", "delivered", "no", "0", "10000", "1500", "0.38", "0.50", ""],
    ["", "linked", "never", "no", "0", "20000", "", "0.75", "1.00", ""],
    ["", "echoing", "taken", "no", "0", "4000", "1500", "0.10", "0.20", ""],
    ["kept room 50x1", "kept", "kept", "synced", "1", "5000", "1500", "1.00", "", ""],
    ["", "kept-nodes-r3", "kept", "not synced", "2 of 3", "4000", "1500", "0.80", "", ""],
  ]);
  for (const row of rows) assertEquals(row.length, NODES_COLUMNS.length);
});

Deno.test("catching up is what a start takes longer than one with nothing to read", () => {
  const rows = rebuildRows(results().rebuilds, (id) => id);
  assertEquals(rows, [
    // 10 000 messages in 2.5, 1 and 2 s more
    ["kept-nodes", "10000", "2.50", "0.50", "5000", "1.00"],
    // It took hardly longer at all: that is chance, and no rate.
    ["kept-nodes-r3", "10000", "0.76", "0.75", "", "0.25"],
  ]);
  for (const row of rows) assertEquals(row.length, REBUILD_COLUMNS.length);
});

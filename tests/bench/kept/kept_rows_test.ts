import { assertEquals } from "@std/assert";

import { KEPT_COLUMNS, keptRows } from "../../../bench/kept/kept_rows.ts";
import { RUN } from "../support/run.ts";

Deno.test("rows are compared with our server that keeps, under the same load, round by round", () => {
  const scenario = RUN.scenarios.find(({ kind }) => kind === "kept");
  if (scenario?.kind !== "kept") throw new Error("another run");
  const rows = keptRows(scenario.results, (id) => id);
  assertEquals(rows, [
    ["direct", "kept", "15000", "1000", "3000", "1500", "6000", "33.33", "25 %", "1.00", "1.00"],
    // 10/40, 20/40, 15/30: the middle one
    ["", "unkept", "40000", "1000", "2000", "1500", "4000", "12.50", "25 %", "0.50", "1.50"],
    ["", "prosody", "1000", "1000", "30000", "1500", "60000", "500.00", "25 %", "20.00", "0.10"],
    ["room", "kept", "12000", "1000", "2000", "1500", "4000", "41.67", "25 %", "1.00", "1.00"],
    // Nothing arrived in time: there is no ratio.
    ["", "prosody", "0", "1000", "2000", "1500", "4000", "1000000.00", "25 %", "", "1.00"],
  ]);
  for (const row of rows) assertEquals(row.length, KEPT_COLUMNS.length);
});

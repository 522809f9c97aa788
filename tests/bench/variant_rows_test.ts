import { assertEquals } from "@std/assert";

import { VARIANT_COLUMNS, variantRows } from "../../bench/variant_rows.ts";
import { RUN } from "./support/run.ts";

Deno.test("rows are compared with the first server, under the same load, round by round", () => {
  const scenario = RUN.scenarios.find(({ kind }) => kind === "variants");
  if (scenario?.kind !== "variants") throw new Error("another run");
  const rows = variantRows(scenario.results, (id) => id);
  assertEquals(rows, [
    ["50x1", "jim", "15000", "1000", "2000", "37.50", "25 %", "1.000", "1.000"],
    // 99/100 and 98/100, and the other way round what each message costs
    ["", "metered", "14750", "1000", "2000", "38.01", "25 %", "0.985", "1.015"],
    ["50x32", "jim", "50000", "1000", "2000", "10.00", "25 %", "1.000", "1.000"],
    ["", "metered", "40000", "1000", "2000", "12.50", "25 %", "0.800", "1.250"],
  ]);
  for (const row of rows) assertEquals(row.length, VARIANT_COLUMNS.length);
});

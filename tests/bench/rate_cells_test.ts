import { assertEquals } from "@std/assert";

import { RATE_COLUMNS, rateCells } from "../../bench/rate_cells.ts";
import { RUN } from "./support/run.ts";

Deno.test("a result has a cell for each column, in the units that the columns name", () => {
  const scenario = RUN.scenarios.find(({ kind }) => kind === "variants");
  if (scenario?.kind !== "variants") throw new Error("another run");
  const cells = rateCells(scenario.results[0]!);
  assertEquals(cells, ["15000", "1000", "2000", "37.50", "25 %"]);
  assertEquals(cells.length, RATE_COLUMNS.length);
});

import { assertStringIncludes } from "@std/assert";

import { drawChart } from "../../bench/chart.ts";
import { RUN } from "./support/run.ts";

Deno.test("the chart is SVG with a labelled bar per server and scenario", async () => {
  const svg = await drawChart(RUN);
  assertStringIncludes(svg, "<svg ");
  for (const text of ["50 pairs, 1 in flight, messages/s", "InspIRCd", "20.0 k", "12.0"]) {
    assertStringIncludes(svg, `>${text}</text>`);
  }
});

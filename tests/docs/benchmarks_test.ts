import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { report, withReport } from "../../bench/report.ts";
import type { Results } from "../../bench/results.ts";
import { USUAL_SCENARIOS } from "../../bench/scenarios.ts";

const DOCS = new URL("../../docs/", import.meta.url);

Deno.test("docs/benchmarks.md reports what docs/benchmarks.json holds: every scenario", async () => {
  const results: Results = JSON.parse(await Deno.readTextFile(new URL("benchmarks.json", DOCS)));
  const page = await Deno.readTextFile(new URL("benchmarks.md", DOCS));
  assertStringIncludes(page, `\n\`\`\`text\n${report(results)}\n\`\`\`\n`);
  assertEquals(withReport(page, results), page);
  assertEquals(results.scenarios.map(({ name }) => name), USUAL_SCENARIOS.map(({ name }) => name));
  const chart = await Deno.readTextFile(new URL("benchmarks.svg", DOCS));
  for (const server of Object.values(results.conditions.servers)) {
    assert(chart.includes(`>${server.title}</text>`), server.title);
  }
});

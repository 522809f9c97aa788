import { assertEquals } from "@std/assert";

import { bytesPerConnection, summarize } from "../../bench/results.ts";
import { RUN } from "./support/run.ts";

Deno.test("summarize takes medians over the rounds", () => {
  const [rate] = RUN.scenarios;
  if (rate?.kind !== "rate") throw new Error("the first scenario is one of rates");
  assertEquals(summarize(rate.results[0]!), {
    perSecond: 20_000,
    p50Micros: 1_000,
    p99Micros: 2_000,
    cpuMicros: 25,
    generatorLoad: 0.25,
  });
});

Deno.test("bytesPerConnection leaves the empty server out", () => {
  const sample = { count: 4, emptyResidentBytes: 1_000, serverResidentBytes: 1_400 };
  assertEquals(bytesPerConnection(sample), 100);
});

import { assertEquals } from "@std/assert";

import {
  bytesPerConnection,
  bytesPerFurther,
  cpuRatio,
  medianMemory,
  p99Ratio,
  rateRatio,
  summarize,
} from "../../bench/results.ts";
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

Deno.test("medianMemory is the middle of samples", () => {
  const of = (empty: number, full: number) => ({
    count: 4,
    emptyResidentBytes: empty,
    serverResidentBytes: full,
  });
  assertEquals(medianMemory([of(1, 30), of(3, 10), of(2, 20)]), of(2, 20));
});

Deno.test("bytesPerFurther is what those beyond the first ones cost", () => {
  const few = { count: 4, emptyResidentBytes: 1_000, serverResidentBytes: 1_400 };
  const many = { count: 14, emptyResidentBytes: 1_000, serverResidentBytes: 1_900 };
  assertEquals(bytesPerFurther(few, many), 50);
});

Deno.test("rates, 99th percentiles and CPU times are compared round by round", () => {
  const [rate, , , contrast] = RUN.scenarios;
  if (rate?.kind !== "rate" || contrast?.kind !== "contrast") throw new Error("another run");
  assertEquals(rateRatio(rate.results[0]!, rate.results[1]!), 0.75);
  // Of one second each, for 30, 10, 20 and for 40, 40, 25 messages: 4/3, 4, 5/4
  assertEquals(cpuRatio(rate.results[0]!, rate.results[1]!).toFixed(3), "1.333");
  assertEquals(p99Ratio(contrast.results[3]!, contrast.results[2]!), 2.5);
});

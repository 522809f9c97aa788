import { assertEquals, assertStringIncludes } from "@std/assert";

import { drawChart } from "../../bench/chart.ts";
import type { RateSample } from "../../bench/generator.ts";
import { report } from "../../bench/report.ts";
import {
  bytesPerConnection,
  type RateResult,
  type Results,
  summarize,
} from "../../bench/results.ts";

function sample(perSecond: number, p99Micros = 2_000): RateSample {
  return {
    unit: "messages",
    count: perSecond * 2,
    seconds: 2,
    perSecond,
    p50Micros: 1_000,
    p99Micros,
    serverCpuSeconds: 1,
    generatorCpuSeconds: 0.5,
    serverResidentBytes: 50 * 2 ** 20,
    flooded: 0,
  };
}

function contrast(condition: string, p99Micros: number): RateResult {
  return { server: "jim", idleUsers: 0, condition, rounds: [sample(10_000, p99Micros)] };
}

const RESULTS: Results = {
  conditions: {
    date: "2026-01-02T03:04:05.000Z",
    cpu: "a processor",
    cores: 2,
    memoryBytes: 2 ** 30,
    system: "linux 6",
    seconds: 2,
    rounds: 3,
    servers: {
      jim: { title: "this server", version: "1.2" },
      inspircd: { title: "InspIRCd", version: "3.4" },
    },
  },
  scenarios: [
    {
      kind: "rate",
      name: "50x1",
      title: "50 pairs, 1 in flight",
      results: [
        { server: "jim", idleUsers: 0, rounds: [sample(30_000), sample(10_000), sample(20_000)] },
        {
          server: "inspircd",
          idleUsers: 0,
          rounds: [40_000, 40_000, 25_000].map((n) => sample(n)),
        },
      ],
    },
    {
      kind: "memory",
      name: "memory",
      title: "memory per idle connection",
      results: [{
        server: "jim",
        count: 1_024,
        emptyResidentBytes: 50 * 2 ** 20,
        serverResidentBytes: 62 * 2 ** 20,
      }, {
        server: "jim",
        count: 2_048,
        emptyResidentBytes: 50 * 2 ** 20,
        serverResidentBytes: 70 * 2 ** 20,
      }],
    },
    {
      kind: "crowd",
      name: "crowd",
      title: "50 pairs beside idle users",
      results: [
        { server: "jim", idleUsers: 100, rounds: [sample(20_000)] },
        { server: "jim", idleUsers: 5_000, rounds: [sample(18_000)] },
      ],
    },
    {
      kind: "contrast",
      name: "flood",
      title: "beside one that floods",
      results: [
        contrast("slow, no flood", 1_000),
        contrast("slow, one flood", 1_100),
        contrast("fast, no flood", 2_000),
        contrast("fast, one flood", 5_000),
      ],
    },
  ],
};

Deno.test("summarize takes medians over the rounds", () => {
  const [rate] = RESULTS.scenarios;
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

Deno.test("the report has a table per scenario, compares by rounds, and a disturbed server with itself", () => {
  const lines = report(RESULTS).split("\n");
  const row = (start: string): string[] =>
    lines.find((line) => line.startsWith(start))!.split(/ {2,}/);
  // 30/40, 10/40, 20/25: the middle one
  assertEquals(row("InspIRCd "), ["InspIRCd", "40000", "1000", "2000", "12.50", "25 %", "0.75"]);
  assertEquals(row("this server  "), [
    "this server",
    "20000",
    "1000",
    "2000",
    "25.00",
    "25 %",
    "1.00",
  ]);
  assertEquals(row("this server, 5000 idle").at(-1), "0.90");
  assertEquals(row("condition").at(-1), "p99 / without");
  assertEquals(row("slow, no flood").at(-1), "1.00");
  assertEquals(row("slow, one flood").at(-1), "1.10");
  assertEquals(row("fast, one flood"), [
    "fast, one flood",
    "10000",
    "1000",
    "5000",
    "50.00",
    "25 %",
    "2.50",
  ]);
  const memory = lines.filter((line) => line.endsWith(" MiB")).map((line) => line.split(/ {2,}/));
  assertEquals(memory, [
    ["this server", "1024", "12.0 KiB", "50 MiB"],
    ["this server", "2048", "10.0 KiB", "8.0 KiB", "50 MiB"],
  ]);
});

Deno.test("the chart is SVG with a labelled bar per server and scenario", async () => {
  const svg = await drawChart(RESULTS);
  assertStringIncludes(svg, "<svg ");
  for (const text of ["50 pairs, 1 in flight, messages/s", "InspIRCd", "20.0 k", "12.0"]) {
    assertStringIncludes(svg, `>${text}</text>`);
  }
});

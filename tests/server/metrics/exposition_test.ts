import { assertEquals } from "@std/assert";

import { Exposition, loadPromClient } from "../../../server/metrics/exposition.ts";
import { Histogram } from "../../../server/metrics/histogram.ts";

Deno.test("gauges are read when they are asked for, and a histogram is cumulative", async () => {
  let count = 0;
  const durations = new Histogram();
  const exposition = new Exposition(await loadPromClient(), {
    gauges: [
      { name: "jim_a", help: "Now.", read: () => ++count },
      { name: "jim_b", help: "Soon.", read: () => Promise.resolve(0.5) },
    ],
    counters: [
      { name: "jim_d_total", help: "Once.", read: () => [[{}, 7]] },
      { name: "jim_e_total", help: "By code.", labels: ["code"], read: () => [[{ code: "2" }, 3]] },
    ],
    histograms: [{ name: "jim_c_seconds", help: "Long.", durations }],
  });
  assertEquals(exposition.contentType, "text/plain; version=0.0.4; charset=utf-8");
  await exposition.text();
  durations.observe(0.25);
  durations.observe(750);
  durations.observe(9_000);
  const lines = (await exposition.text()).split("\n");
  const bucket = (le: string): string => `jim_c_seconds_bucket{le="${le}"}`;
  for (
    const line of [
      "# HELP jim_a Now.",
      "# TYPE jim_a gauge",
      "jim_a 2",
      "jim_b 0.5",
      "# TYPE jim_d_total counter",
      "jim_d_total 7",
      'jim_e_total{code="2"} 3',
      "# TYPE jim_c_seconds histogram",
      `${bucket("0.0005")} 1`,
      `${bucket("0.5")} 1`,
      `${bucket("1")} 2`,
      `${bucket("+Inf")} 3`,
      "jim_c_seconds_sum 9.75025",
      "jim_c_seconds_count 3",
    ]
  ) assertEquals(lines.filter((other) => other === line), [line]);
});

// The metrics, and the rules that go by them, seen by Prometheus's own tool.
import { assertEquals } from "@std/assert";

import { clusterMetrics } from "../../server/cluster/cluster_metrics.ts";
import { runProgram } from "../support/run_program.ts";
import { readMetrics } from "../support/read_metrics.ts";
import { ServerProcess } from "../support/server_process.ts";

const OPS = new URL("../../ops/", import.meta.url);

/** A running server's metrics, after somebody was there. */
async function metrics(): Promise<string> {
  await using server = await ServerProcess.start(["--metrics", "0"]);
  await server.logs("metrics served");
  const [, address] = /metrics served address=(\S+)/.exec(server.stderr)!;
  const client = await server.connect();
  await client.ask({ event: "presence", user: { account_name: "eve" } });
  return (await readMetrics(address!)).text;
}

Deno.test("promtool finds nothing wrong with /metrics", async () => {
  const { code, stdout, stderr } = await runProgram(
    "promtool",
    ["check", "metrics"],
    await metrics(),
  );
  assertEquals([code, stdout + stderr], [0, ""]);
});

Deno.test("promtool understands the alert rules, and all of them", async () => {
  const path = new URL("alerts.yml", OPS).pathname;
  const { code, stdout, stderr } = await runProgram("promtool", ["check", "rules", path], "");
  assertEquals([code, stdout.includes("SUCCESS: 9 rules found")], [0, true], stdout + stderr);
});

for (
  const [what, file] of [["one server", "server_alerts.yml"], ["several nodes", "node_alerts.yml"]]
) {
  Deno.test(`alerts of ${what}: each fires when it should, and no other one with it`, async () => {
    const path = new URL(file!, import.meta.url).pathname;
    const { code, stdout, stderr } = await runProgram("promtool", ["test", "rules", path], "");
    assertEquals([code, stdout.includes("SUCCESS")], [0, true], stdout + stderr);
  });
}

Deno.test("alerts and dashboard ask for metrics that there are", async () => {
  const text = await metrics();
  const { gauges, counters } = clusterMetrics(() => {
    throw new Error("only their names matter");
  });
  const known = new Set([
    ...[...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!),
    ...[...gauges, ...counters].map(({ name }) => name),
  ]);
  for (const file of ["alerts.yml", "dashboard.json"]) {
    const asked = (await Deno.readTextFile(new URL(file, OPS))).matchAll(/\b(?:jim|process)_\w+/g);
    const names = [...asked].map(([name]) => name.replace(/_bucket$/, ""));
    assertEquals(names.filter((name) => !known.has(name)), [], file);
    assertEquals(names.length > 0, true);
    if (file === "dashboard.json") assertEquals(names.includes("jim_accounts"), true);
  }
});

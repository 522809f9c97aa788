import { assertEquals, assertMatch } from "@std/assert";

import { clusterMetrics } from "../../../server/cluster/cluster_metrics.ts";
import { Counters } from "../../../server/metrics/counters.ts";
import { Histogram } from "../../../server/metrics/histogram.ts";
import { serverMetrics } from "../../../server/metrics/server_metrics.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const NODE = {
  ...{ nodes: 3, applied: 10, newest: 12, pending: 1, failed: 2 },
  ...{ fences: 4, names: 5, elsewhere: 6, isConnected: true },
};

const server = {
  counts: { connections: 3, online: 2, rooms: 1 },
  queues: { bytes: 10, peak: 20 },
  counters: new Counters(),
};

Deno.test("accounts are counted once a minute, whoever asks; a failure does not hold, and fails nothing else", async () => {
  const clock = new FakeClock();
  let [count, fails] = [0, false];
  const countAccounts = (): Promise<number> =>
    fails ? Promise.reject(new Error("disk")) : Promise.resolve(++count);
  const { gauges } = serverMetrics({
    server,
    logged: new Map(),
    store: { countAccounts },
    database: ":memory:",
    commits: new Histogram(),
    deliveries: new Histogram(),
    loopLags: new Histogram(),
    clock,
  });
  const read = gauges.find(({ name }) => name === "jim_accounts")!.read;
  fails = true;
  assertEquals(await read(), NaN);
  fails = false;
  assertEquals([await read(), await read()], [1, 1]);
  clock.advance(59_999);
  assertEquals(await read(), 1);
  clock.advance(1);
  fails = true;
  assertEquals(await read(), 1, "the last one that is known");
  fails = false;
  assertEquals(await read(), 2);
});

Deno.test("each metric has a name of its own, with its unit, and a sentence", () => {
  const { gauges, counters, histograms } = serverMetrics({
    server,
    logged: new Map(),
    store: { countAccounts: () => Promise.resolve(0) },
    database: ":memory:",
    commits: new Histogram(),
    deliveries: new Histogram(),
    loopLags: new Histogram(),
    clock: new FakeClock(),
  });
  const ofNode = clusterMetrics(() => NODE);
  const allCounters = [...counters, ...ofNode.counters];
  const all = [...gauges, ...ofNode.gauges, ...allCounters, ...histograms];
  assertEquals(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, help } of all) {
    assertMatch(name, /^(jim|process)_[a-z_]+$/);
    assertMatch(help, /^[A-Z].*\.$/);
  }
  for (const { name } of allCounters) assertMatch(name, /_total$/);
  for (const { name } of histograms) assertMatch(name, /_seconds$/);
});

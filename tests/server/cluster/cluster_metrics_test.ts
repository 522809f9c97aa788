import { assertEquals } from "@std/assert";

import { clusterMetrics } from "../../../server/cluster/cluster_metrics.ts";

Deno.test("a node is looked at when somebody asks, and each value is the one of its name", async () => {
  let looks = 0;
  const { gauges, counters } = clusterMetrics(() => {
    looks++;
    return {
      ...{ nodes: 3, applied: 10, newest: 12, pending: 1, failed: 2 },
      ...{ fences: 4, names: 5, elsewhere: 6, isConnected: false },
    };
  });
  assertEquals(looks, 0);
  const values: [string, unknown][] = [];
  for (const { name, read } of gauges) values.push([name, await read()]);
  for (const { name, read } of counters) values.push([name, [...read()]]);
  assertEquals(Object.fromEntries(values), {
    jim_nodes: 3,
    jim_log_applied_position: 10,
    jim_log_newest_position: 12,
    jim_operations_pending: 1,
    jim_names_held: 5,
    jim_users_elsewhere: 6,
    jim_nats_connected: 0,
    jim_operations_failed_total: [[{}, 2]],
    jim_fences_total: [[{}, 4]],
  });
});

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";

import { UsageError } from "../../../common/errors.ts";
import { parseCluster } from "../../../launcher/cluster/flags.ts";

Deno.test("cluster: three nodes and three NATS servers, unless something else is asked for", () => {
  assertEquals(parseCluster([]), {
    nodes: 3,
    natsServers: 3,
    addr: "127.0.0.1",
    port: 7777,
    isOnePort: false,
    data: "data/cluster",
    stopsAtEof: false,
    nodeArgs: [],
  });
  const other = parseCluster(
    ["2", "--nats-servers", "1", "-p", "0", "--one-port", "--data", "x", "--", "--no-guests"],
  );
  assert(typeof other === "object");
  const { nodes, natsServers, port, isOnePort, data, nodeArgs } = other;
  assertEquals([nodes, natsServers, port, isOnePort, data], [2, 1, 0, true, "x"]);
  assertEquals(nodeArgs, ["--no-guests"]);
});

Deno.test("cluster: nodes that share a port are as many as there are cores, unless a number is given", () => {
  const count = (...args: string[]): unknown => {
    const plan = parseCluster(["--one-port", ...args]);
    return typeof plan === "object" && plan.nodes;
  };
  assertEquals([count(), count("5")], [Math.min(navigator.hardwareConcurrency, 64), 5]);
});

Deno.test("workers: they share a port on all addresses, and have defaults and a help of their own", () => {
  const plan = parseCluster(["workers", "5", "--", "--no-guests"]);
  assertEquals(plan, {
    nodes: 5,
    natsServers: 1,
    addr: "::",
    port: 7777,
    isOnePort: true,
    data: "data/workers",
    stopsAtEof: false,
    nodeArgs: ["--no-guests"],
  });
  const help = parseCluster(["workers", "--help"]);
  assert(typeof help === "string");
  assertMatch(
    help,
    /^Usage: deno task workers \[N\] [^]* default one per core[^]* data\/workers\)/,
  );
  assertThrows(() => parseCluster(["workers", "x"]), UsageError, "The number of nodes must be");
});

Deno.test("cluster: what is wrong is said in one line", () => {
  const cases: [string[], string][] = [
    [["0"], "The number of nodes must be a whole number from 1 to 64, received '0'"],
    [["65"], "The number of nodes must be a whole number from 1 to 64"],
    [["--nats-servers", "2"], "--nats-servers must be"],
    [["--", "--port", "1"], "Each node has its own --port: give --addr, --port or --data before"],
    [["--", "--db=x"], "Each node has its own --db"],
    [["--", "--nats", "nats://x"], "Each node has its own --nats"],
  ];
  for (const [args, message] of cases) assertThrows(() => parseCluster(args), UsageError, message);
});

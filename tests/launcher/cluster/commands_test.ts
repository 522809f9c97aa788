import { assert, assertEquals } from "@std/assert";

import { natsCommand, nodeCommand } from "../../../launcher/cluster/commands.ts";
import { type ClusterPlan, parseCluster } from "../../../launcher/cluster/flags.ts";
import { modesBelow } from "../../support/modes_below.ts";

const runtime = { deno: "/opt/deno", root: "file:///home/chat/" };
const ports = [{ client: 1, cluster: 11 }, { client: 2, cluster: 12 }, { client: 3, cluster: 13 }];

function planOf(...args: string[]): ClusterPlan {
  const plan = parseCluster(args);
  assert(typeof plan === "object");
  return plan;
}

Deno.test("cluster: NATS servers keep to the loopback, each with a store of its own, and know each other", () => {
  const { program, args } = natsCommand(planOf(), 1, ports);
  assertEquals([program, args[0], args[2]], ["sh", "-c", "nats-server"]);
  assertEquals(args.slice(3), [
    ...["--addr", "127.0.0.1", "--port", "2", "--name", "nats-2"],
    ...["--jetstream", "--store_dir", "data/cluster/nats-2"],
    ...["--cluster_name", "jim", "--cluster", "nats://127.0.0.1:12"],
    ...["--routes", "nats://127.0.0.1:11,nats://127.0.0.1:12,nats://127.0.0.1:13"],
  ]);
  assertEquals(natsCommand(planOf(), 0, ports.slice(0, 1)).args.includes("--routes"), false);
});

Deno.test("cluster: what a NATS server makes is its user's alone, whatever the umask", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-nats-modes-" });
  try {
    const fake = 'mkdir -p "$9" && echo kept >"$9/1.blk"';
    await Deno.writeTextFile(`${dir}/nats-server`, `#!/bin/sh\n${fake}\n`, { mode: 0o700 });
    for (const umask of ["000", "022", "777"]) {
      const data = `${dir}/${umask}/data`;
      const { program, args } = natsCommand({ data }, 0, ports.slice(0, 1));
      await Deno.mkdir(`${dir}/${umask}`);
      const child = new Deno.Command("sh", {
        args: ["-c", 'umask "$0"; exec "$@"', umask, program, ...args],
        env: { PATH: `${dir}:${Deno.env.get("PATH")}` },
        stdin: "piped", // its end would end the server
      }).spawn();
      assertEquals((await child.status).code, 0);
      await child.stdin.close();
      assertEquals(modesBelow(`${dir}/${umask}`), {
        "data": "700",
        "data/nats-1": "700",
        "data/nats-1/1.blk": "600",
      });
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("cluster: each node has a port, a database and a log of its own, and knows all NATS servers", () => {
  const { args } = nodeCommand(runtime, planOf("-p", "7000", "--", "--no-guests"), 1, ports);
  assert(args.includes("--allow-write=data/cluster/node-2,data/cluster/node-2/logs"));
  assertEquals(args.slice(args.indexOf("--addr")), [
    ...["--addr", "127.0.0.1", "--port", "7001", "--db", "data/cluster/node-2/jim.db"],
    ...["--log-dir", "data/cluster/node-2/logs"],
    ...["--nats", "nats://127.0.0.1:1,nats://127.0.0.1:2,nats://127.0.0.1:3", "--no-guests"],
  ]);
});

Deno.test("cluster: nodes that share a port are told so, and may", () => {
  const { args } = nodeCommand(runtime, planOf("-p", "7000", "--one-port"), 2, ports);
  assert(args.includes("--unstable-net") && args.includes("--reuse-port"));
  assertEquals(args[args.indexOf("--port") + 1], "7000");
  assertEquals(args[args.indexOf("--node") + 1], "node-3");
  assert(!nodeCommand(runtime, planOf(), 2, ports).args.includes("--unstable-net"));
});

Deno.test("cluster: each node serves its metrics at a port of its own, unless the system chooses it", () => {
  const third = (...metrics: string[]): string[] =>
    nodeCommand(runtime, planOf("--", ...metrics), 2, ports).args.slice(-metrics.length);
  assertEquals(third("--metrics", "9464"), ["--metrics", "9466"]);
  assertEquals(third("--metrics=[::1]:9464"), ["--metrics=[::1]:9466"]);
  assertEquals(third("--metrics=0", "--rate", "9"), ["--metrics=0", "--rate", "9"]);
});

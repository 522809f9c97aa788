// What people and monitoring see of nodes: `deno task nodes`, /readyz and the metrics.
import { assert, assertEquals, assertMatch } from "@std/assert";

import config from "../../deno.json" with { type: "json" };
import { DEAD_MS } from "../../server/cluster/nats/liveness.ts";
import { NatsServer } from "../support/nats_server.ts";
import { natsNode } from "../support/nats_node.ts";
import { readMetrics } from "../support/read_metrics.ts";
import { runProgram } from "../support/run_program.ts";
import { ServerProcess } from "../support/server_process.ts";

/** Starts a node with metrics. */
async function startNode(nats: NatsServer, name: string, db: string) {
  const flags = ["--nats", `nats://${nats.address}`, "--node", name, "--metrics", "0"];
  const server = await ServerProcess.start(flags, { db });
  await server.logs("metrics served");
  const [, metrics] = /metrics served address=(\S+)/.exec(server.stderr)!;
  return { server, metrics: metrics! };
}

/** What `/readyz` answers. */
async function ready(metrics: string): Promise<[number, string]> {
  const response = await fetch(`http://${metrics}/readyz`);
  return [response.status, await response.text()];
}

/** Runs the task, with its own permissions. */
async function nodesCommand(...args: string[]) {
  const [, ...words] = config.tasks.nodes.split(" ");
  return await runProgram(Deno.execPath(), [...words, ...args]);
}

Deno.test("people and monitoring see nodes, their users, and that one has left", async () => {
  await using nats = await NatsServer.start();
  const directory = await Deno.makeTempDir();
  const url = `nats://${nats.address}`;
  try {
    const nobody = await nodesCommand("--nats", url);
    assertEquals([nobody.code, nobody.stdout], [1, ""]);
    assertEquals(
      nobody.stderr,
      "This NATS has no nodes that begin with 'jim'; see --nats-prefix\n",
    );
    const a = await startNode(nats, "a", `${directory}/a.db`);
    await using _a = a.server;
    const b = await startNode(nats, "b", `${directory}/b.db`);
    await using serverB = b.server;
    await Promise.all([a.server.logs("node came"), serverB.logs("node came")]);
    const [eve, bob] = await Promise.all([a.server.connect(), serverB.connect()]);
    await eve.ask({ event: "presence", user: { account_name: "eve" } });
    await bob.ask({ event: "presence", user: { account_name: "bob" } });
    await eve.ask({ event: "who" });

    const { values } = await readMetrics(a.metrics);
    const figures = ["nodes", "names_held", "users_elsewhere", "users_online", "nats_connected"]
      .map((name) => values.get(`jim_${name}`));
    assertEquals(figures, [2, 1, 1, 1, 1]);
    assertEquals([values.get("jim_fences_total"), values.get("jim_operations_failed_total")], [
      0,
      0,
    ]);
    const position = values.get("jim_log_applied_position")!;
    assert(position > 0);
    assertEquals(values.get("jim_log_newest_position"), position);
    assertEquals(await ready(a.metrics), [200, "ready\n"]);

    const { code, stdout, stderr } = await nodesCommand("--nats", url, "--json");
    assertEquals([code, stderr], [0, ""]);
    const seen = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(seen.map(({ node, state, users, lag }) => [node, state, users, lag]), [
      ["a", "alive", 1, 0],
      ["b", "alive", 1, 0],
    ]);
    for (const { life, position: at, since } of seen) {
      assertMatch(life, /^[0-9a-f]{16}$/);
      assert(at > 0 && Math.abs(Date.now() / 1000 - since) < 60);
    }

    bob.close();
    serverB.kill("SIGTERM");
    await serverB.ended();
    await a.server.logs("node left");
    assertEquals((await readMetrics(a.metrics)).values.get("jim_nodes"), 1);
    const table = await nodesCommand("--nats", url);
    assertMatch(
      table.stdout,
      /^NODE +STATE.*\na +alive +1 +\d+ +0 +\S+ +[0-9a-f]{16}\nb +left +\S+ +[0-9a-f]{16}\n$/,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("nodes whose databases have one path on two machines leave each other alone, and a node that starts again ends its former life", async () => {
  await using nats = await NatsServer.start();
  const root = new URL("../../", import.meta.url).pathname;
  const machines = await Promise.all([0, 1].map(() => Deno.makeTempDir()));
  const start = (name: string, machine: number): Promise<ServerProcess> =>
    ServerProcess.run([
      ...[Deno.execPath(), "run", "--quiet", "--no-check", `--config=${root}deno.json`],
      ...[`--lock=${root}tests/deno.lock`, "--allow-net", "--allow-read", "--allow-write"],
      ...[`${root}server.ts`, "--addr", "127.0.0.1", "--port", "0", "--no-log-file"],
      ...["--nats", `nats://${nats.address}`, "--node", name],
    ], machines[machine]!);
  try {
    await using a = await start("a", 0);
    await using b = await start("b", 1);
    await Promise.all([a.logs("node came"), b.logs("node came")]);
    const killedAt = performance.now();
    b.kill("SIGKILL");
    await b.ended();
    await using _b2 = await start("b", 1);
    await a.logs("node dead");
    // Before its beats could have been missed.
    assert(performance.now() - killedAt < DEAD_MS);
    assert(!a.stderr.includes("cut off"), a.stderr);
  } finally {
    await Promise.all(machines.map((path) => Deno.remove(path, { recursive: true })));
  }
});

Deno.test("a node that has much to read is not ready before it has", async () => {
  await using nats = await NatsServer.start();
  {
    await using other = await natsNode([nats.address]);
    const at = Date.now();
    const append = (_: unknown, n: number): Promise<number> =>
      other.log.append(`test-${n}`, {
        do: "call",
        method: "rememberName",
        args: [`n${n}`, `n${n}`],
        at,
      });
    await Promise.all(Array.from({ length: 10_000 }, append));
  }
  await using server = ServerProcess.begin([
    ...["--nats", `nats://${nats.address}`, "--metrics", "0"],
  ]);
  await server.logs("metrics served");
  const [, metrics] = /metrics served address=(\S+)/.exec(server.stderr)!;
  const answers = new Set<string>();
  for (let status = 0; status !== 200;) {
    const [code, text] = await ready(metrics!);
    status = code;
    answers.add(text);
  }
  assertEquals([...answers], ["catching up with the other nodes\n", "ready\n"]);
  await server.ready();
});

Deno.test("without NATS a node is not ready, and says why; the command says so in one line", async () => {
  const nats = await NatsServer.start();
  const directory = await Deno.makeTempDir();
  try {
    const { server, metrics } = await startNode(nats, "a", `${directory}/a.db`);
    await using _server = server;
    await nats.kill();
    await server.logs("NATS connection lost");
    assertEquals(await ready(metrics), [503, "no connection to NATS\n"]);
    const gone = await readMetrics(metrics);
    assertEquals(gone.values.get("jim_nats_connected"), 0);
    const { code, stdout, stderr } = await nodesCommand("--nats", `nats://${nats.address}`);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^Cannot connect to NATS at \S+: [^\n]+; see --nats\n$/);

    // A node that is alone takes 12 s to conclude that.
    await server.logs("this node is cut off", 20_000);
    assertEquals(await ready(metrics), [503, "cut off from the other nodes\n"]);
    const { values } = await readMetrics(metrics);
    assertEquals([values.get("jim_nodes"), values.get("jim_fences_total")], [0, 1]);
    await nats.restart();
    await server.logs("among the other nodes again", 20_000);
    assertEquals(await ready(metrics), [200, "ready\n"]);
    assertEquals((await readMetrics(metrics)).values.get("jim_nodes"), 1);
  } finally {
    await nats[Symbol.asyncDispose]();
    await Deno.remove(directory, { recursive: true });
  }
});

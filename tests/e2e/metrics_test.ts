import { assertEquals, assertMatch } from "@std/assert";

import { readMetrics } from "../support/read_metrics.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";

Deno.test("--metrics: with the task's own permissions the server tells how it is, on loopback", async () => {
  await using server = await ServerProcess.start(["--metrics", "0"]);
  await server.logs("metrics served");
  const [, address] = /metrics served address=(\S+)/.exec(server.stderr)!;
  assertMatch(address!, /^127\.0\.0\.1:\d+$/);
  for (const path of ["healthz", "readyz"]) {
    const response = await fetch(`http://${address}/${path}`);
    assertEquals(response.status, 200, await response.text());
  }
  const client = await server.connect();
  await client.ask({ event: "presence", user: { account_name: "eve" } });
  const { values } = await readMetrics(address!);
  assertEquals([values.get("jim_connections"), values.get("jim_users_online")], [1, 1]);
  server.kill("SIGTERM");
  await server.logs("stopping");
  // The server waits for the client, which has not hung up.
  const response = await fetch(`http://${address}/readyz`);
  assertEquals([response.status, await response.text()], [503, "stopping\n"]);
  client.close();
  const { code, stderr } = await server.ended();
  assertEquals(code, 0, stderr);
});

Deno.test("--metrics: a port in use and a wrong address are one line each, before anything is touched", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const [taken, wrong] = await Promise.all([
    runServer(["--metrics", String(port)]),
    runServer(["--metrics", "here"]),
  ]);
  assertEquals([taken.code, taken.stdout], [1, ""]);
  assertMatch(taken.stderr, /^Cannot serve metrics on 127\.0\.0\.1:\d+: the port is in use; .*\n$/);
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertMatch(wrong.stderr, /^--metrics must be PORT, .*received 'here'\n$/);
});

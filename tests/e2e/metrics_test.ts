import { assertEquals, assertMatch } from "@std/assert";

import { openDatabase } from "../../server/store/sqlite_file.ts";
import { login } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
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

Deno.test(
  "--metrics: when there were no descriptors left it answers again, and the end is in order",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    const descriptors = 128;
    await using server = await ServerProcess.start(["--metrics", "0"], {
      wrapper: ["sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh"],
    });
    await server.logs("metrics served");
    const [, address] = /metrics served address=(\S+)/.exec(server.stderr)!;
    const [hostname, port] = address!.split(":");
    const crowd = new DisposableStack();
    const join = async (address: Deno.ConnectOptions): Promise<void> => {
      crowd.use(await Deno.connect(address));
    };
    for (let n = 0; n < descriptors; n++) await join(server.address);
    await server.logs("cannot accept connections reason");
    await join({ hostname: hostname!, port: Number(port) });
    await server.logs("cannot accept connections of monitoring");
    crowd.dispose();
    await server.logs("accepting connections of monitoring again");
    const response = await fetch(`http://${address}/healthz`);
    assertEquals([response.status, await response.text()], [200, "alive\n"]);
    server.kill("SIGTERM");
    const { code, stderr } = await server.ended();
    assertEquals(code, 0, stderr);
  },
);

Deno.test("a large database is read through by a thread, so that others are served meanwhile", () =>
  withDatabasePath(async (db) => {
    {
      using file = openDatabase(db);
      const insert = file.prepare("INSERT INTO blocks VALUES (?, '', ?, 0)");
      for (let n = 0; n < 17; n++) insert.run(`name${n}`, "x".repeat(1024 ** 2));
    }
    await using server = await ServerProcess.start([], { db });
    await server.logs("reading the database through mib=17");
  }));

Deno.test("a server whose database file is gone is not ready, and accepts no message that it could not keep", () =>
  withDatabasePath(async (db) => {
    await using server = await ServerProcess.start(["--metrics", "0"], { db, hashesCheaply: true });
    await server.logs("metrics served");
    const [, address] = /metrics served address=(\S+)/.exec(server.stderr)!;
    const [eve, bob] = [await server.connect(), await server.connect()];
    for (const [client, name] of [[eve, "eve"], [bob, "bob"]] as const) {
      assertEquals((await client.ask(login(name, undefined, { register: true }))).response, 201);
    }
    const send = async () => (await eve.ask({ event: "msg", to: "bob", message: "hi" })).response;
    assertEquals(await send(), 200);
    await Deno.rename(db, `${db}-away`);
    await server.logs("store failed reason"); // nobody has asked for anything
    assertEquals(await send(), 500);
    const ready = async (): Promise<[number, string]> => {
      const response = await fetch(`http://${address}/readyz`);
      return [response.status, await response.text()];
    };
    assertEquals(await ready(), [503, "the database file is gone or another one\n"]);
    assertEquals(server.stderr.match(/ERROR server +store failed/g)?.length, 1, server.stderr);
    await Deno.rename(`${db}-away`, db);
    assertEquals(await send(), 200);
  }));

// The server as ops/ installs it: the program that the Containerfile copies, with the command of the unit, and so with
// no more permissions than the task's.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";

import { makeCertificate } from "../../server/admin/certificate.ts";
import { login, register } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { until } from "../support/launch.ts";
import { RawClient } from "../support/raw_client.ts";
import { readMetrics } from "../support/read_metrics.ts";
import { runProgram } from "../support/run_program.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";
import { instructions, Machine, unitCommand, wordsOf } from "../support/shipped.ts";

const ROOT = new URL("../../", import.meta.url);
const REACH = fileURLToPath(new URL("../support/reach.ts", import.meta.url));

/** Starts the machine's server. */
async function start(machine: Machine): Promise<ServerProcess> {
  return await ServerProcess.run(machine.command(await unitCommand()), machine.path("/opt/jim"));
}

const addressOf = (server: ServerProcess): string =>
  /metrics served address=(\S+)/.exec(server.stderr)![1]!;

Deno.test("with the task's permissions alone everything works: TLS, settings, search, logs, metrics, the lock", async () => {
  await using machine = await Machine.make();
  const pair = await makeCertificate();
  await Deno.writeTextFile(machine.path("/etc/jim/tls/cert.pem"), pair.cert);
  await Deno.writeTextFile(machine.path("/etc/jim/tls/key.pem"), pair.key);
  const settings = machine.path("/etc/jim/jim.toml");
  const tls = machine.path("/etc/jim/tls");
  const text = 'addr = "127.0.0.1"\nport = 0\nmetrics = "0"\nlog-when = "S"\n' +
    `tls-cert = "${tls}/cert.pem"\ntls-key = "${tls}/key.pem"\n`;
  await Deno.writeTextFile(settings, text);
  const connect = (server: ServerProcess): Promise<RawClient> =>
    RawClient.connect(server.address, undefined, pair.cert);

  {
    await using server = await start(machine);
    using eve = await connect(server);
    assertEquals((await eve.ask(register("eve"))).response, 201);
    using bob = await connect(server);
    assertEquals((await bob.ask(register("bob"))).response, 201);
    const kept = await eve.ask({ event: "msg", to: "bob", message: "apples and pears" });
    assertEquals(kept.response, 200);
    const found = await eve.ask({ event: "search", text: "pears" });
    assertEquals([found.response, (found.messages as unknown[]).length], [200, 1]);

    await server.logs("metrics served");
    const ready = await fetch(`http://${addressOf(server)}/readyz`);
    assertEquals(ready.status, 200, await ready.text());
    assertEquals((await readMetrics(addressOf(server))).values.get("jim_users_online"), 2);

    await Deno.writeTextFile(settings, text + "no-guests = true\n");
    server.kill("SIGHUP");
    await server.logs("settings read again");
    assertMatch(server.stderr, /setting changed.*no-guests/);
    // Once for the start, once for the signal.
    await until(
      "the certificate is read again",
      () => Promise.resolve(server.stderr.split("certificate loaded").length > 2 || undefined),
    );
    using guest = await connect(server);
    const presence = { event: "presence", user: { account_name: "guest" } };
    assertEquals((await guest.ask(presence)).response, 401);

    // Each signal is a record, and the first one of another second rotates the file.
    await until("the log is rotated", async () => {
      server.kill("SIGHUP");
      const files = await Array.fromAsync(Deno.readDir(machine.path("/var/log/jim")));
      return files.some(({ name }) => name.startsWith("server.log.")) || undefined;
    });

    const second = await runServer([], { db: machine.path("/var/lib/jim/jim.db") });
    assertMatch(second.stderr, /another server \(process \d+\) has it open/);
    assertEquals(/ (WARN|ERROR) /.exec(server.stderr), null, server.stderr);
    server.kill("SIGKILL");
    await server.ended();
  }

  await using server = await start(machine);
  using bob = await connect(server);
  assertEquals((await bob.ask(login("bob"))).response, 200);
  const { messages } = await bob.ask({ event: "history", with: "eve" });
  assertEquals((messages as { message: string }[]).map(({ message }) => message), [
    "apples and pears",
  ]);
  for (
    const file of ["/var/lib/jim/jim.db", "/var/lib/jim/jim.db.lock", "/var/log/jim/server.log"]
  ) {
    assertEquals((await Deno.stat(machine.path(file))).mode! & 0o777, 0o600, file);
  }
  server.kill("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("with these permissions a process reaches its own files and nothing else", async () => {
  await using machine = await Machine.make();
  await Deno.writeTextFile(machine.path("/etc/other"), "");
  const command = machine.command(await unitCommand());
  const upToScript = command.slice(1, command.findIndex((word) => word.endsWith("server.ts")));
  const args = [...upToScript, REACH, machine.root];
  const { stdout, stderr } = await runProgram(command[0]!, args);
  assert(stdout !== "", stderr);
  const outcomes: Record<string, string> = JSON.parse(stdout);
  const done = Object.keys(outcomes).filter((name) => outcomes[name] === "done");
  assertEquals(done, [
    "write its data",
    "write its logs",
    "read its settings",
    "read its certificate",
    "read its modules",
  ]);
});

Deno.test("the health check succeeds while the server answers, and fails with one line when it does not", async () => {
  const [check] = await instructions("HEALTHCHECK");
  const shipped = wordsOf(check);
  const { metrics } = Object.fromEntries(
    (await Deno.readTextFile(new URL("../../ops/jim.toml", import.meta.url)))
      .matchAll(/^(\w+) = "(\d+)"/gm).map(([, key, value]) => [key!, value!]),
  );
  assertEquals(shipped.at(-1), metrics);
  await using machine = await Machine.make();
  let port: string;
  const run = (): ReturnType<typeof runProgram> => {
    const words = shipped.map((word) => word.replace(/9464$/, port));
    const [deno, ...args] = machine.command(words);
    return runProgram(deno!, args);
  };
  {
    await using server = await ServerProcess.start(["--metrics", "0"]);
    await server.logs("metrics served");
    port = addressOf(server).split(":")[1]!;
    assertEquals(await run(), { code: 0, stdout: "", stderr: "" });
  }
  const { code, stderr } = await run();
  assertEquals(code, 1);
  assertStringIncludes(stderr, `No answer from http://127.0.0.1:${port}/healthz: `);
  assertEquals(stderr.trimEnd().split("\n").length, 1);
});

Deno.test("the task refuses files elsewhere, before it makes any, with a command that serves them", () =>
  withDatabasePath(async (path) => {
    const db = path.replace("jim.db", "it's made/jim.db");
    const flags = ["-a", "127.0.0.1", "-p", "0", "--db", db, "--no-log-file"];
    const refused = await runProgram(Deno.execPath(), ["task", "--quiet", "server", ...flags]);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    const [, command = ""] =
      /^This server may not use .+; in the project's directory run: (deno run .+)\n$/
        .exec(refused.stderr) ?? [];
    assertEquals([...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))], []);
    const shell = `deno() { exec "$DENO" "$@"; }; DENO='${Deno.execPath()}'; ${command}`;
    await using server = await ServerProcess.run(["sh", "-c", shell], fileURLToPath(ROOT));
    assertEquals((await Deno.stat(db)).mode! & 0o777, 0o600);
    server.kill("SIGTERM");
    assertEquals((await server.ended()).code, 0);
  }));

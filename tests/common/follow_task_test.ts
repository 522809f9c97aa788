import { assert, assertEquals } from "@std/assert";

import config from "../../deno.json" with { type: "json" };
import { Family } from "../support/launch.ts";
import { assertEnded, assertEndsWith, Printing, SERVER, TASK } from "../support/task_process.ts";

const DENO = Deno.execPath();
/** A program that follows its task looks twice a second. */
const SEVERAL_LOOKS_MS = 2_000;

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`${signal} to deno task ends the server in order and frees its port`, () =>
    assertEndsWith(TASK, {}, signal));
}

Deno.test("SIGKILL to deno task ends the client that listens", async () => {
  using family = new Family();
  const server = new Printing(family, TASK);
  await server.prints("listening on");
  const address = ["127.0.0.1", String(server.port)];
  const listen = ["--name", "eve", "--listen", "--no-log-file"];
  const client = new Printing(family, [DENO, "task", "--quiet", "client", ...address, ...listen]);
  await client.prints("eve");
  Deno.kill(client.pid, "SIGKILL");
  await client.silent;
  assertEquals(client.text.includes("rror"), false);
  Deno.kill(server.pid, "SIGTERM");
  await assertEnded(family, server);
});

Deno.test("a server started by hand outlives its parent, also with the task's permissions", async () => {
  const outlives = async (command: string): Promise<void> => {
    using family = new Family();
    const [, ...args] = command.split(" ");
    const shell = ["sh", "-c", '"$0" "$@" & echo "pid=$!"', DENO, ...args, ...SERVER];
    const server = new Printing(family, shell, { INIT_CWD: Deno.cwd() });
    await server.prints("listening on");
    await new Promise((resolve) => setTimeout(resolve, SEVERAL_LOOKS_MS));
    (await Deno.connect({ hostname: "127.0.0.1", port: server.port })).close();
    assert(!server.text.includes("stopping"));
    Deno.kill(Number(/pid=(\d+)/.exec(server.text)![1]), "SIGTERM");
    await assertEnded(family, server);
  };
  const [byHand = ""] = config.tasks.server.split(" --stop-with");
  const commands = [byHand, "deno run --allow-net --allow-read=data server.ts"];
  await Promise.all(commands.map(outlives));
});

Deno.test("SIGHUP that nohup had ignored at the start stays ignored", async () => {
  using family = new Family();
  const server = new Printing(family, ["nohup", DENO, "run", "-A", "server.ts", ...SERVER]);
  await server.prints("listening on");
  Deno.kill(server.pid, "SIGHUP");
  Deno.kill(server.pid, "SIGHUP");
  (await Deno.connect({ hostname: "127.0.0.1", port: server.port })).close();
  await server.prints("disconnected");
  assert(!server.text.includes("stopping"));
  Deno.kill(server.pid, "SIGTERM");
  await assertEnded(family, server);
});

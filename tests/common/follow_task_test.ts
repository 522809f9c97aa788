import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import config from "../../deno.json" with { type: "json" };
import { Family, ROOT, until } from "../support/launch.ts";

const DENO = Deno.execPath();
const SERVER = ["-a", "127.0.0.1", "-p", "0", "--db", ":memory:", "--no-log-file"];
/** A program that follows its task looks twice a second. */
const SEVERAL_LOOKS_MS = 2_000;

/** A process with all that it and its descendants print. */
class Printing {
  readonly pid: number;
  /** Resolves when it and all its descendants have closed their output. */
  readonly silent: Promise<unknown>;
  text = "";

  constructor(family: Family, [program, ...args]: string[], env: Record<string, string> = {}) {
    const child = new Deno.Command(program!, {
      args,
      cwd: ROOT,
      env: { ...family.env, NO_COLOR: "1", npm_lifecycle_event: "", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = child.pid;
    const gather = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.text += text;
    };
    this.silent = Promise.all([child.status, gather(child.stdout), gather(child.stderr)]);
  }

  async prints(text: string): Promise<void> {
    await until(
      `"${text}" is printed`,
      () => Promise.resolve(this.text.includes(text) || undefined),
    )
      .catch((error: Error) => {
        throw new Error(`${error.message}, received ${this.text}`);
      });
  }

  get port(): number {
    return Number(/listening on 127\.0\.0\.1:(\d+)/.exec(this.text)![1]);
  }
}

/** The server has ended, everything else of the family, too, and its port can be taken. */
async function assertEnded(family: Family, server: Printing): Promise<void> {
  await server.silent;
  await family.gone();
  Deno.listen({ hostname: "127.0.0.1", port: server.port }).close();
}

const TASK = [DENO, "task", "--quiet", "server", ...SERVER];
/** As npm runs a command: a shell with a process of its own, which waits for it. */
const NPM = { npm_lifecycle_event: "npx" };
const SHELL = ["sh", "-c", '"$0" "$@"; exit $?'];

for (
  const [who, command, env] of [
    ["deno task", TASK, {}],
    ["the shell above deno task that npx starts", [...SHELL, ...TASK], NPM],
    ["npx", [...SHELL, ...SHELL, ...TASK], NPM],
  ] as const
) {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    Deno.test(`${signal} to ${who} ends the server in order and frees its port`, async () => {
      using family = new Family();
      const server = new Printing(family, [...command], env);
      await server.prints("listening on");
      Deno.kill(server.pid, signal);
      await assertEnded(family, server);
      assertStringIncludes(server.text, "stopping");
      assertStringIncludes(server.text, "INFO server  stopped\n");
    });
  }
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
  for (
    const command of [config.tasks.server, "deno run --allow-net --allow-read=data server.ts"]
  ) {
    using family = new Family();
    const [, ...args] = command.split(" ");
    // With the strict permissions the variable that a task sets may not be read, and does not matter.
    const env = command === config.tasks.server ? { INIT_CWD: "" } : { INIT_CWD: Deno.cwd() };
    const shell = ["sh", "-c", '"$0" "$@" & echo "pid=$!"', DENO, ...args, ...SERVER];
    const server = new Printing(family, shell, env);
    await server.prints("listening on");
    await new Promise((resolve) => setTimeout(resolve, SEVERAL_LOOKS_MS));
    (await Deno.connect({ hostname: "127.0.0.1", port: server.port })).close();
    assert(!server.text.includes("stopping"));
    Deno.kill(Number(/pid=(\d+)/.exec(server.text)![1]), "SIGTERM");
    await assertEnded(family, server);
  }
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

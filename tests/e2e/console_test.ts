// The server goes on whatever happens to its console.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";

import { type Frame, RawClient, withDeadline } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const ROOT = new URL("../../", import.meta.url);
const ON_ALL = ["--console-level", "DEBUG", "--rate", "0"];

/** A server in a shell, which gets the command line as `"$@"`; it ends when its standard input does. */
function start(shell: string, flags: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: [
      ...["-c", shell, "sh", Deno.execPath(), "run", "--quiet", "-A", "server.ts"],
      ...["-a", "127.0.0.1", "-p", "0", "--db", ":memory:", "--stop-at-eof", ...flags],
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Where a server says that it listens. */
async function portOf(stdout: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  for await (const chunk of stream(stdout)) {
    text += chunk;
    const port = /listening on 127\.0\.0\.1:(\d+)\n/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`No port in ${text}`);
}

async function* stream(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  for await (const chunk of bytes.values({ preventCancel: true })) {
    yield new TextDecoder().decode(chunk);
  }
}

/** Chats so that some thousand records are made. */
async function chat(port: number): Promise<void> {
  const client = await RawClient.connect({ hostname: "127.0.0.1", port });
  const user = { account_name: "eve" };
  assertEquals((await client.ask({ event: "presence", user })).response, 200);
  // In one go: that is as many records, and does not wait a thousand times for an answer to come and go.
  const ids = Array.from({ length: 1_000 }, (_, id) => id);
  await client.send(...ids.map((id) => ({ event: "msg", to: "eve", message: "x", id })));
  const answers: Frame[] = [];
  while (answers.length < ids.length) answers.push(await client.response());
  assertEquals(answers.map(({ response, id }) => [response, id]), ids.map((id) => [200, id]));
  assertEquals((await client.ask({ event: "quit" })).response, 200);
  client.close();
}

async function assertEnds(child: Deno.ChildProcess): Promise<void> {
  await child.stdin.close();
  const { code, signal } = await withDeadline(child.status, () => "the end of the server");
  assertEquals([code, signal], [0, null]);
}

/** Lets go of a server, whatever came of it. */
async function leave(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  await child.stdin.close().catch(() => {});
  await child.stdout.cancel();
  await child.stderr.cancel();
  await child.status;
}

Deno.test("a server whose standard error nobody reads serves on, logs to its file, and ends", async () => {
  const dir = await Deno.makeTempDir();
  const child = start('exec "$@"', [...ON_ALL, "--log-level", "DEBUG", "--log-dir", dir]);
  try {
    await chat(await withDeadline(portOf(child.stdout), () => "the port"));
    await assertEnds(child);
    const log = await Deno.readTextFile(join(dir, "server.log"));
    assert(log.split("\n").length > 2_000, "the file has all");
    assertMatch(log, / INFO server {2}stopped\n$/);
  } finally {
    await leave(child);
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a console that takes lines again is told how many were dropped", async () => {
  const child = start('exec "$@"', [...ON_ALL, "--no-log-file"]);
  try {
    const port = await withDeadline(portOf(child.stdout), () => "the port");
    for (let i = 0; i < 4; i++) await chat(port); // about 2 MiB of records
    let text = "";
    const read = async (): Promise<void> => {
      for await (const chunk of stream(child.stderr)) {
        text += chunk;
        if (text.includes("lines dropped")) return;
      }
    };
    await withDeadline(read(), () => `how many lines were dropped, received ${text.length} bytes`);
    assertMatch(text, /WARN console {2}lines dropped, the console did not take them lines=\d+\n/);
    await assertEnds(child);
  } finally {
    await leave(child);
  }
});

for (
  const [what, shell] of [
    ["closed", 'exec "$@" 2>&-'],
    ["a pipe without a reader", 'exec 3>&1; "$@" 2>&1 >&3 | :'],
    ["a full disk", 'exec "$@" 2>/dev/full'],
  ] as const
) {
  Deno.test(`a server whose standard error is ${what} serves on`, async () => {
    const child = start(shell, [...ON_ALL, "--no-log-file"]);
    try {
      await chat(await withDeadline(portOf(child.stdout), () => "the port"));
      await assertEnds(child);
    } finally {
      await leave(child);
    }
  });
}

Deno.test("a server whose standard output is a pipe without a reader serves on", async () => {
  const port = freePort();
  const child = start('"$@" | :', ["-p", String(port), "--no-log-file", "--rate", "0"]);
  try {
    for await (const text of stream(child.stderr)) if (text.includes("started")) break;
    await chat(port);
    await assertEnds(child);
  } finally {
    await leave(child);
  }
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("--quiet shows errors alone, --console-level what it says, whatever goes to the file", async () => {
  const dir = await Deno.makeTempDir();
  const run = async (...flags: string[]): Promise<{ console: string; file: string }> => {
    await using server = await ServerProcess.start(flags, { logDir: dir });
    const client = await server.connect();
    await client.ask({ event: "presence", user: { account_name: "eve" } });
    client.close(); // the server's end waits a while for those who stay
    server.kill("SIGTERM");
    const { stderr } = await server.ended();
    const path = join(dir, "server.log");
    const file = await Deno.readTextFile(path);
    await Deno.remove(path);
    return { console: stderr, file };
  };
  try {
    const quiet = await run("--quiet");
    assertEquals(quiet.console, "");
    assertMatch(quiet.file, /INFO server {2}started/);
    const loud = await run("--console-level", "DEBUG");
    assertMatch(loud.console, /DEBUG server\.session/);
    assert(!loud.file.includes("DEBUG"));
    const same = await run("--log-level", "WARN");
    assertEquals(same, { console: "", file: "" });
    const off = await run("--console-level", "OFF", "--quiet");
    assertEquals(off.console, "");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

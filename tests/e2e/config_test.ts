import { assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";

import { runProgram } from "../support/run_program.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";

/** A settings file that goes at the end of the test. */
class ConfigPath implements AsyncDisposable {
  readonly path: string;
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.path = `${dir}/jim.toml`;
  }

  static async write(text: string): Promise<ConfigPath> {
    const file = new ConfigPath(await Deno.makeTempDir());
    await file.put(text);
    return file;
  }

  async put(text: string): Promise<void> {
    await Deno.writeTextFile(this.path, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}

Deno.test("a server runs by its file, and by its flags where both say something", async () => {
  await using file = await ConfigPath.write(
    'addr = "127.0.0.1"\nport = 1\nno-guests = true\n',
  );
  await using server = await ServerProcess.start(["--config", file.path], {
    listenOn: ["--port", "0"],
  });
  assertEquals(server.address.hostname, "127.0.0.1");
  const eve = await server.connect();
  const user = { account_name: "eve" };
  assertEquals((await eve.ask({ event: "presence", user })).response, 401);
  server.kill("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("a wrong file ends the start with one line and status 2", async () => {
  await using file = await ConfigPath.write("max-lime = 1\n");
  const wrong = await runServer(["--config", file.path]);
  assertEquals([wrong.code, wrong.stdout, wrong.stderr], [
    2,
    "",
    `${file.path}:1: unknown key 'max-lime', did you mean 'max-line'?\n`,
  ]);
  const missing = await runServer(["--config", `${file.path}.old`]);
  assertEquals([missing.code, missing.stderr], [
    2,
    `--config: cannot read ${file.path}.old: there is no such file\n`,
  ]);
});

Deno.test("--print-config says what holds and touches nothing", async () => {
  await using file = await ConfigPath.write("\nport = 1\n");
  const db = `${file.path}.db`;
  const end = await runServer(["--config", file.path, "--print-config"], { db, listenOn: [] });
  assertEquals([end.code, end.stderr], [0, ""]);
  assertMatch(end.stdout, /^port = 1 +# PORT, \S+jim\.toml:2$/m);
  assertMatch(end.stdout, /^db = ".+\.db" +# command line$/m);
  assertMatch(end.stdout, /^max-line = 32768 +# BYTES, default$/m);
  await assertRejects(() => Deno.stat(db), Deno.errors.NotFound);
});

Deno.test("flags of NATS that do not fit end the start, and no password is printed", async () => {
  const lonely = await runServer(["--nats-creds", "x"], { listenOn: [] });
  assertEquals([lonely.code, lonely.stderr], [2, "--nats-creds needs --nats\n"]);
  const printed = await runServer(["--nats", "nats://jim:s3cret@a", "--print-config"], {
    listenOn: [],
  });
  assertEquals([printed.code, printed.stderr], [0, ""]);
  assertMatch(printed.stdout, /^nats = "nats:\/\/\*\*\*@a" +# command line$/m);
});

Deno.test("SIGHUP reads the file again: what can change does so, and nobody is disconnected", async () => {
  await using file = await ConfigPath.write("");
  await using server = await ServerProcess.start(["--config", file.path, "--grace", "5"]);
  const eve = await server.connect();
  const user = { account_name: "eve" };
  assertEquals((await eve.ask({ event: "presence", user })).response, 200);

  await file.put("no-guests = maybe\n");
  server.kill("SIGHUP");
  await server.logs("settings not read, those before stay");
  await file.put('no-guests = true\nmax-line = 100\ngrace = 6\nlog-level = "DEBUG"\n');
  server.kill("SIGHUP");
  await server.logs("settings read again");
  assertMatch(server.stderr, /setting changed.*no-guests/);
  assertMatch(server.stderr, /setting changed.*log-level/);
  assertMatch(server.stderr, /setting needs a restart.*max-line/);
  assertNotMatch(server.stderr, /setting .*grace/);
  const bob = await server.connect();
  assertEquals(
    (await bob.ask({ event: "presence", user: { account_name: "bob" } })).response,
    401,
  );
  assertEquals((await eve.ask({ event: "probe" })).response, 200);
  server.kill("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("what does not go together is named with its line, by the start and by --print-config", async () => {
  await using file = await ConfigPath.write('port = 1\nmetrics = "nope"\n');
  const flags = ["--config", file.path];
  const [started, printed] = await Promise.all([
    runServer(flags),
    runServer([...flags, "--print-config"]),
  ]);
  assertEquals([started.code, started.stdout], [2, ""]);
  assertEquals(started.stderr.startsWith(`${file.path}:2: metrics must be PORT`), true);
  assertEquals([printed.code, printed.stdout, printed.stderr], [2, "", started.stderr]);
});

Deno.test("what is no regular file is refused at once", async () => {
  const { code, stdout, stderr } = await runServer(["--config", "/dev/zero"]);
  const says = "--config: cannot read /dev/zero: it is no regular file\n";
  assertEquals([code, stdout, stderr], [2, "", says]);
});

Deno.test("help and settings that cannot be printed are one line on standard output", async () => {
  for (const flag of ["--help", "--print-config"]) {
    const line = `'${Deno.execPath()}' run --quiet -A server.ts ${flag} >/dev/full`;
    const { code, stderr } = await runProgram("sh", ["-c", line]);
    assertEquals(
      [code, stderr],
      [1, "Cannot write to standard output: No space left on device\n"],
    );
  }
});

Deno.test("SIGHUP while a server waits for the database ends nothing, and counts when it is up", async () => {
  await using file = await ConfigPath.write("rate = 7\n");
  const db = `${file.path}.db`;
  await using before = await ServerProcess.start([], { db });
  const flags = ["--config", file.path, "--wait", "60"];
  await using server = ServerProcess.begin(flags, { db });
  await server.logs("Waiting up to 60 s");
  await file.put("rate = 8\n");
  server.kill("SIGHUP");
  before.kill("SIGTERM");
  await server.logs("settings read again");
  assertMatch(server.stderr, /setting changed.*rate.*7.*8/);
  await server.ready();
  server.kill("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("SIGTERM while a server waits for the database ends it", async () => {
  await using file = await ConfigPath.write("");
  const db = `${file.path}.db`;
  await using _before = await ServerProcess.start([], { db });
  await using server = ServerProcess.begin(["--config", file.path, "--wait", "60"], { db });
  await server.logs("Waiting up to 60 s");
  server.kill("SIGTERM");
  assertEquals((await server.ended()).signal, "SIGTERM");
});

import { assertEquals, assertMatch } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TlsKeeper } from "../../server/connection/tls_keeper.ts";
import { ClientProcess, runClient } from "../support/client_process.ts";
import { runProgram } from "../support/run_program.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { TlsDirectory } from "../support/tls_files.ts";

/** The command line that leads to the server. */
function place({ address }: TestServer): string[] {
  return [address.hostname, String(address.port)];
}

function connect({ address }: TestServer, name: string, password?: string): Promise<JimClient> {
  return JimClient.connect({ ...address, name, ...(password !== undefined && { password }) });
}

Deno.test("--to sends one message: 0 when it was delivered or stored, else 1 and the reason", async () => {
  await using server = new TestServer();
  await using bob = await connect(server, "bob");
  const messages = bob.messages();
  const send = (to: string, text: string, input = ""): ReturnType<typeof runClient> =>
    runClient([...place(server), "-n", "eve", "--to", to, "-m", text], input);

  assertEquals(await send("bob", "hi there"), { code: 0, signal: null, stdout: "", stderr: "" });
  assertEquals((await messages.next()).value?.message, "hi there");
  assertEquals((await send("bob", "-", "from\nstandard input\n")).code, 0);
  assertEquals((await messages.next()).value?.message, "from\nstandard input");
  await bob.join("#dev");
  assertEquals((await send("#dev", "all of you")).code, 0);
  assertEquals((await messages.next()).value?.to, "#dev");

  const refused = await send("zoe", "hi");
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertEquals(refused.stderr, "not sent: No user of that name has ever been here (404)\n");

  await bob.login("bob", { password: PASSWORD, register: true });
  await bob.quit();
  assertEquals((await send("bob", "later")).code, 0);
  await using again = await connect(server, "bob", PASSWORD);
  assertEquals((await again.messages().next()).value?.message, "later");
});

Deno.test("--listen prints messages and nothing else until SIGINT", async () => {
  await using server = new TestServer();
  await using bob = await connect(server, "bob");
  await using eve = new ClientProcess([...place(server), "-n", "eve", "--listen"]);
  await using json = new ClientProcess([...place(server), "-n", "json", "--listen", "--json"]);
  await eve.says("You are eve");
  await json.says("You are json");
  for (const name of ["eve", "json"]) await bob.send(name, "one\ntwo \x1b[2J", { id: "x" });
  await eve.says("[2J");
  await json.says("[2J");
  for (const client of [eve, json]) client.kill("SIGINT");
  const [text, frames] = await Promise.all([eve.ended(), json.ended()]);
  assertEquals([text.code, frames.code], [0, 0]);
  assertMatch(text.stdout, /^\[\d\d:\d\d:\d\d\] bob: one\\ntwo \\u\{1b\}\[2J\n$/);
  const { time, ...frame } = JSON.parse(frames.stdout);
  assertEquals([typeof time, frame], ["number", {
    event: "msg",
    to: "json",
    from: "bob",
    message: "one\ntwo \x1b[2J",
    id: "x",
    n: 1,
  }]);
});

Deno.test("--password-file logs in, where reading it is permitted", async () => {
  await using server = new TestServer();
  await using bob = await connect(server, "bob");
  await bob.login("bob", { password: PASSWORD, register: true });
  await bob.quit();
  const path = await Deno.makeTempFile({ prefix: "jim-password-" });
  try {
    await Deno.writeTextFile(path, `${PASSWORD}\n`);
    const args = [...place(server), "-n", "bob"];
    const allowed = { permissions: [`--allow-read=${path}`] };
    const end = await runClient([...args, "--password-file", path], "who\n", allowed);
    assertEquals([end.code, /1 online/.test(end.stderr)], [0, true]);
    const refused = await runClient([...args, "--password-file", path], "who\n");
    assertEquals([refused.code, refused.stderr], [
      1,
      `Cannot read --password-file '${path}': the task may not read files; use 'deno run ` +
      `--allow-net --allow-read=${path} client.ts …' instead\n`,
    ]);
    const without = await runClient(args, "who\n");
    assertEquals(without.code, 1);
    assertMatch(without.stderr, /^Cannot log in as bob: .*--password-file FILE \(401\)\n$/);
    await Deno.writeTextFile(path, "something else");
    const wrong = await runClient([...args, "--password-file", path], "who\n", allowed);
    assertEquals([wrong.code, wrong.stderr], [
      1,
      "Cannot log in as bob: Wrong login or password (402)\n",
    ]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("--tls trusts the certificates of --ca, and no other", async () => {
  await using directory = await TlsDirectory.make();
  const keeper = new TlsKeeper(directory.files);
  await using server = new TestServer({ tls: { keeper, ca: directory.pair.cert } });
  const args = ["localhost", String(server.address.port), "-n", "eve", "--tls"];
  const trusting = [...args, "--ca", directory.files.cert];
  const permissions = [`--allow-read=${directory.files.cert}`];
  const end = await runClient(trusting, "who\n", { permissions });
  assertEquals([end.code, /1 online/.test(end.stderr)], [0, true]);
  const refused = await runClient(args, "");
  assertEquals([refused.code, refused.stderr], [
    1,
    `Cannot connect to localhost:${server.address.port}: the server's certificate is not trusted\n`,
  ]);
  const plain = await runClient(args.slice(0, -1), "");
  assertEquals([plain.code, plain.stderr.split("\n").length], [1, 2]);
});

Deno.test("the task reaches what the client keeps under data, neither the server's data nor any program", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const words = tasks.client.split(" ");
  const flags = words.slice(2, words.indexOf("client.ts"));
  const script = `
    const query = (descriptor) => Deno.permissions.querySync(descriptor).state === "granted";
    const files = ["data/history/eve.txt", "data/client/x", "data/jim.db", "data", "jim.toml"];
    console.log(JSON.stringify([
      ...files.flatMap((path) => ["read", "write"].map((name) => query({ name, path }))),
      query({ name: "run" }), query({ name: "run", command: "vi" }), query({ name: "ffi" }),
    ]));`;
  const path = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(path, script);
    const { stdout, stderr } = await runProgram(Deno.execPath(), ["run", ...flags, path]);
    assertEquals([JSON.parse(stdout || "[]"), stderr], [
      [true, true, true, true, ...Array.from({ length: 9 }, () => false)],
      "",
    ]);
  } finally {
    await Deno.remove(path);
  }
});

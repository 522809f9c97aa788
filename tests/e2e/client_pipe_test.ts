import { assert, assertEquals, assertMatch } from "@std/assert";

import { ClientProcess, runClient } from "../support/client_process.ts";
import { ServerProcess } from "../support/server_process.ts";

/** A port where nobody listens. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

Deno.test("two clients in pipes chat through a server, with the network as only permission", async () => {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  await using bob = new ClientProcess([hostname, String(port), "-n", "bob"]);
  await bob.says("You are bob");
  await using eve = new ClientProcess(["-a", hostname, "-p", String(port), "-n", "eve"]);
  await eve.write("message bob hi there\nmessage\nbob\nasked for\n");
  await bob.says("eve: asked for");
  await bob.write("reply hello\n");
  await eve.says("bob: hello");
  await eve.closeInput();
  const { code, stdout, stderr } = await eve.ended();
  assertEquals([code, lines(stdout)], [0, ["[] bob: hello"]]);
  assertMatch(stderr, /→ bob: hi there · sent/);
  await bob.closeInput();
  assertEquals(lines((await bob.ended()).stdout), ["[] eve: hi there", "[] eve: asked for"]);
});

Deno.test("at the end of its input the client ends with 0, all answered", async () => {
  await using server = await ServerProcess.start();
  const { port } = server.address;
  const input = "eve\njoin #dev\nmessage #dev hi\nmessage zoe hi\nwho\nnonsense\nexit\nwho";
  const { code, stdout, stderr } = await runClient(["localhost", String(port)], input);
  assertEquals([code, stdout], [0, ""]);
  const at = [
    "Your name:",
    "You are eve",
    "In #dev: eve",
    "→ #dev: hi · sent to 0",
    "→ zoe: hi · not sent",
    "1 online",
    "no command 'nonsense'",
  ].map((text) => stderr.indexOf(text));
  assertEquals(at, at.toSorted((a, b) => a - b));
  assert(at[0] !== -1, stderr);
  assert(!stderr.includes("message [WHO [TEXT]]"), "nobody has asked for the commands");
});

Deno.test("with --marks a client that leaves awaits no further line", async () => {
  await using server = await ServerProcess.start();
  const args = ["127.0.0.1", String(server.address.port), "--name", "eve", "--marks"];
  const { code, stdout } = await runClient(args, "exit\nwho\n");
  assertEquals([code, stdout.split("\u0006").length - 1], [0, 1]);
});

Deno.test("with --marks a program sees when each line is done", async () => {
  await using server = await ServerProcess.start();
  const { port } = server.address;
  const { code, stdout, stderr } = await runClient(
    ["127.0.0.1", String(port), "--name", "eve", "--marks"],
    "message eve one\nmessage\neve\ntwo",
  );
  assertEquals([code, stderr], [0, ""]);
  const [welcome, ...more] = lines(stdout.slice(0, stdout.indexOf("\u0006")));
  assertMatch(welcome!, /^You are eve, online at/);
  assertEquals(more, []); // the commands are for people
  const rest = lines(stdout.slice(stdout.indexOf("\u0006")));
  assertEquals(rest, [
    "\u0006",
    "[] eve: one",
    "[] → eve: one · sent",
    "\u0006",
    "To whom (a name, or #room):",
    "\u0006",
    "Message:",
    "\u0006",
    "[] eve: two",
    "[] → eve: two · sent",
    "\u0006",
  ]);
});

Deno.test("an empty text in a script sends nothing, and does not take the next line", async () => {
  await using server = await ServerProcess.start();
  const { port } = server.address;
  const { code, stdout, stderr } = await runClient(
    ["127.0.0.1", String(port)],
    "eve\nmessage eve \nmessage eve one\nmessage\neve\ntwo\n",
  );
  assertEquals([code, lines(stdout)], [0, ["[] eve: one", "[] eve: two"]]);
  assertEquals(lines(stderr).slice(2), [
    "An empty message is not sent.",
    "[] → eve: one · sent",
    "To whom (a name, or #room):",
    "Message:",
    "[] → eve: two · sent",
  ]);
});

Deno.test("a server that cannot be reached: one line, exit status 1", async () => {
  const port = freePort();
  const { code, stdout, stderr } = await runClient(["127.0.0.1", String(port), "-n", "eve"], "");
  assertEquals([code, stdout, stderr], [
    1,
    "",
    `Cannot connect to 127.0.0.1:${port}: nobody listens there\n`,
  ]);
});

Deno.test("a name that is refused: one line, exit status 1", async () => {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  using eve = await server.connect();
  await eve.ask({ event: "presence", user: { account_name: "eve" } });
  const { code, stderr } = await runClient([hostname, String(port), "-n", "eve"], "who\n");
  assertEquals(code, 1);
  assertMatch(stderr, /^Cannot log in as eve: .+ \(409\)\n$/);
});

Deno.test("a connection that is lost: one line, exit status 1", async () => {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  await using eve = new ClientProcess([hostname, String(port), "-n", "eve"]);
  await eve.says(`You are eve, online at ${hostname}:${port}.\n`);
  const said = eve.stderr.length;
  server.kill("SIGKILL");
  const { code, stderr } = await eve.ended();
  assertEquals(code, 1);
  assertMatch(stderr.slice(said), /^Connection lost: [^\n]+\n$/);
});

Deno.test("a wrong command line: one line, exit status 2", async () => {
  const cases: [string[], RegExp][] = [
    [["--nonsense"], /^Unknown flag '--nonsense'/],
    [["localhost", "0"], /^PORT must be a whole number from 1 to 65535, received '0'/],
    [["--to", "bob"], /^--to and --message go together/],
  ];
  await Promise.all(cases.map(async ([args, words]) => {
    const { code, stdout, stderr } = await runClient(args, "");
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, words);
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  }));
});

/** The lines of an output, without the times. */
function lines(output: string): string[] {
  return output.replace(/^\[\d\d:\d\d:\d\d\]/gm, "[]").split("\n").filter((line) => line !== "");
}

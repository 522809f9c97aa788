import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { Family, Launch, launchCommand, openShell, SERVER } from "../support/launch.ts";
import { TlsDirectory } from "../support/tls_files.ts";

Deno.test("deno task launch 3: three clients chat, and the end of input ends all", async () => {
  using family = new Family();
  const launch = new Launch(family, ["3", "-p", "0", ...SERVER]);
  await launch.type(
    "1 message user2 hello from one",
    "2 message user1 hello from two",
    "@all join #tea",
    "@user3 message #tea who takes sugar?",
    "4 help",
    "2 exit",
    "2 message user1 are you there?",
    "1 message user3 last words",
  );
  assertEquals(await launch.endInput(), 0);
  const heard = (speaker: string, text: string): void =>
    assert(
      launch.saidBy(speaker).some((line) => line.includes(text) && !line.startsWith("> ")),
      `${speaker} has not heard '${text}':\n${launch.lines.join("\n")}`,
    );
  heard("user2", "hello from one");
  heard("user1", "hello from two");
  heard("user1", "who takes sugar?");
  heard("user2", "who takes sugar?");
  heard("user3", "last words");
  assertEquals(launch.saidBy("launcher"), [
    "Cannot type: a line begins with 1–3, @all or @user1, received '4'",
    "Cannot type: client 2 (user2) has ended",
  ]);
  await family.gone();
});

/** One chat that is brought to its end; resolves with the status. */
async function end(how: (launch: Launch, family: Family) => void): Promise<[number, Launch]> {
  using family = new Family();
  const launch = new Launch(family, ["--names", "eve", "-p", "0", ...SERVER]);
  await launch.type("1 message eve I am up");
  await launch.line(/^eve .*\| (?!> ).*I am up/);
  how(launch, family);
  const status = await launch.ended;
  await family.gone();
  return [status, launch];
}

const LAUNCHER = /launcher\.ts --names/;

Deno.test("Ctrl-C and SIGTERM end all, and the status is 0", async () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const [status] = await end((_, family) => Deno.kill(family.pid(LAUNCHER), signal));
    assertEquals(status, 0, signal);
  }
});

Deno.test("one Ctrl-C that npx and deno task repeat still ends all in order", async () => {
  const [status, launch] = await end((launch, family) => {
    Deno.kill(family.pid(LAUNCHER), "SIGINT");
    Deno.kill(launch.pid, "SIGINT"); // `deno task` passes it on
  });
  assertEquals(status, 0);
  assertStringIncludes(launch.saidBy("server").at(-1)!, "stopped");
});

Deno.test("nothing stays behind a launcher, or its task, that is killed", async () => {
  await end((_, family) => Deno.kill(family.pid(LAUNCHER), "SIGKILL"));
  await end((launch) => Deno.kill(launch.pid, "SIGKILL"));
});

Deno.test("a server that is killed ends all, and the status is 1", async () => {
  const [status, launch] = await end((_, family) => Deno.kill(family.pid(/server\.ts/), "SIGKILL"));
  assertEquals(status, 1);
  assertEquals(launch.saidBy("launcher"), ["The server ended with status 137"]);
});

Deno.test("a port that is taken is said in the server's words, and the status is 1", async () => {
  using taken = Deno.listen({ hostname: "::", port: 0 });
  using family = new Family();
  const { port } = taken.addr;
  const launch = new Launch(family, ["2", "-p", `${port}`, ...SERVER]);
  assertEquals(await launch.ended, 1);
  assertEquals(launch.saidBy("server").filter((line) => line.startsWith("Cannot listen")), [
    `Cannot listen on [::]:${port}: the port is in use; ` +
    "stop the other program or choose another one with --port",
  ]);
  assertEquals(
    launch.lines.at(-1),
    "The server ended with status 1 while the chat was starting",
  );
  await family.gone();
});

Deno.test("--attach starts clients only; they end when that server does", async () => {
  using family = new Family();
  const first = new Launch(family, ["--names", "eve", "-p", "0", ...SERVER]);
  const port = /:(\d+)$/.exec(await first.line(/listening on/))![1]!;
  const second = new Launch(family, ["--attach", "localhost", port, "--names", "bob"]);
  await second.type("1 message bob up");
  await second.line(/^bob .*\| (?!> ).*up/);
  await first.type("1 message bob hi over there");
  await second.line(/hi over there/);
  assertEquals(await first.endInput(), 0);
  assertEquals(await second.ended, 1);
  assertEquals(second.saidBy("launcher"), ["All clients have ended"]);
  await family.gone();
});

Deno.test("wrong arguments get one line, and the status is 2", async () => {
  using family = new Family();
  const launch = new Launch(family, ["51"]);
  assertEquals(await launch.ended, 2);
  assertEquals(launch.lines, [
    "The number of clients must be a whole number from 1 to 50, received '51'",
  ]);
});

Deno.test("without a desktop there is no window, and one line says so", async () => {
  using family = new Family();
  const launch = new Launch(family, ["--mode", "windows"], { DISPLAY: "", WAYLAND_DISPLAY: "" });
  assertEquals(await launch.ended, 1);
  assertEquals(launch.lines, [
    "Cannot open windows: there is no desktop here; leave --mode out",
  ]);
});

Deno.test("no deno need be on the PATH", async () => {
  using family = new Family();
  const env = { PATH: "/nowhere" };
  const launch = new Launch(family, ["--names", "eve", "-p", "0", ...SERVER], env);
  await launch.type("1 message eve up");
  await launch.line(/^eve .*\| (?!> ).*up/);
  assertEquals(await launch.endInput(), 0);
  await family.gone();
});

Deno.test("in a terminal a line being typed survives what is printed meanwhile", async () => {
  using family = new Family();
  await using terminal = openShell(family);
  terminal.enter(launchCommand(`2 --mode inline -p 0 ${SERVER.join(" ")}`));
  await terminal.shows(/'1 help' asks client 1/);
  terminal.enter("1 message user2 first");
  await terminal.shows(/user2 +\| .*user1.*first/);
  terminal.type("@user2 mes");
  await terminal.shows(/> @user2 mes$/m);
  Deno.kill(family.pid(/client\.ts .*user1/), "SIGTERM"); // the server's log speaks of it
  await terminal.shows(/offline.*user1[^]*> @user2 mes$/m);
  terminal.enter("sage user2 second");
  await terminal.shows(/user2 +\| .*user2.*second/);
  terminal.press("ctrlZ"); // no signal while the line is edited, and no harm
  terminal.press("ctrlC");
  await terminal.shows(/status=0/);
  terminal.enter("echo the shell is as before");
  await terminal.shows(/^the shell is as before$/m);
  terminal.enter("exit");
  assertEquals(await terminal.ended(), 0);
  await family.gone();
});

Deno.test("a terminal that is closed takes the chat with it", async () => {
  using family = new Family();
  await using terminal = openShell(family);
  terminal.enter(launchCommand(`2 --mode inline -p 0 ${SERVER.join(" ")}`));
  await terminal.shows(/'1 help' asks client 1/);
  terminal.hangUp();
  await family.gone();
});

Deno.test("clients of an own server with a certificate talk TLS and trust it", async () => {
  await using directory = await TlsDirectory.make();
  using family = new Family();
  const { cert, key } = directory.files;
  const server = [...SERVER, "--tls-cert", cert, "--tls-key", key];
  const launch = new Launch(family, ["--names", "eve,bob", "-p", "0", ...server]);
  await launch.type("1 message bob in secret");
  await launch.line(/^bob .*eve.*in secret/);
  assertEquals(await launch.endInput(), 0);
  await family.gone();
});

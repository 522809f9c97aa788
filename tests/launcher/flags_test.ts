import { assert, assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../common/errors.ts";
import { helpText } from "../../common/flags.ts";
import { LAUNCH_COMMAND, type LaunchSettings, parseLaunch } from "../../launcher/flags.ts";

function settings(line: string): LaunchSettings {
  const task = parseLaunch(line.split(" ").filter((word) => word !== ""));
  assert(task.kind === "launch");
  return task.settings;
}

function problem(line: string): string {
  return assertThrows(() => settings(line), UsageError).message;
}

/** A server to attach to that speaks no TLS. */
const PLAIN = { kind: "attach", tls: false, ca: undefined };

Deno.test("without arguments two clients and an own server with its defaults are started", () => {
  assertEquals(settings(""), {
    server: { kind: "own", args: [] },
    names: ["user1", "user2"],
    mode: "auto",
    detach: false,
    lang: undefined,
    script: undefined,
  });
});

Deno.test("N is how many clients there are, 1 to 50", () => {
  assertEquals(settings("3").names, ["user1", "user2", "user3"]);
  assertEquals(settings("50").names?.length, 50);
  const range = "The number of clients must be a whole number from 1 to 50, received";
  assertEquals(problem("0"), `${range} '0'`);
  assertEquals(problem("51"), `${range} '51'`);
  assertEquals(problem("two"), `${range} 'two'`);
  assertEquals(problem("2.5"), `${range} '2.5'`);
});

Deno.test("--names names the clients and says how many there are", () => {
  assertEquals(settings("--names eve,bob,ann").names, ["eve", "bob", "ann"]);
  assertEquals(settings("2 --names Ева,bob").names, ["Ева", "bob"]);
  assertEquals(
    problem("3 --names eve,bob"),
    "N is 3, but --names has 2; leave N out",
  );
  assertEquals(problem("--names eve,Bob,bob"), "--names has 'bob' twice");
  assert(problem("--names eve,,bob").endsWith("received ''"));
  assert(problem("--names=-eve").startsWith("--names"));
  assert(problem("--names a\x1bb").endsWith("received 'a\\u{1b}b'"));
  const many = Array.from({ length: 51 }, (_, index) => `n${index}`).join(",");
  assertEquals(problem(`--names ${many}`), "--names must be 1 to 50 names, received 51");
});

Deno.test("address, port and what follows -- go to the own server", () => {
  assertEquals(settings("2 -p 0 -a ::1 -- --no-guests --db x.db").server, {
    kind: "own",
    args: ["--addr", "::1", "--port", "0", "--no-guests", "--db", "x.db"],
  });
  assert(problem("-p 65536").startsWith("--port must be a whole number from 0 to 65535"));
  assert(problem("2 localhost 7777").startsWith("Unexpected argument 'localhost'; ADDR PORT go"));
});

Deno.test("--attach connects to a server that runs", () => {
  const server = (line: string): unknown => settings(line).server;
  assertEquals(server("--attach"), { ...PLAIN, address: "localhost", port: 7777 });
  const there = { ...PLAIN, address: "10.0.0.1", port: 7000 };
  assertEquals(server("--attach 3 10.0.0.1 7000"), there);
  assertEquals(server("--attach 10.0.0.1 7000"), there);
  assertEquals(server("--attach -a 10.0.0.1 -p 7000"), there);
  assertEquals(settings("3 --attach 10.0.0.1").names?.length, 3);
  assertEquals(server("--attach --tls --ca c.pem 10.0.0.1 7000"), {
    ...there,
    tls: true,
    ca: "c.pem",
  });
  assertEquals(problem("--attach --ca c.pem"), "--ca needs --tls");
  assert(
    problem("2 --tls").startsWith("--tls and --ca go with --attach; an own server speaks TLS"),
  );
  assert(problem("--attach -p 0").startsWith("--port must be a whole number from 1 to 65535"));
  assert(problem("--attach h 70000").startsWith("PORT must be a whole number"));
  assert(problem("--attach h -a g").includes("given twice"));
  assert(problem("--attach h 7 -p 8").includes("given twice"));
  assert(problem("--attach -- --db x").includes("no server to give flags to"));
});

Deno.test("what does not go together is said", () => {
  assertEquals(
    problem("--detach --mode inline"),
    "--detach needs tmux, it does not go with --mode inline",
  );
  assert(problem("--script x --mode tmux").startsWith("--script plays inline"));
  assert(problem("--script x --detach").startsWith("--script plays inline"));
  assert(problem("--mode cube").includes("auto, tmux, windows, inline"));
  assert(problem("--lang xx").includes("auto, en, ru"));
  assert(problem("--frobnicate").startsWith("Unknown flag '--frobnicate'"));
});

Deno.test("a script names its clients, unless the command line does", () => {
  assertEquals(settings("--script demo").names, undefined);
  assertEquals(settings("3 --script demo").names?.length, 3);
  assertEquals(settings("--script -").script, "-");
  assertEquals(settings("--lang ru").lang, "ru");
});

Deno.test("stop, --help and --version are all there is then", () => {
  assertEquals(parseLaunch(["stop"]), { kind: "stop" });
  assertEquals(parseLaunch(["3", "--help"]), { kind: "info", text: helpText(LAUNCH_COMMAND) });
  assertEquals(parseLaunch(["3", "--version"]).kind, "info");
  assertThrows(() => parseLaunch(["stop", "3"]), UsageError, "takes no other arguments");
  assertThrows(() => parseLaunch(["stop", "-p", "1"]), UsageError, "takes no other arguments");
});

import { assertEquals, assertThrows } from "@std/assert";

import {
  checkClient,
  CLIENT_COMMAND,
  type ClientTask,
  parseClientCommand,
} from "../../client/flags.ts";
import { UsageError } from "../../common/errors.ts";
import { helpText } from "../../common/flags.ts";

/** What a command line asks for. */
function taskOf(...args: string[]): ClientTask {
  return checkClient(parseClientCommand(args)).task;
}

Deno.test("the flags say what is to be done", () => {
  assertEquals(
    [
      taskOf(),
      taskOf("--help"),
      taskOf("-n", "eve", "--listen", "--json"),
      taskOf("-n", "eve", "--to", "#dev", "-m", "-"),
      taskOf("-n", "eve", "--history", "#dev", "--limit", "250", "--json"),
      taskOf("-n", "eve", "--search", "in:#dev lunch"),
    ],
    [
      { kind: "chat" },
      { kind: "info", text: helpText(CLIENT_COMMAND) },
      { kind: "listen", asJson: true, name: "eve" },
      { kind: "send", to: "#dev", text: "-", name: "eve" },
      { kind: "history", what: "#dev", limit: 250, asJson: true, name: "eve" },
      { kind: "search", what: "in:#dev lunch", limit: 50, asJson: false, name: "eve" },
    ],
  );
});

Deno.test("an address may be an argument or a flag, IPv6 with or without brackets", () => {
  const place = (...args: string[]): [string, number] => {
    const { addr, port } = checkClient(parseClientCommand(args));
    return [addr, port];
  };
  assertEquals(place(), ["localhost", 7777]);
  assertEquals(place("[::1]", "80"), ["::1", 80]);
  assertEquals(place("-a", "::1", "-p", "80"), ["::1", 80]);
  assertEquals(place("localhost:32102"), ["localhost", 32102]);
  assertEquals(place("[::1]:32102"), ["::1", 32102]);
  assertEquals(place("-a", "10.0.0.1:80"), ["10.0.0.1", 80]);
  assertEquals(place("fe80::1"), ["fe80::1", 7777]);
});

Deno.test("an address may be those of several nodes; who has no port has the first one's", () => {
  const places = (...args: string[]): unknown => {
    const { addr, port, others } = checkClient(parseClientCommand(args));
    return [{ hostname: addr, port }, ...others];
  };
  assertEquals(places("a,b:80,[::1]:81"), [
    { hostname: "a", port: 7777 },
    { hostname: "b", port: 80 },
    { hostname: "::1", port: 81 },
  ]);
  assertEquals(places("a:80,b"), [{ hostname: "a", port: 80 }, { hostname: "b", port: 80 }]);
  assertEquals(places("a,b", "80"), [{ hostname: "a", port: 80 }, { hostname: "b", port: 80 }]);
});

Deno.test("flags that do not go together are refused, with the reason", () => {
  const cases: [string[], string][] = [
    [["host", "-a", "host"], "Give the address once"],
    [["host", "1", "-p", "1"], "Give the port once"],
    [["host:1", "1"], "Give the port once"],
    [["[::1]:1", "-p", "1"], "Give the port once"],
    [["host:http"], "PORT must be a whole number from 1 to 65535, received 'http'"],
    [["host:"], "PORT needs a value"],
    [["host,"], "ADDRESS must be HOST, HOST:PORT or several"],
    [["host,b:http"], "PORT must be a whole number from 1 to 65535, received 'http'"],
    [["--json"], "--json needs --listen, --history or --search"],
    [["--ca", "file"], "--ca needs --tls"],
    [["--invite", "code"], "--invite needs --register"],
    [
      ["--register", "--invite", "x".repeat(65)],
      "--invite must be a code of at most 64 characters",
    ],
    [["--to", "bob"], "--to and --message go together"],
    [["--to", "bob", "-m", "hi"], "--to needs --name"],
    [["--to", "bob", "-m", "hi", "--listen"], "exclude each other"],
    [["--to", "bob!", "-m", "hi", "-n", "eve"], "--to must be a name or a #room"],
    [["--listen"], "--listen needs --name"],
    [["--history", "bob"], "--history needs --name"],
    [["--search", "x"], "--search needs --name"],
    [["--history", "bob!", "-n", "eve"], "--history must be a name or a #room"],
    [["--search", "in:b! x", "-n", "eve"], "in: must be a name or a #room"],
    [["--search", "from:bob", "-n", "eve"], "--search needs a word to look for"],
    [["--history", "bob", "--search", "x", "-n", "eve"], "--history and --search exclude each"],
    [["--listen", "--history", "bob", "-n", "eve"], "--listen and --history exclude each other"],
    [["--limit", "5", "-n", "eve"], "--limit needs --history or --search"],
    [["--limit", "0", "--history", "bob", "-n", "eve"], "from 1 to 10000, received '0'"],
  ];
  for (const [args, words] of cases) {
    assertThrows(() => checkClient(parseClientCommand(args)), UsageError, words);
  }
});

Deno.test("--join takes rooms, for a chat or to listen", () => {
  const joined = (...args: string[]): readonly string[] =>
    checkClient(parseClientCommand(args)).join;
  assertEquals([joined(), joined("--join", "#a, #Чай")], [[], ["#a", "#Чай"]]);
  assertEquals(joined("-n", "eve", "--listen", "--join", "#a"), ["#a"]);
  for (const wrong of ["a", "#a,", ",", "#a,#b c"]) {
    assertThrows(() => joined("--join", wrong), UsageError, "--join must be rooms such as");
  }
  for (const task of [["--to", "bob", "-m", "hi"], ["--history", "#a"], ["--search", "x"]]) {
    const words = "--join goes with a chat or --listen";
    assertThrows(() => joined("-n", "eve", "--join", "#a", ...task), UsageError, words);
  }
});

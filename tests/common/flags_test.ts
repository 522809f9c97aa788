import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";

import { UsageError } from "../../common/errors.ts";
import { type CommandSpec, type FlagTable, helpText, parseCommand } from "../../common/flags.ts";
import { VERSION } from "../../common/version.ts";

const FLAGS = {
  addr: { kind: "text", short: "a", value: "ADDRESS", help: "where" },
  port: {
    kind: "integer",
    short: "p",
    value: "PORT",
    min: 0,
    max: 65_535,
    default: 7_777,
    help: "which port",
  },
  wait: { kind: "number", value: "SECONDS", min: 0.5, max: 10, default: 1, help: "how long" },
  level: {
    kind: "choice",
    value: "LEVEL",
    choices: ["DEBUG", "INFO"],
    default: "INFO",
    help: "how much",
  },
  "no-guests": { kind: "switch", help: "no guests" },
} as const satisfies FlagTable;

const SPEC: CommandSpec<typeof FLAGS> = {
  name: "deno task demo",
  usage: "[flags] [WORD]",
  about: "Shows flags.",
  flags: FLAGS,
  maxPositional: 1,
};

function wrong(args: string[], message: string): void {
  assertEquals(assertThrows(() => parseCommand(SPEC, args), UsageError).message, message);
}

Deno.test("parseCommand gives defaults, typed values and what was given", () => {
  const none = parseCommand(SPEC, []);
  assertEquals(none.flags, {
    addr: undefined,
    port: 7_777,
    wait: 1,
    level: "INFO",
    "no-guests": false,
  });
  assertEquals([...none.given], []);
  const all = parseCommand(SPEC, [
    "-a",
    "::1",
    "-p",
    "0",
    "--wait=2.5",
    "--level",
    "debug",
    "--no-guests",
    "007",
  ]);
  assertEquals(all.flags, { addr: "::1", port: 0, wait: 2.5, level: "DEBUG", "no-guests": true });
  assertEquals(all.positional, ["007"]);
  assertEquals([...all.given].sort(), ["addr", "level", "no-guests", "port", "wait"]);
  assertEquals(parseCommand(SPEC, ["-p", "1", "-p", "2"]).flags.port, 2);
});

Deno.test("parseCommand says what is wrong and what is allowed, in one line", () => {
  wrong(["--port", "x"], "--port must be a whole number from 0 to 65535, received 'x'");
  wrong(["--port", "65536"], "--port must be a whole number from 0 to 65535, received '65536'");
  wrong(["--port=-1"], "--port must be a whole number from 0 to 65535, received '-1'");
  for (const args of [["--port", "-1"], ["-p", "-1"], ["-p=-1"]]) {
    wrong(args, "--port must be a whole number from 0 to 65535, received '-1'");
  }
  wrong(["--port", "-1x"], "--port must be a whole number from 0 to 65535, received '-1x'");
  wrong(["--wait", "-0.5"], "--wait must be a number from 0.5 to 10, received '-0.5'");
  wrong(["--port", "1.5"], "--port must be a whole number from 0 to 65535, received '1.5'");
  wrong(["--port", "0x10"], "--port must be a whole number from 0 to 65535, received '0x10'");
  wrong(["--port", "1e3"], "--port must be a whole number from 0 to 65535, received '1e3'");
  wrong(["-p"], "--port needs a value: a whole number from 0 to 65535");
  wrong(["--port="], "--port needs a value: a whole number from 0 to 65535");
  wrong(["--wait", "0.4"], "--wait must be a number from 0.5 to 10, received '0.4'");
  wrong(["--wait", "Infinity"], "--wait must be a number from 0.5 to 10, received 'Infinity'");
  wrong(["--level", "x"], "--level must be one of DEBUG, INFO, received 'x'");
  for (const next of ["--addr=x", "-a", "-", "--"]) {
    wrong(["--port", next, "x"], "--port needs a value: a whole number from 0 to 65535");
  }
  wrong(["--addr"], "--addr needs a value: ADDRESS");
  wrong(["--addr", "-1"], "Unknown flag '-1'; see deno task demo --help");
  wrong(["--no-guests", "-1"], "Unknown flag '-1'; see deno task demo --help");
  wrong(["--port=1", "-1"], "Unknown flag '-1'; see deno task demo --help");
  wrong(["--zzz"], "Unknown flag '--zzz'; see deno task demo --help");
  wrong(["-z"], "Unknown flag '-z'; see deno task demo --help");
  wrong(["--guests"], "Unknown flag '--guests'; see deno task demo --help");
  wrong(["a", "b"], "Unexpected argument 'b'; see deno task demo --help");
  wrong(["a", "\x1b[2J\n"], "Unexpected argument '\\u{1b}[2J\\n'; see deno task demo --help");
  wrong(["--no-guests=x"], "--no-guests takes no value, received 'x'");
});

Deno.test("what follows -- is handed on as it is", () => {
  const { rest, flags } = parseCommand({ ...SPEC, passesRest: true }, [
    "-p",
    "1",
    "--",
    "-p",
    "-1",
  ]);
  assertEquals([rest, flags.port], [["-p", "-1"], 1]);
});

Deno.test("--help and --version ask for a text, whatever else is given", () => {
  assertEquals(parseCommand(SPEC, ["-p", "1"]).info, undefined);
  assertEquals(parseCommand(SPEC, ["-p", "1", "--version"]).info, `JIM messenger ${VERSION}`);
  assertEquals(parseCommand(SPEC, ["--version", "-h"]).info, helpText(SPEC));
});

Deno.test("helpText names every flag with its default", () => {
  const text = helpText(SPEC);
  for (
    const words of [
      "Usage: deno task demo [flags] [WORD]",
      "-p, --port PORT",
      "(default 7777)",
      "how much: DEBUG, INFO (default INFO)",
    ]
  ) {
    assertStringIncludes(text, words);
  }
  for (const name of Object.keys(FLAGS)) assertStringIncludes(text, `--${name}`);
});

import { assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../../common/errors.ts";
import { castOf, readScript, type ScriptStep } from "../../../launcher/script/script.ts";

function step(line: string): ScriptStep | undefined {
  return readScript("demo", line)[0]?.step;
}

function problem(text: string): string {
  return assertThrows(() => readScript("demo", text), UsageError).message;
}

Deno.test("a line types, waits or pauses", () => {
  assertEquals(step("user1> message user2 hi"), {
    kind: "type",
    name: "user1",
    line: "message user2 hi",
  });
  assertEquals(step("Ева>  help  "), { kind: "type", name: "Ева", line: "help" });
  assertEquals(step("user1>"), { kind: "type", name: "user1", line: "" });
  assertEquals(step("wait user2 /a b/c/iu 0.5"), {
    kind: "wait",
    name: "user2",
    pattern: /a b\/c/iu,
    seconds: 0.5,
  });
  assertEquals(step("wait server /up/"), {
    kind: "wait",
    name: "server",
    pattern: /up/,
    seconds: 10,
  });
  assertEquals(step("pause 2"), { kind: "pause", seconds: 2 });
});

Deno.test("blank lines and comments say nothing, but count", () => {
  const lines = readScript("demo", "# hello\r\n\r\n  user1> hi\r\n");
  assertEquals(lines.map(({ number, text }) => [number, text]), [[3, "user1> hi"]]);
});

Deno.test("the first line that is no step is named, with what is allowed", () => {
  assertEquals(
    problem("user1> hi\nsay hi"),
    "demo:2: a line is 'NAME> what is typed', 'wait NAME /pattern/', 'pause SECONDS' or '# comment', " +
      "received 'say hi'",
  );
  assertEquals(problem("wait user1 /(/").startsWith("demo:1: Invalid regular expression"), true);
  assertEquals(
    problem("wait user1 /a/g"),
    "demo:1: a pattern's flags are of i, m, s, u, v, received 'g'",
  );
  assertEquals(
    problem("pause long"),
    "demo:1: seconds are a number from 0 to 3600, received 'long'",
  );
  assertEquals(problem("pause 3601").endsWith("received '3601'"), true);
  assertEquals(problem("-x> hi").startsWith("demo:1: a name is 1–25 letters"), true);
});

Deno.test("a script tells which clients it needs, in the order in which it speaks of them", () => {
  const lines = readScript("demo", "wait server /up/\nwait bob /x/\neve> hi\nBOB> hi");
  assertEquals(castOf("demo", lines, undefined), ["bob", "eve"]);
  assertEquals(castOf("demo", lines, ["Bob", "Eve"]), ["Bob", "Eve"]);
  assertThrows(
    () => castOf("demo", lines, ["eve", "ann"]),
    UsageError,
    "demo:2: there is no client 'bob', only eve, ann",
  );
  const silent = readScript("demo", "wait server /up/\npause 1");
  assertThrows(
    () => castOf("demo", silent, undefined),
    UsageError,
    "demo types nothing: there is nothing to play",
  );
});

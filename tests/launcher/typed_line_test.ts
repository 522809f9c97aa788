import { assertEquals } from "@std/assert";

import { readTypedLine } from "../../launcher/typed_line.ts";

const NAMES = ["eve", "Bob", "2"];

Deno.test("a number is a client, counted from 1", () => {
  assertEquals(readTypedLine("2 message eve  hi ", NAMES), {
    targets: [1],
    line: "message eve  hi ",
  });
  assertEquals(readTypedLine("  1 help", NAMES), { targets: [0], line: "help" });
  assertEquals(readTypedLine("3", NAMES), { targets: [2], line: "" });
});

Deno.test("@ and a name is the client of that name; @all is everybody", () => {
  assertEquals(readTypedLine("@bob hi", NAMES), { targets: [1], line: "hi" });
  assertEquals(readTypedLine("@2 hi", NAMES), { targets: [2], line: "hi" });
  assertEquals(readTypedLine("@all join #dev", NAMES), { targets: [0, 1, 2], line: "join #dev" });
});

Deno.test("anything else gets one line that says what is allowed", () => {
  const allowed = "Cannot type: a line begins with 1–3, @all or @eve, received";
  for (const target of ["0", "4", "-1", "1.5", "bob", "@ann", "99999999999999999999"]) {
    assertEquals(readTypedLine(`${target} hi`, NAMES), `${allowed} '${target}'`);
  }
  assertEquals(readTypedLine("\x1b[2J", NAMES), `${allowed} '\\u{1b}[2J'`);
  assertEquals(readTypedLine("x".repeat(99), NAMES), `${allowed} '${"x".repeat(30)}…'`);
  assertEquals(
    readTypedLine("2 hi", ["eve"]),
    "Cannot type: a line begins with 1, @all or @eve, received '2'",
  );
});

import { assertEquals } from "@std/assert";

import { harmlessJson } from "../../client/pipe.ts";
import { printable } from "../../common/printable.ts";

Deno.test("a frame that is printed on a terminal is the same value, and steers nothing", () => {
  const value = { message: "\x1b[2J\u009b2J\u202e\u{e0041} 🚀 é \\u0041 日本" };
  const json = JSON.stringify(value);
  const harmless = harmlessJson(json);
  assertEquals(JSON.parse(harmless), value);
  assertEquals(printable(harmless), harmless);
  assertEquals(harmlessJson('{"message":"привет 🚀"}'), '{"message":"привет 🚀"}');
});

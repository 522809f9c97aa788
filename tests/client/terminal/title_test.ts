import { assertEquals } from "@std/assert";

import { Title } from "../../../client/terminal/title.ts";

Deno.test("the title changes only when it is another one, and nothing in it steers the terminal", () => {
  const title = new Title();
  assertEquals(title.begin(), "\x1b[22;0t");
  const told = [undefined, "eve", "eve", "(1) eve", "(1) eve", undefined, "\x07\x1b]0;x\u202e\n"]
    .map((text) => title.change(text));
  assertEquals(told, [
    "",
    "\x1b]0;eve\x07",
    "",
    "\x1b]0;(1) eve\x07",
    "",
    "",
    "\x1b]0;\\u{7}\\u{1b}]0;x\\u{202e}\\n\x07",
  ]);
  assertEquals(title.end(), "\x1b[23;0t");
  title.begin();
  assertEquals(
    title.change("(1) eve"),
    "\x1b]0;(1) eve\x07",
    "another program has had it meanwhile",
  );
});

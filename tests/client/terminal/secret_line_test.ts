import { assertEquals } from "@std/assert";

import { SecretLine } from "../../../client/terminal/secret_line.ts";

Deno.test("characters are typed, Backspace takes the last one, Ctrl-U all", () => {
  const line = new SecretLine();
  line.press("п", { name: "п" });
  line.press("🚀", {});
  line.press("x", { name: "x" });
  line.press("\x7f", { name: "backspace" });
  line.press("\x7f", { name: "backspace" });
  assertEquals(line.text, "п");
  line.insert("pasted");
  assertEquals([line.take(), line.text], ["пpasted", ""]);
  line.insert("x");
  line.press("\x15", { name: "u", ctrl: true });
  assertEquals(line.text, "");
});

Deno.test("keys that type nothing leave nothing in a password", () => {
  const line = new SecretLine();
  line.press("\t", { name: "tab" });
  line.press("\x1b", { name: "escape" });
  line.press(undefined, { name: "left" });
  line.press("\x19", { name: "y", ctrl: true });
  line.press("a", { name: "a", meta: true });
  assertEquals(line.text, "");
});

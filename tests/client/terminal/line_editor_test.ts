import { assertEquals } from "@std/assert";

import { LineEditor } from "../../../client/terminal/line_editor.ts";

Deno.test("the editor moves and deletes by what a person sees", () => {
  const editor = new LineEditor();
  editor.insert("a👨‍👩‍👧e\u0301b");
  editor.press(undefined, { name: "left" });
  editor.press(undefined, { name: "left" });
  editor.press(undefined, { name: "backspace" });
  assertEquals([editor.text, editor.cursor], ["ae\u0301b", 1]);
  editor.press(undefined, { name: "delete" });
  assertEquals([editor.text, editor.cursor], ["ab", 1]);
  editor.press(undefined, { name: "right" });
  editor.press("!", { name: "!", sequence: "!" });
  assertEquals(editor.text, "ab!");
});

Deno.test("what is taken out and forgotten cannot be fetched back", () => {
  const editor = new LineEditor({ mayRemember: (line) => line !== "secret" });
  editor.insert("first");
  assertEquals(editor.enter(), "first");
  editor.insert("secret");
  assertEquals(editor.enter(), "secret");
  editor.insert("answer");
  assertEquals(editor.take(), "answer");
  editor.press(undefined, { name: "y", ctrl: true });
  assertEquals(editor.text, "");
  editor.press(undefined, { name: "up" });
  assertEquals(editor.text, "first");
});

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

Deno.test("an up arrow finds the newest line that begins like what was typed", () => {
  const told: string[][] = [];
  const editor = new LineEditor();
  editor.insert("half a line");
  editor.useInputHistory(["who", "message bob hi", "join #dev"], (lines) => told.push([...lines]));
  assertEquals(editor.text, "half a line");
  editor.clear();
  editor.insert("j");
  editor.press(undefined, { name: "up" });
  assertEquals(editor.text, "join #dev");
  assertEquals(editor.enter(), "join #dev");
  // A line that is entered again moves to the top.
  assertEquals(told, [["join #dev", "who", "message bob hi"]]);
});

Deno.test("what is cleared can be fetched back, and a part be deleted before the cursor", () => {
  const editor = new LineEditor();
  editor.insert("one two");
  editor.deleteBack(3);
  assertEquals(editor.text, "one ");
  editor.deleteBack(99);
  assertEquals(editor.text, "");
  editor.insert("three");
  editor.clear();
  assertEquals([editor.text, editor.cursor], ["", 0]);
  editor.press(undefined, { name: "y", ctrl: true });
  assertEquals(editor.text, "three");
});

Deno.test("line ends of all kinds are characters like others, in the line and in the history", () => {
  const told: string[][] = [];
  const editor = new LineEditor();
  editor.useInputHistory(["a\u2028b"], (lines) => told.push([...lines]));
  editor.press(undefined, { name: "up" });
  assertEquals(editor.text, "a\u2028b");
  editor.clear();
  editor.insert("🚀\n\r\u2029🚀");
  editor.press("\u2028", { sequence: "\u2028" });
  assertEquals([editor.text, editor.cursor], ["🚀\n\r\u2029🚀\u2028", 8]);
  editor.moveBack(3);
  editor.press(undefined, { name: "backspace" });
  assertEquals(editor.text, "🚀\n\r🚀\u2028");
  assertEquals(editor.enter(), "🚀\n\r🚀\u2028");
  assertEquals(told, [["🚀\n\r🚀\u2028", "a\u2028b"]]);
});

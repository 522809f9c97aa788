import { assertEquals } from "@std/assert";

import { LineEditor } from "../../../client/terminal/line_editor.ts";
import { TabCompletion } from "../../../client/terminal/tab_completion.ts";

const SOURCES = {
  commands: ["message", "msg"],
  names: ["bob", "bobby"],
  rooms: [],
  inConversation: false,
};

Deno.test("the first Tab completes, the second one shows what fits, any other key begins anew", () => {
  const tab = new TabCompletion();
  const editor = new LineEditor();
  editor.insert("message b");
  assertEquals([tab.press(editor, SOURCES), editor.text], [[], "message bob"]);
  assertEquals(tab.press(editor, SOURCES), ["bob", "bobby"]);
  tab.reset();
  assertEquals(tab.press(editor, SOURCES), []);
  editor.insert("b");
  assertEquals([tab.press(editor, SOURCES), editor.text], [[], "message bobby "]);
});

Deno.test("what is completed stands before the cursor; the text behind it stays", () => {
  const tab = new TabCompletion();
  const editor = new LineEditor();
  editor.insert("mes bob");
  for (let i = 0; i < 4; i++) editor.press(undefined, { name: "left" });
  tab.press(editor, SOURCES);
  assertEquals([editor.text, editor.cursor], ["message bob", "message".length]);
});

Deno.test("where nothing fits, nothing changes", () => {
  const tab = new TabCompletion();
  const editor = new LineEditor();
  editor.insert("xyz");
  for (let i = 0; i < 2; i++) assertEquals(tab.press(editor, SOURCES), []);
  assertEquals(editor.text, "xyz");
});

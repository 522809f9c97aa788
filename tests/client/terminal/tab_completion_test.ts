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

Deno.test("from the third Tab on each one that fits stands there in turn, until another key is pressed", () => {
  const tab = new TabCompletion();
  const editor = new LineEditor();
  const sources = { ...SOURCES, inConversation: true, likely: ["bobby"] };
  editor.insert("hi (@b!)");
  editor.moveTo(6);
  const press = (): string => {
    const listed = tab.press(editor, sources);
    return [editor.text, ...listed].join(" ");
  };
  assertEquals(press(), "hi (@bob!)");
  assertEquals(press(), "hi (@bob!) bobby bob");
  assertEquals([press(), press(), press()], ["hi (@bobby!)", "hi (@bob!)", "hi (@bobby!)"]);
  assertEquals(editor.cursor, "hi (@bobby".length);
  tab.reset();
  assertEquals(press(), "hi (@bobby !)", "it is the only one now");
});

Deno.test("an empty word is listed at once more, and chosen from", () => {
  const tab = new TabCompletion();
  const editor = new LineEditor();
  editor.insert("message ");
  assertEquals([tab.press(editor, SOURCES), editor.text], [[], "message bob"]);
  assertEquals(tab.press(editor, SOURCES), ["bob", "bobby"]);
  tab.press(editor, SOURCES);
  tab.press(editor, SOURCES);
  assertEquals(editor.text, "message bobby");
});

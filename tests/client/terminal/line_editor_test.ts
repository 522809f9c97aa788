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
  editor.moveTo(editor.cursor - 3);
  editor.press(undefined, { name: "backspace" });
  assertEquals(editor.text, "🚀\n\r🚀\u2028");
  assertEquals(editor.enter(), "🚀\n\r🚀\u2028");
  assertEquals(told, [["🚀\n\r🚀\u2028", "a\u2028b"]]);
});

/** An editor, and the names of keys: `^a` with Ctrl, `~b` with Alt. */
function editorOf(text: string, cursor = text.length): [LineEditor, (...keys: string[]) => string] {
  const editor = new LineEditor();
  editor.begin({ text, cursor });
  return [editor, (...keys) => {
    for (const key of keys) {
      const [, mark = "", name] = /^([\^~]?)(.+)$/.exec(key)!;
      if (key === "undo") editor.press(undefined, { sequence: "\x1f" });
      else if (key === "redo") editor.press(undefined, { sequence: "\x1e" });
      else {
        const text = mark === "" && name!.length === 1 ? name : undefined;
        editor.press(text, { name, ctrl: mark === "^", meta: mark === "~" });
      }
    }
    return `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`;
  }];
}

Deno.test("keys for words know all scripts, and stop at line breaks", () => {
  const [, press] = editorOf("привет, мир!\nдва слова");
  assertEquals(press("^w"), "привет, мир!\nдва |");
  assertEquals(press("^w"), "привет, мир!\n|");
  assertEquals(press("^w"), "привет, мир!|");
  assertEquals(press("^left", "~b"), "привет, |мир!");
  assertEquals(press("~f", "^right"), "привет, мир!|");
  assertEquals(press("^left", "^left", "~d", "^y"), "привет, мир|!");
  assertEquals(press("^home", "^delete"), "|, мир!");
});

Deno.test("keys for lines work on the line of the cursor; at its edge they join lines", () => {
  const [, press] = editorOf("one\ntwo three\nfour", 8);
  assertEquals(press("home"), "one\n|two three\nfour");
  assertEquals(press("end"), "one\ntwo three|\nfour");
  assertEquals(press("^a", "^right", "^k"), "one\ntwo|\nfour");
  assertEquals(press("^k"), "one\ntwo|four");
  assertEquals(press("^u"), "one\n|four");
  assertEquals(press("^u"), "one|four");
  assertEquals(press("^end"), "onefour|");
  assertEquals(press("^y"), "onefour\n|");
});

Deno.test("what was cut before comes with Alt-Y, right behind Ctrl-Y only", () => {
  const [, press] = editorOf("a b c");
  assertEquals(press("^w", "^w", "^w"), "|");
  assertEquals(press("^y"), "a |");
  assertEquals(press("~y", "~y"), "c|");
  assertEquals(press("~y"), "a |");
  assertEquals(press("left", "~y"), "a| ");
});

Deno.test("what was done is undone step by step, and done again; what is typed in one go is one step", () => {
  const [, press] = editorOf("");
  assertEquals(press("a", "b", "^b", "c", "^w"), "|b");
  assertEquals(press("undo"), "ac|b");
  assertEquals(press("undo"), "a|b");
  assertEquals(press("undo", "undo"), "|");
  assertEquals(press("redo", "redo"), "ac|b");
  assertEquals(press("x", "redo"), "acx|b");
});

Deno.test("a walk through the input history comes back to what was typed, the cursor where it was", () => {
  const [editor, press] = editorOf("chat", 2);
  editor.useInputHistory(["chat bob", "who", "charm\nline", "chat"]);
  assertEquals([press("up"), editor.isWalking], ["chat bob|", true]);
  assertEquals(press("up"), "charm\nline|");
  assertEquals(press("^p"), "chat|");
  assertEquals(press("up"), "chat|");
  assertEquals(press("down", "^n"), "chat bob|");
  assertEquals([press("down"), editor.isWalking], ["ch|at", false]);
  assertEquals(press("down"), "ch|at");
});

Deno.test("keys that mean nothing type nothing", () => {
  const [editor, press] = editorOf("x");
  assertEquals(press("^g", "~x", "f5", "insert"), "x|");
  editor.press("\x1c", { sequence: "\x1c" });
  editor.press("\x85", { sequence: "\x85" });
  assertEquals(editor.text, "x\x85");
});

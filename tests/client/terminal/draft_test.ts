import { assertEquals } from "@std/assert";

import { Draft } from "../../../client/terminal/draft.ts";
import { LineEditor } from "../../../client/terminal/line_editor.ts";

function draftOf(text: string): Draft {
  const editor = new LineEditor();
  editor.insert(text);
  return new Draft(editor);
}

Deno.test("a text that ends in a backslash goes on in the next line", () => {
  const draft = draftOf("one\\");
  assertEquals([draft.goesOn, draft.enter(), draft.text], [true, undefined, "one\n"]);
  draft.editor.insert("two\\\\\\");
  draft.editor.press(undefined, { name: "up" });
  draft.editor.press(undefined, { name: "home" });
  assertEquals([draft.enter(), draft.text], [undefined, "one\ntwo\\\\\n"]);
  draft.editor.insert("three\\\\");
  assertEquals([draft.goesOn, draft.text], [false, "one\ntwo\\\\\nthree\\\\"]);
  assertEquals(draft.enter(), { text: "one\ntwo\\\\\nthree\\\\" });
  assertEquals(draft.text, "");
});

Deno.test("a line is begun at the cursor; all lines are one entry of the input history, a paste is none", () => {
  const draft = draftOf("onetwo");
  draft.editor.moveTo(3);
  draft.breakLine();
  assertEquals([draft.text, draft.editor.cursor], ["one\ntwo", 4]);
  assertEquals(draft.enter(), { text: "one\ntwo" });
  draft.paste(["three", "four"]);
  draft.giveBack(draft.paste(["five", "six"]));
  assertEquals(draft.enter()?.paste?.firstLine, "five");
  draft.editor.press(undefined, { name: "up" });
  assertEquals(draft.text, "one\ntwo");
});

Deno.test("lines that are typed after a refused paste has been deleted are no paste", () => {
  const draft = draftOf("");
  draft.giveBack(draft.paste(["five", "six"]));
  draft.editor.deleteBack(99);
  draft.editor.insert("one");
  draft.breakLine();
  draft.editor.insert("two");
  assertEquals(draft.enter(), { text: "one\ntwo" });
});

Deno.test("a paste of several lines goes where the cursor is and ends the text", () => {
  const draft = draftOf("first\\");
  draft.enter();
  draft.editor.insert("()");
  draft.editor.press(undefined, { name: "left" });
  assertEquals(draft.paste(["one", "two\\"]), {
    text: "first\n(one\ntwo\\)",
    paste: { firstLine: "one", isBlock: false, cursor: 15 },
  });
  assertEquals(draft.text, "");
});

Deno.test("each conversation has its draft, with its cursor; what was sent or cleared does not come back", () => {
  const draft = draftOf("a command");
  draft.switchTo("bob");
  assertEquals(draft.text, "");
  draft.editor.insert("for bob");
  draft.editor.moveTo(3);
  draft.switchTo("bob");
  draft.switchTo("#dev");
  draft.giveBack(draft.paste(["one", "two"]));
  draft.switchTo("");
  assertEquals([draft.text, draft.editor.cursor], ["a command", 9]);
  draft.clear();
  draft.switchTo("bob");
  assertEquals([draft.text, draft.editor.cursor], ["for bob", 3]);
  draft.editor.press(undefined, { sequence: "\x1f" });
  assertEquals(draft.text, "for bob", "what was done elsewhere cannot be undone here");
  assertEquals(draft.enter(), { text: "for bob" });
  draft.switchTo("#dev");
  assertEquals(draft.enter()?.paste?.firstLine, "one", "it is still known that it was pasted");
  for (const key of ["", "bob", "#dev"]) {
    draft.switchTo(key);
    assertEquals([key, draft.text], [key, ""]);
  }
});

Deno.test("a hundred drafts are kept, and none that is longer than a person writes", () => {
  const draft = draftOf("");
  for (let i = 0; i <= 100; i++) {
    draft.switchTo(`user${i}`);
    draft.editor.insert(`for ${i}`);
  }
  draft.switchTo("long");
  draft.editor.insert("x".repeat(65_537));
  for (const [key, text] of [["user0", ""], ["user1", "for 1"], ["long", ""]] as const) {
    draft.switchTo(key);
    assertEquals([key, draft.text], [key, text]);
  }
});

Deno.test("what is given back stands where it was, with what was typed since at the cursor", () => {
  const draft = draftOf("()");
  draft.editor.press(undefined, { name: "left" });
  const entry = draft.paste(["one", "two"]);
  draft.insert("!");
  draft.giveBack(entry);
  assertEquals([draft.text, draft.editor.cursor], ["(one\ntwo!)", 9]);
  draft.editor.insert("?");
  const again = { firstLine: "one", isBlock: false, cursor: 10 };
  assertEquals(draft.enter(), { text: "(one\ntwo!?)", paste: again });
  assertEquals(draft.text, "");
});

Deno.test("a block by itself is told from one that was pasted into a line, also after it was edited", () => {
  const draft = draftOf("");
  const entry = draft.paste(["who", "who"]);
  assertEquals(entry.paste?.isBlock, true);
  draft.giveBack(entry);
  draft.editor.press(undefined, { name: "home", ctrl: true });
  draft.editor.insert("message bob ");
  assertEquals(draft.enter()?.paste?.isBlock, false);
  draft.insert("a\nb");
  assertEquals(draft.enter()?.paste?.isBlock, true);
  draft.insert("typed");
  assertEquals(draft.enter(), { text: "typed" });
});

Deno.test("a text that was filled in is no paste, also of several lines; what is pasted into it is", () => {
  const draft = draftOf("");
  draft.fill("/edit one\ntwo");
  draft.editor.insert("!");
  assertEquals(draft.enter(), { text: "/edit one\ntwo!" });
  draft.fill("/edit one\ntwo");
  assertEquals(draft.paste(["three", "four"]).paste?.firstLine, "three");
  draft.fill("/edit one");
  draft.clear();
  draft.insert("a\nb");
  assertEquals(draft.enter()?.paste?.firstLine, "a", "what was filled in before is gone");
});

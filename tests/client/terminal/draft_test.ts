import { assertEquals } from "@std/assert";

import { Draft } from "../../../client/terminal/draft.ts";
import { LineEditor } from "../../../client/terminal/line_editor.ts";

function draftOf(text: string): Draft {
  const editor = new LineEditor();
  editor.insert(text);
  return new Draft(editor);
}

Deno.test("lines that end in a backslash are entered with the one that does not", () => {
  const draft = draftOf("one\\");
  assertEquals([draft.goesOn, draft.enter(), draft.isContinued], [true, undefined, true]);
  draft.editor.insert("two\\\\\\");
  assertEquals(draft.enter(), undefined);
  draft.editor.insert("three\\\\");
  assertEquals([draft.goesOn, draft.text], [false, "one\ntwo\\\\\nthree\\\\"]);
  assertEquals(draft.enter(), { text: "one\ntwo\\\\\nthree\\\\", pastedLines: 0 });
  assertEquals([draft.text, draft.isContinued], ["", false]);
});

Deno.test("each line goes into the input history by itself, a paste does not", () => {
  const draft = draftOf("one\\");
  draft.enter();
  draft.editor.insert("two");
  draft.enter();
  draft.paste(["three", "four"]);
  const up = (): string => {
    draft.editor.press(undefined, { name: "up" });
    return draft.text;
  };
  assertEquals([up(), up()], ["two", "one\\"]);
});

Deno.test("a paste of several lines goes where the cursor is and ends the text", () => {
  const draft = draftOf("first\\");
  draft.enter();
  draft.editor.insert("()");
  draft.editor.press(undefined, { name: "left" });
  assertEquals(draft.paste(["one", "two\\"]), {
    text: "first\n(one\ntwo\\)",
    pastedLines: 2,
    paste: { firstLine: "one", isBlock: false, cursor: 15 },
  });
  assertEquals([draft.text, draft.isContinued], ["", false]);
});

Deno.test("what is cleared is gone with the lines before it", () => {
  const draft = draftOf("one\\");
  draft.enter();
  draft.editor.insert("two");
  draft.clear();
  assertEquals([draft.text, draft.isContinued], ["", false]);
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
  assertEquals(draft.enter(), { text: "(one\ntwo!?)", pastedLines: 2, paste: again });
  assertEquals(draft.text, "");
});

Deno.test("a block by itself is told from one that was pasted into a line, also after it was edited", () => {
  const draft = draftOf("");
  const entry = draft.paste(["who", "who"]);
  assertEquals(entry.paste?.isBlock, true);
  draft.giveBack(entry);
  draft.editor.press(undefined, { name: "home" });
  draft.editor.insert("message bob ");
  assertEquals(draft.enter()?.paste?.isBlock, false);
  draft.insert("a\nb");
  assertEquals(draft.enter()?.paste?.isBlock, true);
  draft.insert("typed");
  assertEquals(draft.enter(), { text: "typed", pastedLines: 0 });
});

Deno.test("a text that was filled in is no paste, also of several lines; what is pasted into it is", () => {
  const draft = draftOf("");
  draft.fill("/edit one\ntwo");
  draft.editor.insert("!");
  assertEquals(draft.enter(), { text: "/edit one\ntwo!", pastedLines: 0 });
  draft.editor.press(undefined, { name: "up" });
  assertEquals(draft.text, "", "the input history holds single lines");
  draft.fill("/edit one\ntwo");
  assertEquals(draft.paste(["three", "four"]).paste?.firstLine, "three");
  draft.fill("/edit one");
  draft.clear();
  draft.insert("a\nb");
  assertEquals(draft.enter()?.pastedLines, 2, "what was filled in before is gone");
});

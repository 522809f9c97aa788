import { assertEquals } from "@std/assert";

import { Draft } from "../../../client/terminal/draft.ts";
import { LineEditor } from "../../../client/terminal/line_editor.ts";
import { TypedSearch } from "../../../client/terminal/typed_search.ts";

const CTRL_R = { name: "r", ctrl: true };

Deno.test("a search stands in the place of the input from Ctrl-R on, and the draft waits behind it", () => {
  const draft = new Draft(new LineEditor());
  draft.editor.useInputHistory(["who", "join #dev"]);
  draft.editor.insert("half");
  const search = new TypedSearch(draft);
  const shown = (): string | undefined => {
    const state = search.input((query, isFailing) => `${query}${isFailing ? "!" : ""}: `);
    return state && `${state.prompt}${state.text} ${state.cursor}`;
  };
  assertEquals([search.press("x", { name: "x" }), search.paste("x"), shown()], [
    false,
    false,
    undefined,
  ]);
  assertEquals([search.press(undefined, CTRL_R), shown()], [true, ": half 4"]);
  assertEquals([search.press("j", { name: "j" }), shown()], [true, "j: join #dev 0"]);
  assertEquals([search.paste("x"), shown(), draft.text], [true, "jx!: join #dev 9", "half"]);
  search.stop();
  assertEquals([shown(), draft.text], [undefined, "half"]);
  search.press(undefined, CTRL_R);
  search.press("d", { name: "d" });
  assertEquals(search.press(undefined, { name: "home" }), false, "the key is for the input, too");
  assertEquals([shown(), draft.text, draft.editor.cursor], [undefined, "join #dev", 6]);
  draft.editor.press(undefined, { sequence: "\x1f" });
  assertEquals(draft.text, "half", "what was there can be brought back");
  search.press(undefined, CTRL_R);
  search.press(undefined, CTRL_R);
  assertEquals(shown(), "d: join #dev 6");
});

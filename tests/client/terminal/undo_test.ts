import { assertEquals } from "@std/assert";

import { Undo } from "../../../client/terminal/undo.ts";

function state(text: string): { text: string; cursor: number } {
  return { text, cursor: text.length };
}

Deno.test("200 steps are kept, and nothing more is undone than was done", () => {
  const undo = new Undo();
  for (let i = 0; i < 300; i++) undo.before(state(String(i)));
  let now = state("300");
  let steps = 0;
  for (let back; (back = undo.back(now)) !== undefined; steps++) now = back;
  assertEquals([steps, now.text], [200, "100"]);
  assertEquals(undo.forth(now)?.text, "101");
});

Deno.test("a step after an undone one takes the place of what was undone", () => {
  const undo = new Undo();
  undo.beforeTyping(state(""), 1);
  undo.beforeTyping(state("a"), 1);
  assertEquals(undo.back(state("ab")), state(""));
  undo.beforeTyping(state(""), 1);
  assertEquals(undo.forth(state("x")), undefined);
  assertEquals(undo.back(state("x")), state(""));
});

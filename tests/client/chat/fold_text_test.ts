import { assertEquals } from "@std/assert";

import { foldText, indexOfFolded } from "../../../client/chat/fold_text.ts";

Deno.test("case, accents and forms of letters make no difference; positions are those of the text", () => {
  assertEquals(foldText("ЁЖИК Ångström"), "ежик angstrom");
  assertEquals(indexOfFolded("Ещё ёлка", foldText("ЕЛ")), 4);
  assertEquals(indexOfFolded("Ещё ёлка", "ил"), -1);
  // Two letters come of one: where things stand is not told.
  assertEquals(indexOfFolded("ﬁre #dev", "dev"), 8);
  assertEquals(indexOfFolded("🚀 Чай", "чаи"), 3);
});

import { assertEquals } from "@std/assert";

import { RowMotion } from "../../../client/terminal/row_motion.ts";

Deno.test("the column is kept over a shorter row, until another key is pressed", () => {
  const rows = new RowMotion();
  const press = (name: string, cursor: number, ctrl = false): number | undefined =>
    rows.press({ name, ctrl }, { prompt: "", text: "three\n\nfour", cursor }, 80);
  assertEquals(press("up", 10), 6);
  assertEquals(press("up", 6), 3);
  assertEquals(press("up", 3), undefined);
  assertEquals(press("up", 10), 6);
  assertEquals(press("left", 6), undefined);
  assertEquals(press("up", 6), 0);
  assertEquals([press("down", 0, true), press("down", 11)], [undefined, undefined]);
});

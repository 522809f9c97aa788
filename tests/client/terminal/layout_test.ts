import { assert, assertEquals } from "@std/assert";
import stringWidth from "string-width";

import { graphemeAfter, graphemeBefore, layoutInput } from "../../../client/terminal/layout.ts";
import { seededRandom } from "../../support/random.ts";

const FAMILY = "👨‍👩‍👧";

Deno.test("a short line is one row, the cursor behind it", () => {
  const layout = layoutInput({ prompt: "> ", text: "hi", cursor: 2 }, { columns: 80, rows: 24 });
  assertEquals(layout, { rows: ["> hi"], widths: [4], cursorRow: 0, cursorColumn: 4 });
});

Deno.test("wide characters are never broken, and count twice", () => {
  const layout = layoutInput({ prompt: "> ", text: "日本語", cursor: 2 }, { columns: 6, rows: 24 });
  assertEquals(layout, { rows: ["> 日", "本語"], widths: [4, 4], cursorRow: 1, cursorColumn: 2 });
});

Deno.test("a cursor before a character that starts a row is in that row", () => {
  const layout = layoutInput({ prompt: "", text: "abcdef", cursor: 4 }, { columns: 5, rows: 24 });
  assertEquals([layout.rows, layout.cursorRow, layout.cursorColumn], [["abcd", "ef"], 1, 0]);
});

Deno.test("what would steer the terminal is shown as its escape", () => {
  const layout = layoutInput({ prompt: "", text: "a\x1b\tb", cursor: 4 }, {
    columns: 80,
    rows: 24,
  });
  assertEquals(layout.rows, ["a\\u{1b}\\tb"]);
});

Deno.test("a line break is seen, and ends its row; the cursor behind it is in the next one", () => {
  const state = { prompt: "> ", text: "one\ntwo\n", cursor: 4 };
  const { rows, cursorRow, cursorColumn } = layoutInput(state, { columns: 80, rows: 24 });
  assertEquals([rows, cursorRow, cursorColumn], [["> one\\n", "two\\n", ""], 1, 0]);
});

Deno.test("more rows than the terminal has: those around the cursor are shown", () => {
  const text = Array.from({ length: 90 }, (_, i) => String(i % 10)).join("");
  for (const cursor of [0, 45, 90]) {
    const layout = layoutInput({ prompt: "", text, cursor }, { columns: 10, rows: 4 });
    assertEquals(layout.rows.length, 3);
    const row = layout.rows[layout.cursorRow]!;
    const at = text.length === cursor ? row.length : Number(row[layout.cursorColumn]);
    assertEquals(at, cursor === 90 ? 9 : cursor % 10);
  }
});

Deno.test("the row below has its place, but in a terminal of fewer than four rows", () => {
  const state = { prompt: "", text: "x".repeat(90), cursor: 90, below: "state" };
  for (const [rows, shown, below] of [[2, 1, undefined], [3, 2, undefined], [4, 2, "state"]]) {
    const layout = layoutInput(state, { columns: 10, rows: Number(rows) });
    assertEquals([layout.rows.length, layout.below], [shown, below]);
  }
});

Deno.test("whatever is typed: nothing is lost, no row too wide, the cursor behind what stands before it", () => {
  const random = seededRandom(5);
  const pieces = ["a", "ж", "日", "🚀", FAMILY, "e\u0301", "\x1b", " ", "‼️", "가"];
  for (let round = 0; round < 300; round++) {
    const parts = Array.from(
      { length: Math.floor(random() * 40) },
      () => pieces[Math.floor(random() * pieces.length)]!,
    );
    const before = parts.slice(0, Math.floor(random() * (parts.length + 1)));
    const columns = 3 + Math.floor(random() * 30);
    const state = { prompt: "eve> ", text: parts.join(""), cursor: before.join("").length };
    const { rows, widths, cursorRow, cursorColumn } = layoutInput(state, { columns, rows: 1000 });
    assertEquals(rows.join(""), "eve> " + parts.join("").replaceAll("\x1b", "\\u{1b}"));
    assertEquals(widths, rows.map((row) => stringWidth(row)));
    assert(widths.every((width) => width < columns));
    const upToCursor = rows.slice(0, cursorRow).join("") +
      cutAt(rows[cursorRow]!, cursorColumn);
    assertEquals(upToCursor, "eve> " + before.join("").replaceAll("\x1b", "\\u{1b}"));
  }
});

Deno.test("a step over a character is a step over what a person sees", () => {
  const text = `a${FAMILY}b`;
  assertEquals(graphemeAfter(text, 1), 1 + FAMILY.length);
  assertEquals(graphemeBefore(text, 1 + FAMILY.length), 1);
  assertEquals([graphemeBefore(text, 0), graphemeAfter(text, text.length)], [0, text.length]);
});

/** The beginning of a row that is so many columns wide. */
function cutAt(row: string, columns: number): string {
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(row)) {
    if (stringWidth(cut + segment) > columns) break;
    cut += segment;
  }
  return cut;
}

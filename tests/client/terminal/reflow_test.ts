import { assertEquals } from "@std/assert";

import { layoutInput } from "../../../client/terminal/layout.ts";
import { mayBeBroken, rowsAboveCursor } from "../../../client/terminal/reflow.ts";

/** A draft of so many columns, painted in a terminal of 80 and with the cursor at its end. */
function draft(columns: number) {
  const text = "x".repeat(columns);
  return layoutInput({ prompt: "", text, cursor: columns }, { columns: 80, rows: 100 });
}

Deno.test("only a terminal that has broken the rows has them broken; no answer means that it has not", async () => {
  // Three rows of 79 and one of 10, cursor behind them; in 40 columns each of the three becomes two.
  const painted = draft(3 * 79 + 10);
  const asked: string[] = [];
  const ask = (answers: (number | undefined)[]) => {
    asked.length = 0;
    return rowsAboveCursor(painted, 40, (moves) => {
      asked.push(moves);
      return Promise.resolve(answers.shift());
    });
  };
  assertEquals(await ask([39, 0]), 6);
  assertEquals(asked, ["\x1b[1A\r\b", "\r\b"]);
  assertEquals(await ask([0]), 3);
  assertEquals(await ask([39, 39]), 3); // it goes back over every edge
  assertEquals(await ask([undefined]), 3);
});

Deno.test("the row of the cursor is broken if the cursor is in the column to which that brings it", async () => {
  const painted = draft(79 + 60);
  const ask = (column: number, ...more: number[]) => {
    const answers = [column, ...more];
    return rowsAboveCursor(painted, 40, () => Promise.resolve(answers.shift()));
  };
  assertEquals(await ask(20), 3);
  assertEquals(await ask(39, 39, 0), 3); // the cursor was only pushed to the edge
  assertEquals(await ask(39, 0, 39, 0), 2);
  assertEquals(await ask(39, 0, 0), 1);
  assertEquals(await ask(39, 39, 39, 39, 39), 1); // it goes back over every edge
});

Deno.test("wide characters are not broken; rows that fit need no question", async () => {
  const text = "日".repeat(60);
  const painted = layoutInput({ prompt: "", text, cursor: 60 }, { columns: 80, rows: 100 });
  // A row of 39 characters: 4 in each row of 9 columns.
  const answers = [8, 0];
  const up = await rowsAboveCursor(
    { ...painted, cursorColumn: 2 },
    9,
    () => Promise.resolve(answers.shift()),
  );
  assertEquals(up, 10);
  assertEquals([mayBeBroken(painted, 9), mayBeBroken(painted, 78)], [true, false]);
});

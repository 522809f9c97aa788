import { assertEquals } from "@std/assert";

import { ENTRANCE_COLUMNS, entranceRows } from "../../../bench/work/entrance_rows.ts";

Deno.test("a row says what a member was told, and how long it took", () => {
  const rows = entranceRows([{
    ...{ told: "as lists", members: 1_000, newcomers: 500, frames: 6.04, bytes: 14_848 },
    ...{ seconds: 1.234, cpuSeconds: 0.4 },
  }]);
  assertEquals(rows, [["as lists", "1000", "500", "6.0", "14.5", "1.23", "0.40"]]);
  assertEquals(rows[0]!.length, ENTRANCE_COLUMNS.length);
});

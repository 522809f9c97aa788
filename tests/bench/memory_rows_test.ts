import { assertEquals } from "@std/assert";

import { MEMORY_COLUMNS, memoryRows } from "../../bench/memory_rows.ts";

Deno.test("further connections are told apart from what the first ones cause once", () => {
  const of = (count: number, mib: number) => ({
    server: "jim" as const,
    count,
    emptyResidentBytes: 50 * 2 ** 20,
    serverResidentBytes: (50 + mib) * 2 ** 20,
  });
  const rows = memoryRows([of(512, 15), of(1_024, 20), of(4_608, 55)], () => "ours");
  assertEquals(MEMORY_COLUMNS.length, rows[0]?.length);
  assertEquals(rows, [
    ["ours", "512", "30.0 KiB", "", "", "50 MiB"],
    ["ours", "1024", "20.0 KiB", "10.0 KiB", "", "50 MiB"],
    // 4608 × 10 KiB are 45 MiB of the 55.
    ["ours", "4608", "12.2 KiB", "10.0 KiB", "10 MiB", "50 MiB"],
  ]);
});

Deno.test("a server that was measured once has no further connections", () => {
  const rows = memoryRows([{
    server: "nats",
    count: 1_024,
    emptyResidentBytes: 2 ** 20,
    serverResidentBytes: 2 * 2 ** 20,
  }], (id) => id);
  assertEquals(rows, [["nats", "1024", "1.0 KiB", "", "", "1 MiB"]]);
});

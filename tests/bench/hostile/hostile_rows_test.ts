import { assertEquals } from "@std/assert";

import { HOSTILE_COLUMNS, hostileRows } from "../../../bench/hostile/hostile_rows.ts";
import type { Times, VillageSample } from "../../../bench/hostile/village.ts";

function times(tried: number, done: number, p99: number): Times {
  return { tried, done, p50: p99 / 2, p99 };
}

function sample(p99: number): VillageSample {
  const messages = times(100, 100, p99);
  const known = times(4, 4, 1_500);
  const travelling = times(3, 0, NaN);
  const newcomers = times(10, 9, 20);
  return { messages, known, travelling, newcomers, lost: 1, dropped: 2 };
}

Deno.test("a row compares with the quiet time and says who got in", () => {
  const [row] = hostileRows([{
    name: "strangers",
    title: "they guess",
    quiet: sample(4),
    attacked: sample(10),
    achieved: { guesses: 12, "MiB of answers": 3.4 },
    diskBytes: 3 * 2 ** 20,
    rssMib: 99.6,
  }]);
  assertEquals(row!.length, HOSTILE_COLUMNS.length);
  assertEquals(row, [
    ...["strangers", "5.0", "10.0", "2.5", "1", "2"],
    ...["4 / 4", "1.50", "0 / 3", "", "9 / 10", "0.02"],
    ...["3.0", "100", "12 guesses, 3 MiB of answers"],
  ]);
});

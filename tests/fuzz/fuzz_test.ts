import { assert } from "@std/assert";

import { fuzz } from "./fuzzer.ts";

/** Each makes another course of events; `deno task fuzz` makes new ones. */
const SEEDS = [1, 2, 3, 4];

for (const seed of SEEDS) {
  Deno.test(`hostile peers, seed ${seed}: every rule holds`, async () => {
    const { lines, records } = await fuzz({ seed, lines: 5_000 });
    assert(lines >= 5_000);
    assert(records > 50);
  });
}

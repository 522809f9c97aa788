import { assert } from "@std/assert";

import { fuzzClassic } from "./classic_fuzzer.ts";

for (const seed of [1, 2, 3]) {
  Deno.test(`hostile classic clients, seed ${seed}: every rule holds`, async () => {
    assert(await fuzzClassic(seed, 2_000) >= 2_000);
  });
}

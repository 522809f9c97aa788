import { assertEquals } from "@std/assert";

import { network } from "../../../bench/hostile/networks.ts";

Deno.test("each index has a valid address of its own, none of them 127.0.0.1", () => {
  const all = Array.from({ length: 64_770 }, (_, index) => network(0, index));
  assertEquals(new Set(all).size, all.length);
  for (const address of [all[0], all[253], all[254], all.at(-1)]) {
    const [, ...parts] = address!.split(".").map(Number);
    assertEquals(parts.every((part) => part >= 0 && part <= 254), true, address);
    assertEquals(parts.at(-1)! > 0, true, address);
  }
  assertEquals(network(0, 0) === network(1, 0), false);
});

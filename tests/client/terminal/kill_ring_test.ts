import { assertEquals } from "@std/assert";

import { KillRing } from "../../../client/terminal/kill_ring.ts";

Deno.test("what was cut comes back newest first, round and round; nothing is no cut", () => {
  const kills = new KillRing();
  assertEquals([kills.newest, kills.older()], [undefined, undefined]);
  for (const text of ["one", "", "two"]) kills.add(text);
  assertEquals([kills.newest, kills.older(), kills.older(), kills.older()], [
    "two",
    "one",
    "two",
    "one",
  ]);
  assertEquals(kills.newest, "two");
});

Deno.test("32 cuts are kept", () => {
  const kills = new KillRing();
  for (let i = 0; i < 40; i++) kills.add(`cut ${i}`);
  assertEquals(kills.newest, "cut 39");
  const seen = Array.from({ length: 32 }, () => kills.older());
  assertEquals([seen[30], seen[31]], ["cut 8", "cut 39"]);
});

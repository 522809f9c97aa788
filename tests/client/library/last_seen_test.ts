import { assertEquals } from "@std/assert";

import { LastSeen } from "../../../client/library/last_seen.ts";

Deno.test("of a conversation the last number is known, under whatever case its name comes", () => {
  const seen = new LastSeen();
  assertEquals(seen.after("bob"), undefined);
  seen.heard("Bob", 4);
  seen.heard("BOB", 7);
  assertEquals([seen.after("bob"), seen.directs()], [7, [{ name: "Bob", after: 7 }]]);
  seen.forget("bOb");
  assertEquals([seen.after("bob"), seen.directs()], [undefined, []]);
});

Deno.test("a room counts from its newest message at the time of entering, and only while one is in", () => {
  const seen = new LastSeen();
  seen.heard("#dev", 3);
  assertEquals(seen.after("#dev"), undefined, "not in it");
  seen.entered("#dev", 9);
  assertEquals(seen.after("#DEV"), 9);
  seen.heard("#dev", 12);
  seen.entered("#dev", 20);
  assertEquals(seen.after("#dev"), 12, "what comes between is still on its way");
  seen.forget("#dev");
  assertEquals([seen.after("#dev"), seen.directs()], [undefined, []]);
  seen.entered("#dev", undefined);
  assertEquals(seen.after("#dev"), undefined, "nothing is numbered there");
  seen.heard("#dev", 1);
  assertEquals(seen.after("#dev"), 1);
});

Deno.test("a lower number than before means that the conversation is numbered anew", () => {
  const seen = new LastSeen();
  seen.entered("#dev", 900);
  seen.entered("#dev", 2);
  assertEquals(seen.after("#dev"), 2);
  seen.heard("bob", 900);
  seen.said("bob", 1_200);
  seen.heard("bob", 1);
  assertEquals(seen.after("bob"), 1);
});

Deno.test("own messages count, but for the last hundred, which may have overtaken others", () => {
  const seen = new LastSeen();
  seen.said("bob", 8);
  assertEquals(seen.after("bob"), 7, "what was said to bob before is no business of this session");
  seen.heard("bob", 20);
  seen.said("bob", 90);
  assertEquals(seen.after("bob"), 20);
  seen.said("bob", 500);
  assertEquals(seen.after("bob"), 400);
  seen.said("#dev", 5);
  assertEquals(seen.after("#dev"), undefined, "not in it");
});

Deno.test("fifty direct conversations are remembered: those that were used last", () => {
  const seen = new LastSeen();
  for (let i = 0; i < 1_000; i++) {
    seen.heard(`user${i}`, 1);
    seen.heard("bob", i + 1);
  }
  const names = seen.directs().map(({ name }) => name);
  assertEquals(names.length, 50);
  assertEquals(names.slice(0, 3), ["bob", "user999", "user998"]);
});

import { assertEquals } from "@std/assert";

import { KnownMessages } from "../../../client/chat/known_messages.ts";

const MESSAGE = { seq: 1, time: 7, from: "bob", message: "hi" };

Deno.test("a message is known by its conversation, whatever its spelling, and its number", () => {
  const known = new KnownMessages();
  known.add("#Dev", MESSAGE);
  assertEquals(known.find("#dev", 1), MESSAGE);
  assertEquals([known.find("#dev", 2), known.find("dev", 1)], [undefined, undefined]);
});

Deno.test("the same number at another time or from somebody else is another message", () => {
  const known = new KnownMessages();
  known.add("#dev", MESSAGE);
  const others = [MESSAGE, { ...MESSAGE, from: "BOB" }, { ...MESSAGE, time: 8 }, {
    ...MESSAGE,
    from: "zoe",
  }];
  assertEquals(others.map((other) => known.has("#dev", other)), [true, true, false, false]);
});

Deno.test("the newest is that of the highest number, in whatever order they were shown", () => {
  const known = new KnownMessages();
  for (const seq of [5, 9, 2]) known.add("bob", { ...MESSAGE, seq });
  known.add("bob", { ...MESSAGE, seq: 7, from: "Eve" });
  known.add("bob", { seq: 8, time: 7, from: "Eve" });
  known.add("bobby", { ...MESSAGE, seq: 99 });
  assertEquals(known.newest("bob")?.seq, 9);
  assertEquals(known.newest("BOB", "eve")?.seq, 7, "a deleted one is none");
  assertEquals([known.newest("zoe"), known.newest("bob", "zoe")], [undefined, undefined]);
  known.forget("bob");
  assertEquals([known.newest("bob"), known.newest("bobby")?.seq], [undefined, 99]);
});

Deno.test("of ever more messages the oldest are forgotten, and of long texts the end", () => {
  const known = new KnownMessages();
  for (let seq = 1; seq <= 6_000; seq++) known.add("bob", { ...MESSAGE, seq });
  known.add("bob", { ...MESSAGE, seq: 6_001, message: "x".repeat(1_000_000) });
  assertEquals([known.find("bob", 1), known.find("bob", 6_000)?.seq], [undefined, 6_000]);
  assertEquals(known.find("bob", 6_001)!.message!.length, 8_192);
});

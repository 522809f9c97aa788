import { assertEquals } from "@std/assert";

import { LastSeen } from "../../../server/rooms/last_seen.ts";

Deno.test("LastSeen: the network of a guest, for each room of its own; the latest counts", () => {
  const seen = new LastSeen();
  seen.note(1, "bob", "192.0.2.1");
  seen.note(1, "bob", "192.0.2.2");
  seen.note(12, "bob", "192.0.2.3");
  assertEquals([seen.find(1, "bob"), seen.find(12, "bob")], ["192.0.2.2", "192.0.2.3"]);
  assertEquals([seen.find(2, "bob"), seen.find(1, "eve")], [undefined, undefined]);
});

Deno.test("LastSeen: the rooms of a guest are those that they went out of from that network", () => {
  const seen = new LastSeen();
  for (const room of [3, 1]) seen.note(room, "bob", "192.0.2.1");
  seen.note(2, "bob", "192.0.2.2");
  seen.note(4, "bobby", "192.0.2.1");
  assertEquals(seen.roomsOf("bob", "192.0.2.1"), [3, 1]);
  assertEquals(seen.roomsOf("eve", "192.0.2.1"), []);
});

Deno.test("LastSeen: remembers 10 000, the latest ones", () => {
  const seen = new LastSeen();
  for (let n = 0; n <= 10_000; n++) seen.note(1, `guest${n}`, `${n}`);
  assertEquals(seen.find(1, "guest0"), undefined);
  assertEquals([seen.find(1, "guest1"), seen.find(1, "guest10000")], ["1", "10000"]);
});

import { assertEquals } from "@std/assert";

import { Room } from "../../../server/rooms/room.ts";

Deno.test("Room: its name is kept as typed, as JSON and folded; nobody is in", () => {
  const room = new Room('#Ｄev"ops');
  assertEquals([room.name, room.nameJson, room.folded, room.members.size], [
    '#Ｄev"ops',
    String.raw`"#Ｄev\"ops"`,
    '#dev"ops',
    0,
  ]);
});

import { assertEquals } from "@std/assert";

import { Room } from "../../../server/rooms/room.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";

Deno.test("Room: its name is kept as typed, as JSON and folded; nobody is in", () => {
  const room = new Room('#Ｄev"ops');
  assertEquals([room.name, room.nameJson, room.folded, room.members.size], [
    '#Ｄev"ops',
    String.raw`"#Ｄev\"ops"`,
    '#dev"ops',
    0,
  ]);
});

Deno.test("Room: what is stored of one that lasts, in its maker's spelling", () => {
  const facts = { folded: "#dev", name: "#Dev", topic: "tea" };
  const stored = { ...facts, id: 7, owners: ["Ｅve"], isNew: false, conversation: 3, last: 9 };
  const room = new Room("#DEV", stored);
  assertEquals([room.name, room.folded, room.topic], ["#Dev", "#dev", "tea"]);
  assertEquals(room.lasting, {
    id: 7,
    owners: new Set(["eve"]),
    conversation: 3,
    last: 9,
  });
  assertEquals(new Room("#dev").lasting, undefined);
});

Deno.test("Room: an owner is an account of that name, not a guest", () => {
  const room = new Room("#dev", {
    id: 1,
    folded: "#dev",
    name: "#dev",
    topic: "",
    owners: ["eve"],
    isNew: true,
    conversation: undefined,
    last: 0,
  });
  assertEquals(room.roleOf(new FakeUser("eve")), "member");
  assertEquals(room.roleOf(fakeAccount("bob")), "member");
  assertEquals(room.roleOf(fakeAccount("Eve")), "owner");
  assertEquals(new Room("#dev").roleOf(fakeAccount("eve")), "member");
});

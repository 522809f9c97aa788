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

Deno.test("Room: who asks anew before the first answer gets what was held for that one, in order, once", async () => {
  const room = new Room("#dev");
  const eve = new FakeUser("eve");
  room.members.add(eve);
  const { promise: roomy, resolve } = Promise.withResolvers<boolean>();
  eve.outlet.roomy = () => roomy;
  const first = room.hold(eve);
  first.add('"a"\n');
  eve.outlet.takes = false; // the first waits for room
  const second = room.hold(eve);
  second.add('"b"\n');
  const done = [second.putOut(), first.putOut()];
  assertEquals(room.held?.get(eve), second);
  eve.outlet.takes = true;
  resolve(true);
  await Promise.all(done);
  assertEquals([eve.lines, room.held, eve.outlet.heldBytes], [['"a"\n', '"b"\n'], undefined, 0]);
});

Deno.test("Room: who is not in yet and asks anew gets nothing that was held for the first answer", async () => {
  const room = new Room("#dev");
  const eve = new FakeUser("eve");
  const first = room.hold(eve);
  first.add('"a"\n');
  const second = room.hold(eve);
  await first.putOut();
  assertEquals([eve.lines, room.held?.get(eve)], [[], second]);
  second[Symbol.dispose]();
  assertEquals([room.held, eve.outlet.heldBytes], [undefined, 0]);
});

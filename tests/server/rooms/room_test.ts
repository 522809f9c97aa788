import { assertEquals } from "@std/assert";

import { Room } from "../../../server/rooms/room.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { openedRoom, storedRoom } from "../../support/stored_room.ts";

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
  const stored = { name: "#Dev", topic: "tea", id: 7, conversation: 3, last: 9 };
  const room = new Room("#DEV", openedRoom(stored));
  assertEquals([room.name, room.folded, room.topic], ["#Dev", "#dev", "tea"]);
  assertEquals(room.lasting, { id: 7, conversation: 3, last: 9 });
  assertEquals(new Room("#dev").lasting, undefined);
});

Deno.test("Room: it follows the store, and so do the lists of who is in", () => {
  const [room, eve] = [new Room("#dev", openedRoom()), fakeAccount("eve")];
  room.members.add(eve);
  const role = (): string => room.members.summary(() => room.policy.roleOf(eve));
  assertEquals([role(), room.topic], ["owner", ""]);
  const roles = [{ folded: "eve", name: "eve", role: "moderator" }] as const;
  room.update(storedRoom({ roles, topic: "tea" }));
  assertEquals([role(), room.topic], ["moderator", "tea"]);
  room.forgetAccount("bob");
  assertEquals(role(), "moderator");
  room.forgetAccount("eve");
  assertEquals([role(), room.topic], ["member", "tea"]);
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

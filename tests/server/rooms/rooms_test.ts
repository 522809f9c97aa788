import { assertEquals } from "@std/assert";

import { Rooms } from "../../../server/rooms/rooms.ts";
import { FakeUser } from "../../support/fake_user.ts";
import { localDelivery } from "../../support/local_delivery.ts";

Deno.test("Rooms: a room comes with its first member and goes with its last", () => {
  const rooms = new Rooms(localDelivery());
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("bob")];
  const { room, isNew } = rooms.join(eve, "#Dev", 1);
  assertEquals([isNew, room.name, rooms.size], [true, "#Dev", 1]);
  const second = rooms.join(bob, "#ｄｅｖ", 1);
  assertEquals([second.isNew, second.room === room], [false, true]);
  assertEquals(rooms.leave(eve, room, 1), true);
  assertEquals(rooms.find("#DEV") === room, true);
  assertEquals(rooms.leave(bob, room, 1), true);
  assertEquals([rooms.size, rooms.find("#dev")], [0, undefined]);
  assertEquals(rooms.join(eve, "#dev", 1).isNew, true);
});

Deno.test("Rooms: the others, and only they, are told who joined and who left", () => {
  const rooms = new Rooms(localDelivery());
  const [eve, bob, carol] = [
    new FakeUser("Eve"),
    new FakeUser("bob", "action"),
    new FakeUser("carol"),
  ];
  rooms.join(bob, "#dev", 1);
  const { room } = rooms.join(eve, "#dev", 7);
  rooms.join(carol, "#other", 7);
  rooms.leave(eve, room, 8);
  const frame = { response: 100, room: "#dev" };
  assertEquals(bob.frames, [
    { ...frame, time: 7, alert: "Eve joined #dev", joined: "Eve" },
    { ...frame, time: 8, alert: "Eve left #dev", left: "Eve" },
  ]);
  assertEquals([eve.frames, carol.frames], [[], []]);
});

Deno.test("Rooms: joining twice and leaving twice do nothing the second time", () => {
  const rooms = new Rooms(localDelivery());
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("bob")];
  rooms.join(bob, "#dev", 1);
  const { room } = rooms.join(eve, "#dev", 1);
  rooms.join(eve, "#dev", 1);
  assertEquals([room.members.size, bob.frames.length], [2, 1]);
  assertEquals(rooms.leave(eve, room, 1), true);
  assertEquals(rooms.leave(eve, room, 1), false);
  assertEquals([room.members.size, bob.frames.length], [1, 2]);
});

Deno.test("Rooms: leaveAll takes a member out of every room and leaves the others in", () => {
  const rooms = new Rooms(localDelivery());
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("bob")];
  for (let i = 0; i < 50; i++) rooms.join(eve, `#r${i}`, 1);
  rooms.join(bob, "#r7", 1);
  rooms.leaveAll(eve, 2);
  assertEquals([rooms.size, eve.rooms.size, bob.rooms.size], [1, 0, 1]);
  assertEquals(bob.frames.map(({ left }) => left), ["eve"]);
});

import { assertEquals } from "@std/assert";

import { Room } from "../../../server/rooms/room.ts";
import { RoomAccess } from "../../../server/rooms/room_access.ts";
import { networkMark } from "../../../server/rooms/room_policy.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { openedRoom, storedRoom, storedSanction } from "../../support/stored_room.ts";

/** A room in slow mode with some members, at a time that a test may set. */
function slowRoom(slow: number, ...members: FakeUser[]) {
  const time = { now: 100 };
  const access = new RoomAccess(() => time.now, 2);
  const room = new Room("#dev", openedRoom({ slow }));
  for (const member of members) room.members.add(member);
  return { time, access, room };
}

Deno.test("RoomAccess: who is in speaks; where nothing limits it, nothing else is looked at", () => {
  const bob = new FakeUser("bob");
  const { access, room } = slowRoom(0, bob);
  assertEquals(access.speechRefusal(bob, room), undefined);
  access.spoke(bob, room)();
  assertEquals(access.speechRefusal(new FakeUser("ann"), room), { why: "not-member" });
});

Deno.test("RoomAccess: in slow mode the last word counts, however one comes back; an owner's does not", () => {
  const [bob, eve] = [new FakeUser("bob"), fakeAccount("eve")];
  const { time, access, room } = slowRoom(10, bob, eve);
  for (const user of [bob, eve]) access.spoke(user, room);
  const slow = { why: "slow", until: 110 } as const;
  assertEquals([access.speechRefusal(bob, room), access.speechRefusal(eve, room)], [
    slow,
    undefined,
  ]);
  room.members.remove(bob);
  const again = fakeAccount("Bob"); // the same name, an account by now
  const later = new Room("#dev", openedRoom({ slow: 10 })); // nobody was in meanwhile
  later.members.add(again);
  assertEquals(access.speechRefusal(again, later), slow);
  time.now = 110;
  assertEquals(access.speechRefusal(again, later), undefined);
});

Deno.test("RoomAccess: what was said on another node while nobody was in here counts as well", () => {
  const bob = new FakeUser("bob");
  const { time, access, room } = slowRoom(10, bob);
  access.spokeElsewhere(bob, room.lasting!.id);
  time.now = 109;
  assertEquals(access.speechRefusal(bob, room), { why: "slow", until: 110 });
  access.spokeElsewhere(bob, room.lasting!.id + 1);
  time.now = 110;
  assertEquals(access.speechRefusal(bob, room), undefined);
});

Deno.test("RoomAccess: a word of which nothing came is taken back", () => {
  const bob = new FakeUser("bob");
  const { time, access, room } = slowRoom(10, bob);
  access.spoke(bob, room)();
  assertEquals(access.speechRefusal(bob, room), undefined);
  access.spoke(bob, room);
  time.now = 105;
  const takeBack = access.spoke(bob, room);
  assertEquals(access.speechRefusal(bob, room)?.until, 115);
  takeBack();
  assertEquals(access.speechRefusal(bob, room)?.until, 110);
});

Deno.test("RoomAccess: remembers so many last words, the latest", () => {
  const members = ["a", "b", "c"].map((name) => new FakeUser(name));
  const { access, room } = slowRoom(10, ...members);
  for (const member of members) access.spoke(member, room);
  assertEquals(members.map((member) => access.speechRefusal(member, room)?.why), [
    ...[undefined, "slow", "slow"],
  ]);
});

Deno.test("RoomAccess: a guest's session counts as from where it is and as from where it began", () => {
  const access = new RoomAccess(() => 100);
  const network = networkMark(1, "192.0.2.1");
  const mute = storedSanction({ kind: "mute", isAccount: false, network });
  const room = new Room("#dev", openedRoom({ sanctions: [mute] }));
  const bob = new FakeUser("bob");
  room.members.add(bob);
  bob.outlet.network = "192.0.2.9";
  assertEquals(access.speechRefusal(bob, room)?.why, "muted");
  assertEquals(access.isSanctioned(room.policy, bob), true);
  room.update(storedRoom({ sanctions: [{ ...mute, network: networkMark(1, "192.0.2.9") }] }));
  assertEquals(access.speechRefusal(bob, room)?.why, "muted");
  room.update(storedRoom({ sanctions: [{ ...mute, network: networkMark(1, "192.0.2.5") }] }));
  assertEquals(access.speechRefusal(bob, room), undefined);
  assertEquals(access.isSanctioned(room.policy, bob), false);
  const over = { ...mute, network: undefined, until: 100 };
  room.update(storedRoom({ sanctions: [over] }));
  assertEquals(access.isSanctioned(room.policy, bob), false);
});

Deno.test("RoomAccess: the role of whom it is done to is looked at", () => {
  const access = new RoomAccess(() => 100);
  const room = new Room("#dev", openedRoom());
  const eve = fakeAccount("eve");
  assertEquals(access.refusal("kick", eve, room, "moderator"), undefined);
  assertEquals(access.refusal("kick", eve, room, "owner"), { why: "role" });
  assertEquals(access.refusal("kick", new FakeUser("eve"), room), {
    why: "role",
    needs: "moderator",
  });
});

import { assertEquals } from "@std/assert";

import { arrive, depart, setStatus } from "../../../server/people/attendance.ts";
import { User } from "../../../server/people/user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { withHouse } from "../../support/house.ts";

Deno.test("arrive: the name is held, the peer has its user, and one record says so", () =>
  withHouse({}, ({ context, log }) => {
    const peer = new FakePeer();
    const eve = new User("Eve", peer.outlet);
    assertEquals(arrive(context, peer, eve), true);
    assertEquals([eve.isOnline, peer.user === eve], [true, true]);
    assertEquals(context.registry.find("eve") === eve, true);
    assertEquals(log.of("online").map(({ fields }) => fields), [
      { peer: peer.address, name: "Eve", account: false },
    ]);
  }));

Deno.test("arrive: where the name is taken or the connection ends, nothing happens", () =>
  withHouse({}, ({ context, log, come }) => {
    come("eve");
    const [rival, ending] = [new FakePeer(), new FakePeer()];
    ending.isEnding = true;
    const late = new User("Ｅve", rival.outlet);
    const ghost = new User("bob", ending.outlet);
    assertEquals([arrive(context, rival, late), arrive(context, ending, ghost)], [false, false]);
    assertEquals([late.isOnline, ghost.isOnline, rival.user, ending.user], [
      false,
      false,
      undefined,
      undefined,
    ]);
    assertEquals([context.registry.size, log.of("online")], [1, []]);
  }));

Deno.test("depart: the name is free, the rooms are left, others are told; the second time nothing", () =>
  withHouse({}, async ({ context, log, come }) => {
    const [eve, bob] = [come("eve"), come("bob")];
    for (const user of [bob, eve]) await enterRoom(context.rooms, user, "#dev");
    await enterRoom(context.rooms, eve, "#alone");
    bob.frames.length = 0;
    const departure = depart(context, eve);
    assertEquals([eve.isOnline, eve.rooms.size, context.rooms.size], [false, 0, 1]);
    assertEquals(bob.frames.map(({ left, time }) => [left, time]), [["eve", 1_767_225_600]]);
    const next = come("eve");
    assertEquals(depart(context, eve) === departure, true);
    assertEquals(context.registry.find("eve") === next, true);
    assertEquals([bob.frames.length, log.of("offline").length], [1, 1]);
  }));

Deno.test("setStatus: every list that was made before is made anew", () =>
  withHouse({}, async ({ context, come }) => {
    const eve = come("eve");
    const { room } = await enterRoom(context.rooms, eve, "#dev");
    const statuses = (): string[] =>
      [context.registry, room.members].map((list) => list.summary(([user]) => user!.status));
    assertEquals(statuses(), ["", ""]);
    setStatus(context, eve, "busy");
    assertEquals(statuses(), ["busy", "busy"]);
  }));

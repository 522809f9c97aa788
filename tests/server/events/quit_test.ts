import { assertEquals } from "@std/assert";

import type { Answer } from "../../../server/answer.ts";
import { User } from "../../../server/people/user.ts";
import { arrive } from "../../../server/people/attendance.ts";
import { quit } from "../../../server/events/quit.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { withHouse } from "../../support/house.ts";

const GOODBYE: Answer = { code: 200, sentence: "Goodbye", closes: true };

Deno.test("quit: the name is free and the rooms are left when the answer is given", () =>
  withHouse({}, async ({ context }) => {
    const peer = new FakePeer();
    const eve = new User("eve", peer.outlet);
    arrive(context, peer, eve);
    await enterRoom(context.rooms, eve, "#dev");
    assertEquals(quit.handle(context, peer, { event: "quit" }), GOODBYE);
    assertEquals([context.registry.size, context.rooms.size, peer.user], [0, 0, undefined]);
  }));

Deno.test("quit: who is not online may go, too", () =>
  withHouse({}, ({ context }) => {
    assertEquals(quit.handle(context, new FakePeer(), { event: "quit" }), GOODBYE);
  }));

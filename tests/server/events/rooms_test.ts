import { assertEquals } from "@std/assert";

import { rooms } from "../../../server/events/rooms.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { answerOf, withHouse } from "../../support/house.ts";

Deno.test("rooms: all of them in order, and how many", () =>
  withHouse({}, async (house) => {
    const { context, come } = house;
    const [eve, bob] = [await withAccount(house, "eve"), come("bob")];
    const ask = () => answerOf(rooms.handle(context, bob, { event: "rooms" }));
    assertEquals(await ask(), {
      code: 200,
      sentence: "There are 0 rooms",
      extras: { rooms: [], total: 0 },
    });
    await enterRoom(context.rooms, bob, "#b");
    assertEquals((await ask()).sentence, "There is 1 room");
    const { room } = await enterRoom(context.rooms, eve, "#A");
    context.rooms.leave(eve, room, 1);
    assertEquals((await ask()).extras, {
      rooms: [
        { room: "#A", topic: "", users: 0, lasting: true },
        { room: "#b", topic: "", users: 1, lasting: false },
      ],
      total: 2,
    });
  }));

Deno.test("rooms: the first thousand are listed, all are counted", () =>
  withHouse({}, async ({ context, come }) => {
    const bob = come("bob");
    for (let n = 0; n < 1_001; n++) await enterRoom(context.rooms, bob, `#r${n}`);
    const { extras } = await answerOf(rooms.handle(context, bob, { event: "rooms" }));
    const { rooms: listed, total } = extras as { rooms: { room: string }[]; total: number };
    assertEquals([listed.length, listed[0]!.room, total], [1_000, "#r0", 1_001]);
  }));

import { assertEquals } from "@std/assert";

import { NO_SUCH_ROOM } from "../../../server/events/refusals.ts";
import { room } from "../../../server/events/room.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { answerOf, withHouse } from "../../support/house.ts";

const NOT_OWNER = [403, "Only an owner of this room may do that"];

Deno.test("room: what is known of it, also without members; 404 where there is none", () =>
  withHouse({}, async (house) => {
    const { context, come } = house;
    const [eve, bob] = [await withAccount(house, "Eve"), come("bob")];
    const ask = (name: string) =>
      answerOf(room.handle(context, bob, { event: "room", room: name }));
    assertEquals(await ask("#dev"), NO_SUCH_ROOM);
    const { room: entered } = await enterRoom(context.rooms, eve, "#Dev");
    await enterRoom(context.rooms, bob, "#guests");
    const known = {
      code: 200,
      sentence: "This is #Dev",
      extras: { room: "#Dev", topic: "", lasting: true, owners: ["Eve"], moderators: [] },
    } as const;
    assertEquals<unknown>(await ask("#dev"), known);
    context.rooms.leave(eve, entered, 1);
    assertEquals<unknown>(await ask("#DEV"), known);
    assertEquals((await ask("#guests")).extras, {
      ...{ room: "#guests", topic: "", lasting: false },
      ...{ owners: [], moderators: [] },
    });
  }));

Deno.test("room: its owner says what it is about, without what steers a terminal, and removes it", () =>
  withHouse({}, async (house) => {
    const { context, come, log } = house;
    const [eve, bob] = [await withAccount(house, "eve"), come("bob")];
    await enterRoom(context.rooms, eve, "#Dev");
    await enterRoom(context.rooms, bob, "#dev");
    const set = async (
      by = eve,
      what: object = { topic: "a\n\u202eb\x1b" },
    ): Promise<unknown[]> => {
      const request = { event: "room", room: "#dev", ...what } as const;
      const { code, sentence, extras } = await answerOf(room.handle(context, by, request));
      return extras === undefined ? [code, sentence] : [code, sentence, extras];
    };
    assertEquals(await set(bob), NOT_OWNER);
    assertEquals(await set(bob, { remove: true }), NOT_OWNER);
    const facts = { room: "#Dev", topic: "a b ", lasting: true, owners: ["eve"], moderators: [] };
    assertEquals(await set(), [200, "The topic of #Dev is set", facts]);
    assertEquals(await set(bob, { remove: false }), [200, "This is #Dev", facts]);
    assertEquals(await set(eve, { remove: true }), [200, "#Dev is removed", { room: "#Dev" }]);
    assertEquals(bob.frames.at(-1), {
      ...{ response: 100, time: 1_767_225_600, alert: "eve removed #Dev" },
      ...{ room: "#Dev", remove: true, by: "eve" },
    });
    assertEquals(await set(eve, { remove: true }), [NO_SUCH_ROOM.code, NO_SUCH_ROOM.sentence]);
    assertEquals(log.of("room removed").map(({ fields }) => fields), [{ room: "#Dev", by: "eve" }]);
  }));

Deno.test("room: a guest's room has no settings", () =>
  withHouse({}, async (house) => {
    const [eve, bob] = [await withAccount(house, "eve"), house.come("bob")];
    await enterRoom(house.context.rooms, bob, "#dev");
    for (const by of [eve, bob]) {
      const request = { event: "room", room: "#dev", topic: "" } as const;
      const { code, sentence } = await answerOf(room.handle(house.context, by, request));
      assertEquals([code, sentence], [
        403,
        "A guest has made this room: it goes with its last member and cannot be changed",
      ]);
    }
  }));

import { assertEquals } from "@std/assert";

import type { Answer } from "../../../server/answer.ts";
import type { ServerContext } from "../../../server/context.ts";
import { join, leave } from "../../../server/events/join.ts";
import type { User } from "../../../server/people/user.ts";
import { withAccount } from "../../support/account_user.ts";
import { answerOf, withHouse } from "../../support/house.ts";

const enter = (context: ServerContext, user: User, room: string): Promise<Answer> =>
  answerOf(join.handle(context, user, { event: "join", room }));
/** What `join` says besides of a room that a guest has made. */
const GUESTS = { topic: "", lasting: false, role: "member", last: 0 } as const;

const goOut = (context: ServerContext, user: User, room: string): Answer =>
  leave.handle(context, user, { event: "leave", room }) as Answer;

Deno.test("join: 201 to who makes a room, 200 to all others, with who is in, in order", () =>
  withHouse({}, async ({ context, clock, come }) => {
    const [eve, bob] = [come("Eve"), come("bob")];
    assertEquals(await enter(context, eve, "#Dev"), {
      code: 201,
      sentence: "You made #Dev",
      extras: { room: "#Dev", users: ["Eve"], ...GUESTS },
    });
    clock.advance(1_500);
    const entered: Answer = {
      code: 200,
      sentence: "You are in #Dev",
      extras: { room: "#Dev", users: ["bob", "Eve"], ...GUESTS },
    };
    assertEquals(await enter(context, bob, "#ＤＥＶ"), entered);
    assertEquals(await enter(context, bob, "#dev"), entered, "a second time it says so");
    assertEquals(eve.frames.map(({ joined, time }) => [joined, time]), [["bob", 1_767_225_601]]);
  }));

Deno.test("join: 50 rooms may be entered; one more may not, one of them again may", () =>
  withHouse({}, async ({ context, come }) => {
    const [eve, bob] = [come("eve"), come("bob")];
    for (let n = 0; n < 50; n++) assertEquals((await enter(context, eve, `#r${n}`)).code, 201);
    await enter(context, bob, "#more");
    for (const room of ["#more", "#new"]) {
      const { code, sentence } = await enter(context, eve, room);
      assertEquals([code, sentence], [
        403,
        "You are in 50 rooms, the most allowed; leave one first",
      ]);
    }
    assertEquals([(await enter(context, eve, "#R7")).code, context.rooms.size], [200, 51]);
    assertEquals(goOut(context, eve, "#r7").code, 200);
    assertEquals((await enter(context, eve, "#more")).code, 200);
  }));

Deno.test("leave: out of a room one is in; 404 from all others", () =>
  withHouse({}, async ({ context, clock, come }) => {
    const [eve, bob] = [come("eve"), come("bob")];
    for (const user of [eve, bob]) await enter(context, user, "#Dev");
    eve.frames.length = 0;
    clock.advance(2_000);
    assertEquals(goOut(context, bob, "#dev"), {
      code: 200,
      sentence: "You left #Dev",
      extras: { room: "#Dev" },
    });
    assertEquals(eve.frames.map(({ left, time }) => [left, time]), [["bob", 1_767_225_602]]);
    for (const room of ["#dev", "#none"]) {
      const { code, sentence } = goOut(context, bob, room);
      assertEquals([code, sentence], [404, "You are not a member of this room"]);
    }
  }));

Deno.test("join: an account makes a room that lasts and owns it; others are members", () =>
  withHouse({ settings: { maxRooms: 1 } }, async (house) => {
    const { context, come, log } = house;
    const [eve, bob] = [await withAccount(house, "Eve"), come("bob")];
    const lasting = { room: "#Dev", topic: "", lasting: true, last: 0 };
    const made = { code: 201, sentence: "You made #Dev" } as const;
    assertEquals<unknown>(await enter(context, eve, "#Dev"), {
      ...{ ...made, extras: { ...lasting, users: ["Eve"], role: "owner" } },
    });
    assertEquals<unknown>((await enter(context, bob, "#dev")).extras, {
      ...{ ...lasting, users: ["bob", "Eve"], role: "member" },
    });
    for (const user of [eve, bob]) goOut(context, user, "#dev");
    assertEquals<unknown>((await enter(context, eve, "#dev")).extras, {
      ...{ ...lasting, users: ["Eve"], role: "owner" },
    });
    const { code, sentence } = await enter(context, eve, "#more");
    assertEquals([code, sentence], [403, "You own 1 room, the most allowed; remove one first"]);
    assertEquals(log.of("room made").map(({ fields }) => fields), [{ room: "#Dev", by: "Eve" }]);
  }));

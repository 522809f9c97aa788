import { assertEquals } from "@std/assert";

import type { Answer } from "../../../server/answer.ts";
import type { ServerContext } from "../../../server/context.ts";
import { join, leave } from "../../../server/events/join.ts";
import type { User } from "../../../server/people/user.ts";
import { withHouse } from "../../support/house.ts";

const enter = (context: ServerContext, user: User, room: string): Answer =>
  join.handle(context, user, { event: "join", room }) as Answer;
const goOut = (context: ServerContext, user: User, room: string): Answer =>
  leave.handle(context, user, { event: "leave", room }) as Answer;

Deno.test("join: 201 to who makes a room, 200 to all others, with who is in, in order", () =>
  withHouse({}, ({ context, clock, come }) => {
    const [eve, bob] = [come("Eve"), come("bob")];
    assertEquals(enter(context, eve, "#Dev"), {
      code: 201,
      sentence: "You made #Dev",
      extras: { room: "#Dev", users: ["Eve"] },
    });
    clock.advance(1_500);
    const entered: Answer = {
      code: 200,
      sentence: "You are in #Dev",
      extras: { room: "#Dev", users: ["bob", "Eve"] },
    };
    assertEquals(enter(context, bob, "#ＤＥＶ"), entered);
    assertEquals(enter(context, bob, "#dev"), entered, "a second time it says so");
    assertEquals(eve.frames.map(({ joined, time }) => [joined, time]), [["bob", 1_767_225_601]]);
  }));

Deno.test("join: 50 rooms may be entered; one more may not, one of them again may", () =>
  withHouse({}, ({ context, come }) => {
    const [eve, bob] = [come("eve"), come("bob")];
    for (let n = 0; n < 50; n++) assertEquals(enter(context, eve, `#r${n}`).code, 201);
    enter(context, bob, "#more");
    for (const room of ["#more", "#new"]) {
      const { code, sentence } = enter(context, eve, room);
      assertEquals([code, sentence], [
        403,
        "You are in 50 rooms, the most allowed; leave one first",
      ]);
    }
    assertEquals([enter(context, eve, "#R7").code, context.rooms.size], [200, 51]);
    assertEquals(goOut(context, eve, "#r7").code, 200);
    assertEquals(enter(context, eve, "#more").code, 200);
  }));

Deno.test("leave: out of a room one is in; 404 from all others", () =>
  withHouse({}, ({ context, clock, come }) => {
    const [eve, bob] = [come("eve"), come("bob")];
    for (const user of [eve, bob]) enter(context, user, "#Dev");
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

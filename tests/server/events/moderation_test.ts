import { assertEquals } from "@std/assert";

import { LIMITS } from "../../../common/limits.ts";
import type { Answer } from "../../../server/answer.ts";
import { ban, grant, invite, kick, mute } from "../../../server/events/moderation.ts";
import { NO_SUCH_ACCOUNT, NO_SUCH_ROOM } from "../../../server/events/refusals.ts";
import type { User } from "../../../server/people/user.ts";
import { withAccount } from "../../support/account_user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import type { FakeUser } from "../../support/fake_user.ts";
import { answerOf, type House, withHouse } from "../../support/house.ts";
import { storedSanction } from "../../support/stored_room.ts";
import { writeRoom } from "../../support/write_room.ts";

const HANDLERS = { invite, kick, ban, mute, grant } as const;

function ask(
  { context }: House,
  by: User,
  event: keyof typeof HANDLERS,
  user: string,
  more: object = {},
): Promise<Answer> {
  const request = { event, room: "#dev", user, ...more } as never;
  return answerOf(HANDLERS[event].handle(context, by, request));
}

/** Runs a test with a room of Eve's, in which is bob, a guest. */
function withRoom(
  test: (house: House, eve: FakeUser, bob: FakeUser) => Promise<void>,
): Promise<void> {
  return withHouse({}, async (house) => {
    const [eve, bob] = [await withAccount(house, "Eve"), house.come("bob")];
    await house.store.rememberName("bob", "bob");
    for (const user of [eve, bob]) await enterRoom(house.context.rooms, user, "#Dev");
    await test(house, eve, bob);
  });
}

Deno.test("moderation: one sentence about what is done, with the room as it is spelt; the log says who", () =>
  withRoom(async (house, eve) => {
    await withAccount(house, "Ann");
    const done = (sentence: string): unknown => ({ code: 200, sentence, extras: { room: "#Dev" } });
    const say = (event: keyof typeof HANDLERS, user: string, more = {}) =>
      ask(house, eve, event, user, more);
    assertEquals<unknown>(await say("mute", "bob"), done("bob is muted in #Dev"));
    assertEquals<unknown>(await say("invite", "ann"), done("Ann may enter #Dev"));
    assertEquals<unknown>(
      await say("grant", "ann", { role: "moderator" }),
      done("Ann is a moderator of #Dev"),
    );
    assertEquals<unknown>(await say("kick", "BOB"), done("bob is out of #Dev"));
    assertEquals<unknown>(await say("ban", "bob"), done("bob is banned from #Dev"));
    await say("ban", "bob", { seconds: 60, reason: "ads" });
    await say("ban", "bob", { seconds: 0 });
    await say("mute", "bob", { seconds: 0 });
    await say("invite", "ann", { on: false });
    const logged = house.log.records.filter(({ fields }) => fields?.by === "Eve");
    assertEquals(
      logged.map(({ message, fields: { by: _, room, ...more } = {} }) => [message, room, more]),
      [
        ["muted in room", "#Dev", { user: "bob" }],
        ["invited to room", "#Dev", { user: "ann" }],
        ["role granted in room", "#Dev", { user: "ann", role: "moderator" }],
        ["kicked from room", "#Dev", { user: "BOB" }],
        ["banned from room", "#Dev", { user: "bob" }],
        ["banned from room", "#Dev", { user: "bob", seconds: 60 }],
        ["ban from room lifted", "#Dev", { user: "bob" }],
        ["mute in room lifted", "#Dev", { user: "bob" }],
        ["invitation to room taken back", "#Dev", { user: "ann" }],
      ],
    );
  }));

Deno.test("moderation: why nothing is done, in one sentence, and for programs where a rule is the cause", () =>
  withRoom(async (house, eve, bob) => {
    const role = "Only an owner or moderator of #Dev may do that";
    assertEquals<unknown>(await ask(house, bob, "kick", "eve"), {
      ...{ code: 403, sentence: role, extras: { refused: "role" } },
    });
    assertEquals(await ask(house, eve, "kick", "bob", { room: "#none" }), NO_SUCH_ROOM);
    const answers: [Answer, code: number, sentence: string][] = [
      [await ask(house, eve, "kick", "zoe"), 404, "Nobody of that name is in this room"],
      [await ask(house, eve, "ban", "zoe"), 404, "No user of that name has ever been here"],
      [await ask(house, eve, "mute", "zoe"), 404, "No user of that name has ever been here"],
      [
        await ask(house, eve, "grant", "eve", { role: "member" }),
        403,
        "The last owner of a room stays one: make somebody else an owner first",
      ],
    ];
    for (const [{ code, sentence, extras }, ...expected] of answers) {
      assertEquals([code, sentence, extras], [...expected, undefined]);
    }
    for (const [event, more] of [["invite", {}], ["grant", { role: "owner" }]] as const) {
      assertEquals(await ask(house, eve, event, "bob", more), NO_SUCH_ACCOUNT);
    }
  }));

Deno.test("moderation: a room has so many bans and mutes; one more needs one to end", () =>
  withRoom(async (house, eve) => {
    for (let n = 0; n < LIMITS.maxRoomSanctions; n++) {
      const name = `guest${n}`;
      const sanction = storedSanction({ folded: name, name, isAccount: false });
      await writeRoom(house.store.rooms, "#dev", { kind: "sanction", sanction });
    }
    const { code, sentence } = await ask(house, eve, "ban", "bob");
    assertEquals([code, sentence], [
      403,
      "This room has 1000 bans and mutes, the most allowed; lift one first",
    ]);
    assertEquals((await ask(house, eve, "ban", "guest7", { seconds: 0 })).code, 200);
    assertEquals((await ask(house, eve, "ban", "bob")).code, 200);
  }));

import { assertEquals } from "@std/assert";

import { LIMITS } from "../../../common/limits.ts";
import { type EncodedExtras, encodeResponse } from "../../../common/wire/encode.ts";
import type { Answer } from "../../../server/answer.ts";
import { NO_SUCH_ROOM, refused } from "../../../server/events/refusals.ts";
import { who } from "../../../server/events/who.ts";
import type { User } from "../../../server/people/user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { withHouse } from "../../support/house.ts";
import { TestServer } from "../../support/server_fixture.ts";

/** The fields of an answer as a client reads them. */
function fieldsOf({ code, sentence, extras }: Answer): unknown {
  const { response, alert, error, users, total } = JSON.parse(
    encodeResponse(code, 0, sentence, undefined, extras),
  );
  return [response, alert ?? error, users, total];
}

Deno.test("who: all who are online, or who is in a room, in the order of names, with what they say", () =>
  withHouse({}, async ({ context, come }) => {
    const [zoe, eve, bob] = [come("zoe"), come("Eve"), come("bob")];
    bob.status = "busy";
    await enterRoom(context.rooms, zoe, "#Dev");
    await enterRoom(context.rooms, bob, "#Dev");
    const [b, e, z] = [[bob, "busy"], [eve, ""], [zoe, ""]].map(([user, status]) => ({
      account_name: (user as User).name,
      status,
    }));
    const ask = async (by: User, room?: string): Promise<unknown> =>
      fieldsOf(
        await who.handle(
          context,
          by,
          room === undefined ? { event: "who" } : { event: "who", room },
        ) as Answer,
      );
    assertEquals(await ask(eve), [200, "3 online", [b, e, z], 3]);
    assertEquals(await ask(zoe, "#DEV"), [200, "2 in #Dev", [b, z], 2]);
    assertEquals(await ask(eve, "#dev"), fieldsOf(refused("#Dev", { why: "not-member" }, 0)));
    assertEquals(await ask(eve, "#none"), fieldsOf(NO_SUCH_ROOM));
  }));

Deno.test("who: the first thousand are listed, all are counted", () =>
  withHouse({}, ({ context, come }) => {
    for (let n = 0; n < 1_001; n++) come(`user${n}`);
    const { sentence, extras } = who.handle(context, come("aaa"), { event: "who" }) as Answer;
    const { users, total } = JSON.parse(`{${(extras as EncodedExtras).json.slice(1)}}`);
    assertEquals([sentence, users.length, users[0].account_name, total], [
      "1002 online",
      LIMITS.maxWhoUsers,
      "aaa",
      1_002,
    ]);
  }));

Deno.test("who tells of a status, a comer and a goer at once, however often it was asked before", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const client of [eve, bob]) await client.ask({ event: "join", room: "#dev" });
  const listed = async (room?: string): Promise<string[]> => {
    const { users } = await eve.ask({ event: "who", room });
    return (users as { account_name: string; status: string }[]).map((user) =>
      `${user.account_name}:${user.status}`
    );
  };
  for (const room of [undefined, "#dev"]) assertEquals(await listed(room), ["bob:", "eve:"]);
  await bob.ask({ event: "presence", user: { account_name: "bob", status: "busy" } });
  for (const room of [undefined, "#dev"]) assertEquals(await listed(room), ["bob:busy", "eve:"]);
  await bob.ask({ event: "leave", room: "#dev" });
  assertEquals([await listed(), await listed("#dev")], [["bob:busy", "eve:"], ["eve:"]]);
  await bob.ask({ event: "quit" });
  assertEquals([await listed(), await listed("#dev")], [["eve:"], ["eve:"]]);
  await server.online("bob");
  assertEquals([await listed(), await listed("#dev")], [["bob:", "eve:"], ["eve:"]]);
});

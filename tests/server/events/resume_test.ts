import { assert, assertEquals } from "@std/assert";

import { type NewToken, newToken } from "../../../server/accounts/tokens.ts";
import type { Answer } from "../../../server/answer.ts";
import { giveToken, resume, welcome } from "../../../server/events/resume.ts";
import { featuresOf } from "../../../server/features.ts";
import { DEFAULT_SETTINGS } from "../../../server/flags.ts";
import { arrive, depart, leave } from "../../../server/people/attendance.ts";
import { User } from "../../../server/people/user.ts";
import type { Store } from "../../../server/store/store.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { type House, withHouse } from "../../support/house.ts";

const FRAME = '{"response":100,"alert":"x"}\n';

/** A guest who is online in a numbered session, with three frames of which the first is confirmed. */
function arrived({ context }: House): { eve: User; peer: FakePeer; token: NewToken } {
  const peer = new FakePeer();
  const eve = new User("Eve", peer.outlet);
  assert(arrive(context, peer, eve));
  const token = newToken();
  assertEquals(giveToken(context, eve, token), { resume: token.token });
  for (let n = 1; n <= 3; n++) eve.send(FRAME);
  assert(eve.seen(1));
  return { eve, peer, token };
}

/** A further connection that comes with a token. */
async function comeBack(
  { context }: House,
  eve: User,
  token: NewToken,
  seen: number,
): Promise<{ peer: FakePeer; answer: Answer | undefined; next: NewToken }> {
  const [peer, next] = [new FakePeer(), newToken()];
  const answer = resume(context, peer, eve, {
    usedHash: token.hash,
    next,
    seen,
    wantsGathered: false,
  });
  await answer?.afterwards?.();
  return { peer, answer, next };
}

Deno.test("welcome: says what is served", () => {
  for (const historyDays of [0, 1]) {
    for (const classic of [true, false]) {
      const store = { historyDays } as Store;
      const settings = { ...DEFAULT_SETTINGS, classic };
      const features = featuresOf(store, settings);
      assertEquals(welcome({ store, settings }, 200, "Hello").extras, { features });
      assertEquals(features.includes("unframed"), classic);
    }
  }
});

Deno.test("resume: what was not seen comes again, the rooms are said, and the old connection is closed unsaid", () =>
  withHouse({}, async (house) => {
    const { eve, peer: old, token } = arrived(house);
    await enterRoom(house.context.rooms, eve, "#Dev");
    const { peer, answer, next } = await comeBack(house, eve, token, 2);
    assertEquals(answer!.extras, {
      features: featuresOf(house.context.store, house.context.settings),
      resume: next.token,
      resumed: true,
      rooms: ["#Dev"],
    });
    assertEquals(peer.frames.map(({ n }) => n), [3]);
    assertEquals([old.outlet.isLeft, old.outlet.takes, eve.state], [true, true, "attached"]);
    assertEquals(house.log.of("offline"), []);
  }));

Deno.test("resume: beyond what was sent is 400, and nothing has happened; what is gone ends the session", () =>
  withHouse({}, async (house) => {
    const { eve, peer: old, token } = arrived(house);
    const beyond = await comeBack(house, eve, token, 4);
    assertEquals([beyond.answer!.code, beyond.peer.user, old.outlet.isLeft], [
      400,
      undefined,
      false,
    ]);
    const { answer, peer } = await comeBack(house, eve, token, 0);
    assertEquals([answer, peer.user, eve.state, old.outlet.isLeft], [
      undefined,
      undefined,
      "ended",
      true,
    ]);
  }));

Deno.test("resume: a connection that ends takes nothing over", () =>
  withHouse({}, async (house) => {
    const { eve, peer: old, token } = arrived(house);
    const peer = new FakePeer();
    peer.isEnding = true;
    const comeback = { usedHash: token.hash, next: newToken(), seen: 3, wantsGathered: false };
    assertEquals(resume(house.context, peer, eve, comeback)!.code, 409);
    assertEquals([eve.outlet === old.outlet, old.outlet.isLeft], [true, false]);
    await depart(house.context, eve);
  }));

Deno.test("resume: the used token stays right until the client says something", () =>
  withHouse({}, async (house) => {
    const { eve, peer, token } = arrived(house);
    await leave(house.context, eve, peer.outlet, true);
    const { next } = await comeBack(house, eve, token, 3);
    assertEquals(eve.tokens!.prove(token.hash), "session");
    eve.confirm();
    assertEquals([eve.tokens!.prove(token.hash), eve.tokens!.prove(next.hash)], [
      undefined,
      "session",
    ]);
  }));

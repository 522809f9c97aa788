import { assertEquals } from "@std/assert";

import { newToken } from "../../../server/accounts/tokens.ts";
import { giveToken } from "../../../server/events/resume.ts";
import type { ServerSettings } from "../../../server/flags.ts";
import { arrive, depart, describe, dismiss, leave } from "../../../server/people/attendance.ts";
import { User } from "../../../server/people/user.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import type { FakeUser } from "../../support/fake_user.ts";
import { type House, withHouse } from "../../support/house.ts";

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

Deno.test("describe: every list that was made before is made anew", () =>
  withHouse({}, async ({ context, come }) => {
    const eve = come("eve");
    const { room } = await enterRoom(context.rooms, eve, "#dev");
    const statuses = (): string[] =>
      [context.registry, room.members].map((list) => list.summary(([user]) => user!.status));
    assertEquals(statuses(), ["", ""]);
    describe(context, eve, { status: "busy" });
    assertEquals(statuses(), ["busy", "busy"]);
  }));

Deno.test("describe: what is absent stays, and what is as it was is told to nobody", () =>
  withHouse({}, ({ context, come }) => {
    const eve = come("eve");
    const said = (): unknown => [eve.status, eve.away];
    let told = 0;
    const hall = { ...context, nodes: { ...context.nodes, changed: () => told++ } };
    describe(hall, eve, { status: "busy", away: "lunch\n\x1b[2J" });
    assertEquals(said(), ["busy", "lunch  [2J"]);
    describe(hall, eve, {});
    describe(hall, eve, { status: "busy" });
    assertEquals([said(), told], [["busy", "lunch  [2J"], 1]);
    describe(hall, eve, { away: " \u0000" });
    assertEquals([said(), told], [["busy", ""], 2]);
    return Promise.resolve();
  }));

/** Somebody in #dev whose session may be interrupted, and bob, who is told of it. */
async function withNumbered(
  settings: Partial<ServerSettings>,
  test: (house: House, eve: User, peer: FakePeer, bob: FakeUser) => Promise<void>,
): Promise<void> {
  await withHouse({ settings }, async (house) => {
    const { context, come } = house;
    const [peer, bob] = [new FakePeer(), come("bob")];
    const eve = new User("Eve", peer.outlet);
    arrive(context, peer, eve);
    giveToken(context, eve, newToken());
    for (const user of [bob, eve]) await enterRoom(context.rooms, user, "#dev");
    bob.frames.length = 0;
    await test(house, eve, peer, bob);
  });
}

Deno.test("leave: a lost connection interrupts a numbered session; it ends when that is over, once", () =>
  withNumbered({}, async ({ context, log }, eve, peer, bob) => {
    await leave(context, eve, peer.outlet, true);
    assertEquals([eve.state, eve.isOnline, eve.rooms.size], ["interrupted", true, 1]);
    assertEquals(context.registry.find("eve") === eve, true);
    eve.send('{"response":100}\n');
    await leave(context, eve, peer.outlet, false); // the socket is closed, too
    assertEquals([eve.state, bob.frames], ["interrupted", []]);
    eve.close("blocked", "blocked");
    assertEquals([eve.state, eve.rooms.size, context.registry.size], ["ended", 0, 1]);
    assertEquals(bob.frames.map(({ left }) => left), ["Eve"]);
    assertEquals([log.of("interrupted").length, log.of("offline").length], [1, 1]);
  }));

Deno.test("leave: without --grace, and if the client may not come back, the session ends", async () => {
  await withNumbered({ grace: 0 }, async ({ context }, eve, peer) => {
    await leave(context, eve, peer.outlet, true);
    assertEquals(eve.state, "ended");
  });
  await withNumbered({}, async ({ context }, eve, peer) => {
    await leave(context, eve, peer.outlet, false);
    assertEquals(eve.state, "ended");
  });
  await withHouse({}, async ({ context }) => {
    const peer = new FakePeer();
    const eve = new User("eve", peer.outlet);
    arrive(context, peer, eve);
    await leave(context, eve, peer.outlet, true);
    assertEquals(eve.state, "ended", "it did not ask for more");
  });
});

Deno.test("dismiss: the session ends and its connection is closed without a word", () =>
  withNumbered({}, ({ context }, eve, peer) => {
    dismiss(context, eve);
    assertEquals([eve.state, peer.outlet.isLeft, peer.outlet.takes], ["ended", true, true]);
    return Promise.resolve();
  }));

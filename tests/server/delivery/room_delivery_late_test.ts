/**
 * Rooms whose messages are put out when a log has them, later than they were accepted.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

import { systemClock } from "../../../common/clock.ts";
import type { MsgRequest } from "../../../common/wire/protocol.ts";
import { LocalKeeper } from "../../../server/delivery/keeper.ts";
import type { LocalDelivery } from "../../../server/delivery/local.ts";
import { RoomAccess } from "../../../server/rooms/room_access.ts";
import type { Room } from "../../../server/rooms/room.ts";
import { Rooms } from "../../../server/rooms/rooms.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store } from "../../../server/store/store.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { LateKeeper } from "../../support/late_keeper.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { settle } from "../../support/settle.ts";
import { storedRoom, storedSanction } from "../../support/stored_room.ts";

const say = (message: string, more: Partial<MsgRequest> = {}): MsgRequest => ({
  ...{ event: "msg", to: "#dev", message },
  ...more,
});

interface Parts {
  readonly keeper: LateKeeper;
  readonly store: Store;
  readonly delivery: LocalDelivery;
  readonly rooms: Rooms;
  readonly room: Room;
  readonly eve: FakeUser;
  readonly bob: FakeUser;
  /** Moves the time on, in seconds. */
  wait(seconds: number): void;
}

async function withRoom(test: (parts: Parts) => Promise<void>): Promise<void> {
  await using store = openSqliteStore(":memory:");
  let now = Math.floor(Date.now() / 1_000);
  const access = new RoomAccess(() => now);
  const keeper = new LateKeeper(new LocalKeeper(store, systemClock));
  const delivery = localDelivery({
    ...{ store, access, keeper, now: () => now },
    rooms: { findLasting: (named, later) => rooms.findLasting(named, later) },
  });
  const rooms: Rooms = new Rooms({ delivery, store: store.rooms, access, maxRooms: 0 });
  await store.createAccount("eve", "eve", "hash");
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  for (const user of [eve, bob]) await enterRoom(rooms, user, "#dev");
  for (const user of [eve, bob]) user.frames.length = 0;
  const room = rooms.find("#dev")!;
  await test({
    ...{ keeper, store, delivery, rooms, room, eve, bob },
    wait: (seconds) => void (now += seconds),
  });
}

const heardBy = ({ frames }: FakeUser): unknown[] =>
  frames.filter(({ event }) => event === "msg").map(({ seq, message }) => [seq, message]);

Deno.test("RoomDelivery, late: nothing is out before the log has it; then all hear it in the log's order", () =>
  withRoom(async ({ keeper, delivery, room, eve, bob }) => {
    const ann = new FakeUser("ann");
    room.members.add(ann);
    const answers = [
      delivery.toRoom(eve, room, say("1")),
      delivery.toRoom(bob, room, say("2")),
      delivery.toRoom(eve, room, say("3")),
    ];
    assertEquals([ann.frames, room.lasting!.last, keeper.size], [[], 0, 3]);
    keeper.apply(2);
    assertEquals([heardBy(ann), room.lasting!.last], [[[1, "1"], [2, "2"]], 2]);
    keeper.apply();
    const outcomes = [1, 2, 3].map((seq) => ({ delivered: 2, seq }));
    assertEquals(await Promise.all(answers), outcomes);
    assertEquals([heardBy(ann), heardBy(bob), heardBy(eve)], [
      [[1, "1"], [2, "2"], [3, "3"]],
      [[1, "1"], [3, "3"]],
      [[2, "2"]],
    ]);
  }));

Deno.test("RoomDelivery, late: what was accepted is said, though its sender has left or may not speak by now", () =>
  withRoom(async ({ keeper, delivery, rooms, room, eve, bob }) => {
    const answers = [delivery.toRoom(bob, room, say("1")), delivery.toRoom(eve, room, say("2"))];
    const muted = storedSanction({ kind: "mute", isAccount: false });
    room.update(storedRoom({ id: room.lasting!.id, sanctions: [muted] }));
    assertEquals(delivery.toRoom(bob, room, say("no")), { why: "muted", until: undefined });
    rooms.leave(bob, room, 1);
    keeper.apply();
    assertEquals(await Promise.all(answers), [{ delivered: 1, seq: 1 }, { delivered: 0, seq: 2 }]);
    assertEquals([heardBy(eve), heardBy(bob)], [[[1, "1"]], []]);
  }));

Deno.test("RoomDelivery, late: when all have gone out meanwhile, those who have come back hear it", () =>
  withRoom(async ({ keeper, delivery, rooms, room, eve, bob }) => {
    const first = delivery.toRoom(eve, room, say("1"));
    const second = delivery.toRoom(eve, room, say("2"));
    for (const user of [eve, bob]) rooms.leave(user, room, 1);
    keeper.apply(1); // nobody is there: it is in the history
    assertEquals(await first, { delivered: 0, seq: 1 });
    const { room: anew } = await enterRoom(rooms, bob, "#dev");
    assert(anew !== room && room.isGone);
    assertEquals(anew.lasting!.last, 1);
    keeper.apply();
    assertEquals(await second, { delivered: 1, seq: 2 });
    assertEquals([heardBy(bob), anew.lasting!.last], [[[2, "2"]], 2]);
  }));

Deno.test("RoomDelivery, late: what the log has while a room is being opened counts as said before", () =>
  withRoom(async ({ keeper, delivery, rooms, room, eve, bob }) => {
    const answer = delivery.toRoom(eve, room, say("1"));
    for (const user of [eve, bob]) rooms.leave(user, room, 1);
    const opening = rooms.open(bob, "#dev");
    for (let turns = 0; turns < 3; turns++) await Promise.resolve(); // it asks the store
    keeper.apply();
    const enter = await opening;
    assert(typeof enter === "function");
    enter(1);
    await answer;
    assertEquals([heardBy(bob), rooms.find("#dev")!.lasting!.last], [[], 1]);
  }));

Deno.test("RoomDelivery, late: in a slow room a second message does not get by while the first is under way", () =>
  withRoom(async ({ keeper, delivery, room, bob, wait }) => {
    room.update(storedRoom({ id: room.lasting!.id, slow: 10 }));
    const first = delivery.toRoom(bob, room, say("1", { id: "a" }));
    const refused = delivery.toRoom(bob, room, say("2"));
    assertEquals((refused as { why: string }).why, "slow");
    keeper.apply();
    assertEquals(await first, { delivered: 1, seq: 1 });
    wait(10);
    // What comes again, or to nothing, is no word.
    const repeated = delivery.toRoom(bob, room, say("1", { id: "a" }));
    keeper.apply();
    assertEquals(await repeated, { delivered: 1, seq: 1 });
    const reply = delivery.toRoom(bob, room, say("no", { reply: 99 }));
    keeper.apply();
    assertEquals(await reply, "no-message");
    const last = delivery.toRoom(bob, room, say("3"));
    keeper.apply();
    assertEquals(await last, { delivered: 1, seq: 2 });
    await settle();
    assertEquals(
      (delivery.toRoom(bob, room, say("4")) as { why: string }).why,
      "slow",
    );
  }));

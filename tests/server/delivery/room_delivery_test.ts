import { assert, assertEquals } from "@std/assert";

import type { MsgRequest } from "../../../common/wire/protocol.ts";
import type { LocalDelivery } from "../../../server/delivery/local.ts";
import { RoomAccess } from "../../../server/rooms/room_access.ts";
import { Rooms } from "../../../server/rooms/rooms.ts";
import type { Room } from "../../../server/rooms/room.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store } from "../../../server/store/store.ts";
import { changeRoom } from "../../support/change_room.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { settle } from "../../support/settle.ts";
import { storedRoom, storedSanction } from "../../support/stored_room.ts";
import { storeWith } from "../../support/store_with.ts";

const say = (message: string, more: Partial<MsgRequest> = {}): MsgRequest => ({
  event: "msg",
  to: "#dev",
  message,
  ...more,
});

const REMOVE = { kind: "remove" } as const;

interface Parts {
  store: Store;
  delivery: LocalDelivery;
  rooms: Rooms;
  room: Room;
  /** An account; owns the room. */
  eve: FakeUser;
  /** A guest. */
  bob: FakeUser;
}

/** A lasting room that eve and bob are in, on a store of which a test may replace parts. */
async function withRoom(
  test: (parts: Parts) => Promise<void>,
  replaced: (store: Store) => Partial<Store> = () => ({}),
): Promise<void> {
  await using real = openSqliteStore(":memory:");
  const store = storeWith(real, replaced(real));
  const access = new RoomAccess(() => 1e9);
  const delivery = localDelivery({ store, access, now: () => 1e9 });
  const rooms = new Rooms({ delivery, store: real.rooms, access, maxRooms: 0 });
  await real.createAccount("eve", "eve", "hash");
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  for (const user of [eve, bob]) await enterRoom(rooms, user, "#dev");
  for (const user of [eve, bob]) user.frames.length = 0;
  await test({ store, delivery, rooms, room: rooms.find("#dev")!, eve, bob });
}

Deno.test("RoomDelivery: with a number at hand a message is delivered at once and answered when it is on disk", () =>
  withRoom(async ({ delivery, room, eve, bob }) => {
    const answers = ["1", "2"].map((text) => delivery.toRoom(eve, room, say(text)));
    assertEquals(bob.frames.map(({ seq, message }) => [seq, message]), [[1, "1"], [2, "2"]]);
    assert(answers.every((answer) => answer instanceof Promise));
    assertEquals(room.lasting!.last, 2);
    assertEquals(await Promise.all(answers), [{ delivered: 1, seq: 1 }, { delivered: 1, seq: 2 }]);
    assertEquals(eve.frames, []);
  }));

Deno.test("RoomDelivery: without one, each sender's messages keep their order, and all see rising numbers", () => {
  let isHeld = true;
  const waiting: (() => void)[] = [];
  return withRoom(async ({ delivery, room, eve, bob, rooms }) => {
    const ann = new FakeUser("ann");
    await enterRoom(rooms, ann, "#dev");
    bob.frames.length = 0;
    const answers = [eve, ann, eve, ann, eve].map((from, n) =>
      delivery.toRoom(from, room, say(`${from.name} ${n}`))
    );
    assertEquals(bob.frames, []);
    isHeld = false;
    // Numbers are at hand again, and who comes now need not wait; those who wait are through later.
    const late = delivery.toRoom(bob, room, say("bob"));
    waiting.forEach((go) => go());
    const outcomes = await Promise.all([...answers, late]);
    assert(outcomes.every((outcome) => typeof outcome === "object" && "seq" in outcome));
    const seen = bob.frames.map(({ message }) => `${message}`);
    assertEquals(seen.filter((text) => text.startsWith("eve")), ["eve 0", "eve 2", "eve 4"]);
    assertEquals(seen.filter((text) => text.startsWith("ann")), ["ann 1", "ann 3"]);
    const numbers = bob.frames.map(({ seq }) => seq as number);
    assertEquals(numbers, numbers.toSorted((a, b) => a - b));
    assertEquals(eve.frames.filter(({ message }) => message === "bob").length, 1);
  }, (store) => ({
    nextSeq: (conversation) => isHeld ? undefined : store.nextSeq(conversation),
    openRoom: async (id) => {
      if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
      return await store.openRoom(id);
    },
  }));
});

Deno.test("RoomDelivery: more messages in a turn than a block has numbers, by two, all get there in order", () =>
  withRoom(async ({ delivery, room, eve, bob, rooms }) => {
    const ann = new FakeUser("ann");
    await enterRoom(rooms, ann, "#dev");
    const answers = Array.from(
      { length: 1_500 },
      (_, n) => delivery.toRoom(n % 2 === 0 ? eve : bob, room, say(`${n}`)),
    );
    await Promise.all(answers);
    const got = ann.frames.filter(({ event }) => event === "msg");
    assertEquals(got.map(({ seq }) => seq), Array.from({ length: 1_500 }, (_, n) => n + 1));
    for (const parity of [0, 1]) {
      const mine = got.map(({ message }) => Number(message)).filter((n) => n % 2 === parity);
      assertEquals(mine, mine.toSorted((a, b) => a - b));
    }
  }));

Deno.test("RoomDelivery: who has gone, or whose room is removed, while waiting for a number says nothing there", async () => {
  const go = Promise.withResolvers<void>();
  await withRoom(async ({ delivery, room, rooms, store, eve, bob }) => {
    const answer = delivery.toRoom(bob, room, say("1"));
    const hers = delivery.toRoom(eve, room, say("2"));
    rooms.leave(bob, room, 1);
    const removing = await changeRoom(rooms, "#dev", REMOVE);
    assert(typeof removing === "function");
    rooms.end(removing().room!, { response: 100, time: 1, alert: "gone" });
    go.resolve();
    const refused = { why: "not-member" } as const;
    assertEquals([await answer, await hers], [refused, refused]);
    assertEquals(eve.frames.filter(({ event }) => event === "msg"), []);
    assertEquals(await store.openRoom(room.lasting!.id), undefined);
  }, (store) => ({
    nextSeq: () => undefined,
    openRoom: async (id) => {
      await go.promise;
      return await store.openRoom(id);
    },
  }));
});

Deno.test("RoomDelivery: who is muted or taken out while waiting for a number says nothing there", async () => {
  const go = Promise.withResolvers<void>();
  let isHeld = true;
  await withRoom(async ({ delivery, room, rooms, eve, bob }) => {
    const ann = new FakeUser("ann");
    await enterRoom(rooms, ann, "#dev");
    const [muted, out] = [
      delivery.toRoom(bob, room, say("1")),
      delivery.toRoom(ann, room, say("2")),
    ];
    const mute = storedSanction({ kind: "mute", isAccount: false });
    room.update(storedRoom({ sanctions: [mute] }));
    rooms.evict(ann, room, { response: 100, time: 1, alert: "out" });
    isHeld = false;
    go.resolve();
    assertEquals(await muted, { why: "muted", until: undefined });
    assertEquals(await out, { why: "not-member" });
    assertEquals(eve.frames.filter(({ event }) => event === "msg"), []);
  }, (store) => ({
    nextSeq: (conversation) => isHeld ? undefined : store.nextSeq(conversation),
    openRoom: async (id) => {
      await go.promise;
      return await store.openRoom(id);
    },
  }));
});

Deno.test("RoomDelivery: what is under way is answered as that, whatever speaks against it by now", () =>
  withRoom(async ({ delivery, room, bob, eve }) => {
    const first = delivery.toRoom(bob, room, say("1", { id: "a" }));
    const mute = storedSanction({ kind: "mute", isAccount: false });
    room.update(storedRoom({ sanctions: [mute], isModerated: true }));
    const underWay = delivery.toRoom(bob, room, say("1", { id: "a" }));
    const kept = { delivered: 1, seq: 1 };
    assertEquals([await first, await underWay], [kept, kept]);
    const refused = { why: "muted", until: undefined } as const;
    for (const more of [{ id: "b" }, { id: 1 }, {}]) {
      assertEquals(await delivery.toRoom(bob, room, say("1", more)), refused);
    }
    assertEquals(eve.frames.length, 1);
  }));

Deno.test("RoomDelivery: in slow mode only what was accepted counts", () =>
  withRoom(async ({ delivery, room, bob }) => {
    room.update(storedRoom({ slow: 60 }));
    assertEquals(await delivery.toRoom(bob, room, say("1", { reply: 99 })), "no-message");
    const both = [delivery.toRoom(bob, room, say("2")), delivery.toRoom(bob, room, say("3"))];
    assertEquals(await Promise.all(both), [{ delivered: 1, seq: 1 }, {
      why: "slow",
      until: 1e9 + 60,
    }]);
  }));

Deno.test("RoomDelivery: what is said in the moment of the room's end is delivered, and not kept", () =>
  withRoom(async ({ delivery, room, rooms, store, bob }) => {
    const removing = changeRoom(rooms, "#dev", REMOVE);
    // Its turn comes behind the removal, as that of a message which comes while the disk is at work.
    await settle();
    const answer = delivery.toRoom(bob, room, say("late"));
    assertEquals(await answer, { delivered: 1 });
    assert(typeof await removing === "function");
    assertEquals(await store.rooms.find("#dev"), undefined);
  }));

Deno.test("RoomDelivery: while frames are held, members get them later, and newcomers messages only", () =>
  withRoom(async ({ delivery, room, eve, bob }) => {
    const ann = new FakeUser("ann");
    const [forBob, forAnn] = [room.hold(bob), room.hold(ann)];
    assertEquals(await delivery.toRoom(eve, room, say("1")), { delivered: 0, seq: 1 });
    delivery.notify(room, { response: 100, time: 1, alert: "x", room: "#dev" });
    assertEquals([bob.frames, ann.frames], [[], []]);
    forBob.putOut();
    forAnn.putOut();
    assertEquals(bob.frames.map(({ seq, alert }) => seq ?? alert), [1, "x"]);
    assertEquals(ann.frames.map(({ seq, alert }) => seq ?? alert), [1]);
    assertEquals(room.held, undefined);
    assertEquals(await delivery.toRoom(eve, room, say("2")), { delivered: 1, seq: 2 });
  }));

Deno.test("RoomDelivery: a guest's room and a server that keeps nothing answer at once, without a number", async () => {
  await withRoom(({ delivery, room, eve, bob }) => {
    assertEquals(delivery.toRoom(eve, room, say("1", { id: "a" })), 1);
    assertEquals(delivery.toRoom(eve, room, say("1", { id: "a" })), 1);
    assertEquals(delivery.toRoom(eve, room, say("2", { reply: 1 })), "no-message");
    assertEquals(bob.frames.map(({ seq, message }) => [seq, message]), [
      [undefined, "1"],
      [undefined, "1"],
    ]);
    return Promise.resolve();
  }, () => ({ historyDays: 0 }));
});

Deno.test("RoomDelivery: who is out of a room is told, also where no frame is taken any more", () =>
  withRoom(({ delivery, room, eve, bob }) => {
    bob.beginNumbering();
    const notice = { response: 100, time: 5, alert: "over", room: room.name, remove: true };
    for (const user of [eve, bob]) {
      user.outlet.takes = false;
      user.frames.length = 0;
    }
    delivery.notify(room, notice);
    assertEquals([eve.frames, bob.frames], [[], []], "what may be left out");
    delivery.expel(room, [eve, bob], notice);
    assertEquals(eve.frames, [notice]);
    assertEquals(bob.frames, [{ ...notice, n: 1 }]);
    return Promise.resolve();
  }));

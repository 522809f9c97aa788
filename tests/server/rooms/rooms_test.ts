import { assert, assertEquals, assertRejects } from "@std/assert";

import type { RoomEntry } from "../../../common/wire/protocol.ts";
import type { MailboxReader } from "../../../server/delivery/mailbox.ts";
import type { User } from "../../../server/people/user.ts";
import { RoomAccess } from "../../../server/rooms/room_access.ts";
import { Rooms } from "../../../server/rooms/rooms.ts";
import { networkMark } from "../../../server/rooms/room_policy.ts";
import { StoreError } from "../../../server/store/store.ts";
import { changeRoom } from "../../support/change_room.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { MemoryRooms } from "../../support/memory_rooms.ts";
import { seededRandom } from "../../support/random.ts";
import { roomDeed } from "../../support/room_deed.ts";
import { settle } from "../../support/settle.ts";
import { storedSanction } from "../../support/stored_room.ts";

function withRooms(store = new MemoryRooms(), maxRooms = 0): Rooms {
  const access = new RoomAccess(() => 5);
  return new Rooms({ delivery: localDelivery({ access }), store, access, maxRooms });
}

const NOTICE = { response: 100, time: 5, alert: "told" } as const;

Deno.test("Rooms: a room comes with its first member and goes with its last", async () => {
  const rooms = withRooms();
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("bob")];
  const { room, isNew } = await enterRoom(rooms, eve, "#Dev", 1);
  assertEquals([isNew, room.name, rooms.size], [true, "#Dev", 1]);
  const second = await enterRoom(rooms, bob, "#ｄｅｖ", 1);
  assertEquals([second.isNew, second.room === room], [false, true]);
  assertEquals(rooms.leave(eve, room, 1), true);
  assertEquals(rooms.find("#DEV") === room, true);
  assertEquals(rooms.leave(bob, room, 1), true);
  assertEquals([rooms.size, rooms.find("#dev")], [0, undefined]);
  assertEquals((await enterRoom(rooms, eve, "#dev", 1)).isNew, true);
});

Deno.test("Rooms: the others, and only they, are told who joined and who left", async () => {
  const rooms = withRooms();
  const [eve, bob, carol] = [
    new FakeUser("Eve"),
    new FakeUser("bob", "action"),
    new FakeUser("carol"),
  ];
  await enterRoom(rooms, bob, "#dev", 1);
  const { room } = await enterRoom(rooms, eve, "#dev", 7);
  await enterRoom(rooms, carol, "#other", 7);
  rooms.leave(eve, room, 8);
  const frame = { response: 100, room: "#dev" };
  assertEquals(bob.frames, [
    { ...frame, time: 7, alert: "Eve joined #dev", joined: "Eve" },
    { ...frame, time: 8, alert: "Eve left #dev", left: "Eve" },
  ]);
  assertEquals([eve.frames, carol.frames], [[], []]);
});

Deno.test("Rooms: joining twice and leaving twice do nothing the second time", async () => {
  const rooms = withRooms();
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("bob")];
  await enterRoom(rooms, bob, "#dev", 1);
  const { room } = await enterRoom(rooms, eve, "#dev", 1);
  await enterRoom(rooms, eve, "#dev", 1);
  assertEquals([room.members.size, bob.frames.length], [2, 1]);
  assertEquals(rooms.leave(eve, room, 1), true);
  assertEquals(rooms.leave(eve, room, 1), false);
  assertEquals([room.members.size, bob.frames.length], [1, 2]);
});

Deno.test("Rooms: leaveAll takes a member out of every room and leaves the others in", async () => {
  const rooms = withRooms();
  const [eve, bob] = [new FakeUser("eve"), new FakeUser("bob")];
  for (let i = 0; i < 50; i++) await enterRoom(rooms, eve, `#r${i}`, 1);
  await enterRoom(rooms, bob, "#r7", 1);
  rooms.leaveAll(eve, 2);
  assertEquals([rooms.size, eve.rooms.size, bob.rooms.size], [1, 0, 1]);
  assertEquals(bob.frames.map(({ left }) => left), ["eve"]);
});

Deno.test("Rooms: an account's room lasts; who comes next gets its maker's spelling", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  const made = await enterRoom(rooms, eve, "#Dev");
  assertEquals([made.isNew, made.room.lasting?.id, store.opened.size], [true, 1, 1]);
  rooms.leave(eve, made.room, 1);
  assertEquals([rooms.size, store.opened.size, store.stored.size], [0, 0, 1]);
  const again = await enterRoom(rooms, bob, "#ＤＥＶ");
  assertEquals([again.isNew, again.room.name, again.room.lasting?.id], [false, "#Dev", 1]);
  const roleOf = (user: User): string => again.room.policy.roleOf(user);
  assertEquals([roleOf(bob), roleOf(eve)], ["member", "owner"]);
  assertEquals(store.opened.size, 1);
  rooms.forgetAccount("eve");
  assertEquals(roleOf(eve), "member");
});

Deno.test("Rooms: a guest's room stays one when an account comes, and then the name is free", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  const { room } = await enterRoom(rooms, bob, "#dev");
  await enterRoom(rooms, eve, "#dev");
  rooms.leave(bob, room, 1);
  assertEquals([room.lasting, rooms.size, store.stored.size], [undefined, 1, 0]);
  rooms.leave(eve, room, 1);
  assertEquals((await enterRoom(rooms, eve, "#dev")).room.lasting?.id, 1);
});

Deno.test("Rooms: who has gone before the store answered is not let in, and nothing is left open", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  for (const user of [new FakeUser("bob"), fakeAccount("eve")]) {
    const enter = await rooms.open(user, "#dev");
    assert(typeof enter === "function");
    user.state = "ended";
    enter(1);
    assertEquals([rooms.size, user.rooms.size, store.opened.size], [0, 0, 0], user.name);
  }
  assertEquals(store.stored.size, 1, "the account's room was made");
});

Deno.test("Rooms: a last member who leaves while another comes in does not take the room along", async () => {
  const rooms = withRooms();
  const [bob, ann] = [new FakeUser("bob"), new FakeUser("ann")];
  // Both ask at once: the second waits until the first is in, and finds the room.
  const [first, second] = [rooms.open(bob, "#dev"), rooms.open(ann, "#dev")];
  const enter = await first;
  assert(typeof enter === "function");
  const entered = enter(1);
  assert(typeof entered === "object" && "room" in entered);
  const { room } = entered;
  const enterNext = await second;
  assert(typeof enterNext === "function");
  rooms.leave(bob, room, 1);
  assertEquals(enterNext(1), { room, isNew: false });
  assertEquals(rooms.find("#dev") === room, true);
});

Deno.test("Rooms.change: what is decided on the stored room is written; then memory follows, in a turn", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const eve = fakeAccount("eve");
  const { room } = await enterRoom(rooms, eve, "#Dev");
  const set = { kind: "set", topic: "tea", slow: 3 } as const;
  assertEquals(await changeRoom(rooms, "#none", set), undefined);
  assertEquals(
    await rooms.change("#dev", () => roomDeed(), (_, { name }) => ({ refused: `not ${name}` })),
    {
      refused: "not #Dev",
    },
  );
  const finish = await changeRoom(rooms, "#DEV", set);
  assert(typeof finish === "function");
  assertEquals([room.topic, store.stored.get("#dev")?.topic], ["", "tea"]);
  const next = changeRoom(rooms, "#dev", { kind: "set", topic: "coffee" });
  await settle();
  assertEquals(store.stored.get("#dev")?.topic, "tea", "the next one waits for the answer");
  const changed = finish();
  assertEquals([changed.room === room, changed.before.topic, changed.after.topic], [
    ...[true, "", "tea"],
  ]);
  assertEquals([room.topic, room.policy.rules.slow], ["tea", 3]);
  const finishNext = await next;
  assert(typeof finishNext === "function");
  finishNext();
  assertEquals(room.topic, "coffee");
});

Deno.test("Rooms.change: a guest's room is none of the store's", async () => {
  const rooms = withRooms();
  await enterRoom(rooms, new FakeUser("bob"), "#dev");
  assertEquals(await changeRoom(rooms, "#dev", { kind: "remove" }), {
    refused: { why: "passing" },
  });
});

Deno.test("Rooms.evict: all are told, the one taken out first of all; nothing of the room reaches them then", async () => {
  const rooms = withRooms();
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  const { room } = await enterRoom(rooms, eve, "#dev");
  await enterRoom(rooms, bob, "#dev");
  const held = room.hold(bob);
  held.add('{"alert":"held"}\n');
  rooms.evict(bob, room, NOTICE);
  rooms.leave(eve, room, 1);
  assertEquals(bob.frames.map(({ alert }) => alert), ["held", NOTICE.alert]);
  assertEquals(eve.frames.map(({ alert }) => alert), ["bob joined #dev", NOTICE.alert]);
  assertEquals([bob.rooms.size, room.members.size, room.held, rooms.size], [0, 0, undefined, 0]);
  assertEquals(bob.outlet.heldBytes, 0);
});

Deno.test("Rooms: who is banned or not invited opens nothing, and who is banned meanwhile does not enter", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const [eve, bob] = [fakeAccount("eve"), fakeAccount("bob")];
  const { room } = await enterRoom(rooms, eve, "#dev");
  const expecting = await rooms.expect(bob, "#dev");
  assert(typeof expecting === "object" && "enter" in expecting);
  const sanction = storedSanction({ reason: "spam" });
  const ban = await changeRoom(rooms, "#dev", { kind: "sanction", sanction });
  assert(typeof ban === "function");
  ban();
  const banned = { why: "banned", until: undefined, reason: "spam" } as const;
  assertEquals(expecting.enter(1), banned);
  expecting[Symbol.dispose]();
  assertEquals(await rooms.expect(bob, "#dev"), banned);
  rooms.leave(eve, room, 1);
  assertEquals([store.opened.size, rooms.size], [0, 0]);
  for (const enter of [rooms.open(bob, "#DEV"), rooms.expect(bob, "#DEV")]) {
    assertEquals(await enter, banned);
  }
  const isPrivate = await changeRoom(rooms, "#dev", { kind: "set", isPrivate: true });
  assert(typeof isPrivate === "function");
  isPrivate();
  assertEquals(await rooms.open(new FakeUser("eve"), "#dev"), { why: "private" });
  assertEquals([store.opened.size, rooms.size], [0, 0]);
  assertEquals((await enterRoom(rooms, eve, "#dev")).isNew, false);
});

Deno.test("Rooms.expect: who is taken out while they come in anew stays out", async () => {
  const rooms = withRooms();
  const [eve, bob] = [fakeAccount("eve"), fakeAccount("bob")];
  const { room } = await enterRoom(rooms, eve, "#dev");
  await enterRoom(rooms, bob, "#dev");
  const expecting = await rooms.expect(bob, "#dev");
  assert(typeof expecting === "object" && "enter" in expecting);
  rooms.evict(bob, room, NOTICE);
  assertEquals(expecting.enter(1), { why: "not-member" });
  expecting[Symbol.dispose]();
  assertEquals([bob.rooms.size, room.members.size], [0, 1]);
});

Deno.test("Rooms.lastSeen: where a guest is, or was when they went out; nothing of accounts", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  const { room } = await enterRoom(rooms, eve, "#dev");
  await enterRoom(rooms, bob, "#dev");
  const stored = store.stored.get("#dev")!;
  const seen = (): unknown[] =>
    ["bob", "eve", "ann"].map((name) => rooms.lastSeen(stored.id, "#Dev", name));
  assertEquals(seen(), ["192.0.2.1", undefined, undefined]);
  bob.outlet.network = "192.0.2.7";
  assertEquals(seen(), ["192.0.2.7", undefined, undefined]);
  rooms.leave(bob, room, 1);
  rooms.leave(eve, room, 1);
  assertEquals(seen(), ["192.0.2.7", undefined, undefined]);
});

Deno.test("Rooms.reload: memory follows what another process has done; who was in a room that has ended is out", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const eve = fakeAccount("eve");
  const { room } = await enterRoom(rooms, eve, "#dev");
  store.stored.set("#dev", { ...store.stored.get("#dev")!, topic: "tea", isModerated: true });
  await rooms.reload("#dev");
  assertEquals([room.topic, room.policy.rules.isModerated, eve.frames], ["tea", true, []]);
  store.stored.delete("#dev");
  await rooms.reload("#dev");
  assertEquals(eve.frames, [{
    ...{ response: 100, time: 5, alert: "(administrator) removed #dev" },
    ...{ room: "#dev", remove: true, by: "(administrator)" },
  }]);
  assertEquals([rooms.size, eve.rooms.size], [0, 0]);
  await rooms.reload("#dev"); // nobody is in
});

Deno.test("Rooms.adopt: a guest takes along what holds for them, here and where they were, and nothing else", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  const guest = { isAccount: false, network: undefined };
  const sanctionsOf = (name: string) => store.stored.get(name)!.sanctions;
  for (const name of ["#in", "#left", "#elsewhere", "#never"]) {
    const { room } = await enterRoom(rooms, eve, name);
    const mark = name === "#elsewhere" ? networkMark(room.lasting!.id, "192.0.2.9") : undefined;
    const sanction = storedSanction({ ...guest, kind: "mute", network: mark });
    const mute = await changeRoom(rooms, name, { kind: "sanction", sanction });
    assert(typeof mute === "function");
    mute();
    if (name !== "#never") await enterRoom(rooms, bob, name);
  }
  rooms.leave(bob, rooms.find("#left")!, 1);
  const muted = (): string[] =>
    ["#in", "#left"].filter((name) => {
      const { policy } = rooms.find(name)!;
      return policy.standingOf(bob, { isMember: true }).mute !== undefined;
    });
  assertEquals(muted(), ["#in", "#left"]);
  bob.becomeAccount({ isRunning: false } as MailboxReader);
  assertEquals(muted(), []);
  const adopted = rooms.adopt(bob);
  assertEquals(muted(), ["#in", "#left"], "at once");
  await adopted;
  const account = new Set(["#in", "#left"]);
  for (const name of ["#in", "#left", "#elsewhere", "#never"]) {
    assertEquals(sanctionsOf(name).map(({ isAccount }) => isAccount), [account.has(name)], name);
  }
  assertEquals(muted(), ["#in", "#left"]);
});

Deno.test("Rooms: a store that fails changes nothing, and blocks nobody who comes later", async () => {
  let isBroken = false;
  const store = new MemoryRooms((_, work) =>
    isBroken ? Promise.reject(new StoreError("broken")) : Promise.try(work)
  );
  const rooms = withRooms(store);
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  const { room } = await enterRoom(rooms, eve, "#dev");
  isBroken = true;
  await assertRejects(() => enterRoom(rooms, eve, "#new"), StoreError);
  await assertRejects(() => enterRoom(rooms, bob, "#guests"), StoreError);
  await assertRejects(() => changeRoom(rooms, "#dev", { kind: "remove" }), StoreError);
  assertEquals([rooms.size, eve.rooms.size, room.members.size], [1, 1, 1]);
  assertEquals(
    (await enterRoom(rooms, bob, "#dev")).room,
    room,
    "somebody is in: no store is asked",
  );
  isBroken = false;
  assertEquals((await enterRoom(rooms, eve, "#new")).isNew, true);
  assertEquals(typeof await changeRoom(rooms, "#dev", { kind: "remove" }), "function");
});

Deno.test("Rooms: an account makes so many and no more; guests' rooms do not count", async () => {
  const rooms = withRooms(new MemoryRooms(), 2);
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  await enterRoom(rooms, eve, "#one");
  await enterRoom(rooms, eve, "#two");
  assertEquals(await rooms.open(eve, "#three"), "too-many");
  assertEquals((await enterRoom(rooms, bob, "#three")).isNew, true, "the name is not held");
  assertEquals((await enterRoom(rooms, eve, "#three")).isNew, false);
});

Deno.test("Rooms.list: all rooms in order, those that last without members, too", async () => {
  const rooms = withRooms();
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  const { room } = await enterRoom(rooms, eve, "#m");
  await enterRoom(rooms, eve, "#C");
  for (const name of ["#a", "#z", "#C"]) await enterRoom(rooms, bob, name);
  rooms.leave(eve, room, 1);
  const entry = (room: string, users: number, lasting: boolean): RoomEntry => ({
    ...{ room, topic: "" },
    ...{ users, lasting },
  });
  const all = [entry("#a", 1, false), entry("#C", 2, true), entry("#m", 0, true)];
  assertEquals(await rooms.list(bob, 10), { rooms: [...all, entry("#z", 1, false)], total: 4 });
  assertEquals(await rooms.list(bob, 3), { rooms: all, total: 4 });
});

Deno.test("Rooms: by random schedules there is one room of a name, and who is told that they are in, is", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const waiting: (() => void)[] = [];
    const store = new MemoryRooms((_, work) =>
      new Promise((resolve) => waiting.push(() => resolve(work())))
    );
    const rooms = withRooms(store);
    const users = ["eve", "bob", "ann"].map((name, n) =>
      n < 2 ? fakeAccount(name) : new FakeUser(name)
    );
    const running: Promise<void>[] = [];
    const act = async (user: User): Promise<void> => {
      const room = rooms.find("#dev");
      switch (below(6)) {
        case 0:
        case 1: {
          if (random() < 0.5) {
            const expecting = await rooms.expect(user, "#dev");
            if (typeof expecting === "string" || "why" in expecting) return;
            await store.find("#dev"); // what is kept of it
            expecting.enter(1);
            return expecting[Symbol.dispose]();
          }
          const enter = await rooms.open(user, "#dev");
          if (typeof enter !== "function") {
            assertEquals((enter as { why: string }).why, "banned", `seed ${seed}`);
            return;
          }
          const came = enter(1);
          assert(typeof came === "object" && "room" in came, `seed ${seed}`);
          const entered = came.room;
          assert(entered.members.has(user) && user.rooms.has(entered), `seed ${seed}`);
          assertEquals(rooms.find("#dev") === entered, true, `seed ${seed}`);
          return;
        }
        case 2:
          if (room !== undefined) rooms.leave(user, room, 1);
          return;
        case 3: {
          const of = { folded: user.folded, isAccount: user.isAccount } as const;
          const isBan = random() < 0.5;
          const write = isBan
            ? { kind: "sanction", sanction: storedSanction(of) } as const
            : { kind: "lift", sanction: "ban", folded: user.folded } as const;
          const finish = await changeRoom(rooms, "#dev", write);
          if (typeof finish !== "function") return;
          const { room } = finish();
          if (isBan && room?.members.has(user)) rooms.evict(user, room, NOTICE);
          return;
        }
        case 4:
          return rooms.reload("#dev");
        default: {
          const isEnd = random() < 0.5;
          const write = isEnd ? { kind: "remove" } as const : { kind: "set", topic: "" } as const;
          const finish = await changeRoom(rooms, "#dev", write);
          if (typeof finish !== "function") return;
          const { room } = finish();
          if (isEnd && room !== undefined) rooms.end(room, NOTICE);
        }
      }
    };
    for (let step = 0; step < 40; step++) {
      if (random() < 0.5) running.push(act(users[below(3)]!));
      else waiting.shift()?.();
      if (random() < 0.5) await settle();
      else for (let n = below(4); n > 0; n--) await undefined;
    }
    for (let idle = 0; idle < 3; idle++) {
      for (; waiting.length > 0; idle = 0) waiting.shift()!();
      await settle();
    }
    await Promise.all(running);
    const room = rooms.find("#dev");
    for (const user of users) {
      assertEquals([...user.rooms], room && room.members.has(user) ? [room] : []);
    }
    assertEquals(rooms.size, room === undefined ? 0 : 1);
    const known = store.stored.get("#dev");
    for (const { folded, isAccount } of known?.sanctions ?? []) {
      const banned = users.find((user) => user.folded === folded && user.isAccount === isAccount)!;
      assertEquals(banned.rooms.size, 0, `seed ${seed}: banned and in`);
      assert(room === undefined || room.policy.standingOf(banned, { isMember: false }).ban);
    }
    if (room !== undefined) assert(room.members.size > 0, `seed ${seed}`);
    const id = store.stored.get("#dev")?.id;
    if (room?.lasting !== undefined) assertEquals(room.lasting.id, id, `seed ${seed}`);
    else if (room !== undefined) {
      assertEquals(id, undefined, `seed ${seed}: a guest's and a lasting one`);
    }
    assertEquals([...store.opened], room?.lasting === undefined ? [] : [id!], `seed ${seed}`);
  }
});

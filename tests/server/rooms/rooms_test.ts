import { assert, assertEquals, assertRejects } from "@std/assert";

import type { RoomEntry } from "../../../common/wire/protocol.ts";
import type { User } from "../../../server/people/user.ts";
import { Rooms } from "../../../server/rooms/rooms.ts";
import { StoreError } from "../../../server/store/store.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { MemoryRooms } from "../../support/memory_rooms.ts";
import { seededRandom } from "../../support/random.ts";
import { settle } from "../../support/settle.ts";

function withRooms(store = new MemoryRooms(), maxRooms = 0): Rooms {
  return new Rooms({ delivery: localDelivery(), store, maxRooms });
}

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
  assertEquals([again.room.roleOf(bob), again.room.roleOf(eve)], ["member", "owner"]);
  assertEquals(store.opened.size, 1);
  rooms.forgetOwner("eve");
  assertEquals(again.room.roleOf(eve), "member");
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
    assert(enter !== "too-many");
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
  assert(enter !== "too-many");
  const { room } = enter(1);
  const enterNext = await second;
  assert(enterNext !== "too-many");
  rooms.leave(bob, room, 1);
  assertEquals(enterNext(1), { room, isNew: false });
  assertEquals(rooms.find("#dev") === room, true);
});

Deno.test("Rooms: an owner sets the topic and removes the room; members are told, and are out", async () => {
  const store = new MemoryRooms();
  const rooms = withRooms(store);
  const [eve, bob, ann] = [fakeAccount("eve"), new FakeUser("bob"), fakeAccount("ann")];
  await enterRoom(rooms, eve, "#dev");
  await enterRoom(rooms, bob, "#dev");
  for (const user of [eve, bob]) user.frames.length = 0;
  assertEquals(await rooms.change(eve, "#none", { topic: "" }), "unknown");
  for (const by of [bob, ann, new FakeUser("eve")]) {
    assertEquals(await rooms.change(by, "#dev", { topic: "mine" }), "not-owner", by.name);
    assertEquals(await rooms.change(by, "#dev", "remove"), "not-owner", by.name);
  }
  const set = await rooms.change(eve, "#DEV", { topic: "tea" });
  assert(typeof set === "function");
  const facts = { room: "#dev", topic: "tea", lasting: true, owners: ["eve"] };
  assertEquals(set(5), facts);
  assertEquals(await rooms.facts("#DEV"), facts);
  const remove = await rooms.change(eve, "#dev", "remove");
  assert(typeof remove === "function");
  remove(6);
  const alerts = ["eve set the topic of #dev: tea", "eve removed #dev"];
  for (const { frames, rooms } of [eve, bob]) {
    assertEquals(frames.map(({ alert }) => alert), alerts);
    assertEquals(rooms.size, 0);
  }
  assertEquals([rooms.size, store.stored.size, store.opened.size], [0, 0, 0]);
  assertEquals(await rooms.facts("#dev"), undefined);
});

Deno.test("Rooms: a guest's room cannot be changed", async () => {
  const rooms = withRooms();
  const [eve, bob] = [fakeAccount("eve"), new FakeUser("bob")];
  await enterRoom(rooms, bob, "#dev");
  for (const by of [eve, bob]) assertEquals(await rooms.change(by, "#dev", "remove"), "guests");
  assertEquals(await rooms.facts("#dev"), {
    ...{ room: "#dev", topic: "" },
    ...{ lasting: false, owners: [] },
  });
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
  await assertRejects(() => rooms.change(eve, "#dev", "remove"), StoreError);
  assertEquals([rooms.size, eve.rooms.size, room.members.size], [1, 1, 1]);
  assertEquals(
    (await enterRoom(rooms, bob, "#dev")).room,
    room,
    "somebody is in: no store is asked",
  );
  isBroken = false;
  assertEquals((await enterRoom(rooms, eve, "#new")).isNew, true);
  assertEquals(typeof await rooms.change(eve, "#dev", "remove"), "function");
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
  assertEquals(await rooms.list(10), { rooms: [...all, entry("#z", 1, false)], total: 4 });
  assertEquals(await rooms.list(3), { rooms: all, total: 4 });
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
      switch (below(4)) {
        case 0:
        case 1: {
          if (room !== undefined) return rooms.join(user, room, 1);
          const enter = await rooms.open(user, "#dev");
          assert(enter !== "too-many");
          const entered = enter(1).room;
          assert(entered.members.has(user) && user.rooms.has(entered), `seed ${seed}`);
          assertEquals(rooms.find("#dev") === entered, true, `seed ${seed}`);
          return;
        }
        case 2:
          if (room !== undefined) rooms.leave(user, room, 1);
          return;
        default: {
          const finish = await rooms.change(
            user,
            "#dev",
            random() < 0.5 ? "remove" : { topic: "" },
          );
          if (typeof finish === "function") finish(1);
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
    if (room !== undefined) assert(room.members.size > 0, `seed ${seed}`);
    const id = store.stored.get("#dev")?.id;
    if (room?.lasting !== undefined) assertEquals(room.lasting.id, id, `seed ${seed}`);
    else if (room !== undefined) {
      assertEquals(id, undefined, `seed ${seed}: a guest's and a lasting one`);
    }
    assertEquals([...store.opened], room?.lasting === undefined ? [] : [id!], `seed ${seed}`);
  }
});

import { assert, assertEquals } from "@std/assert";

import { foldName } from "../../../common/names.ts";
import { namesIn, type Notice } from "../../../common/wire/protocol.ts";
import type { LocalDelivery } from "../../../server/delivery/local.ts";
import { removedNotice } from "../../../server/rooms/notices.ts";
import type { Room } from "../../../server/rooms/room.ts";
import { RoomAccess } from "../../../server/rooms/room_access.ts";
import { Rooms } from "../../../server/rooms/rooms.ts";
import type { Store } from "../../../server/store/store.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { MemoryRooms } from "../../support/memory_rooms.ts";
import { seededRandom } from "../../support/random.ts";

const START = Date.UTC(2026, 0, 1) / 1_000;

/** Takes lists. */
function gatherer(name: string): FakeUser {
  const user = new FakeUser(name);
  user.wantsGathered = true;
  return user;
}

interface House {
  clock: FakeClock;
  delivery: LocalDelivery;
  rooms: Rooms;
  room: Room;
  /** Takes lists. */
  ann: FakeUser;
  /** Is told one by one. */
  old: FakeUser;
  say(from: FakeUser, text: string): void;
  join(...users: FakeUser[]): void;
  leave(...users: FakeUser[]): void;
}

/** Ann and old are in a room, of which nothing was told for long. */
async function setUp(): Promise<House> {
  const clock = new FakeClock();
  const delivery = localDelivery({ clock, store: { historyDays: 0 } as Store });
  const rooms = new Rooms({
    ...{ delivery, store: new MemoryRooms(), maxRooms: 0 },
    access: new RoomAccess(() => 7),
  });
  const [ann, old] = [gatherer("ann"), new FakeUser("old")];
  for (const user of [ann, old]) await enterRoom(rooms, user, "#dev");
  const room = rooms.find("#dev")!;
  clock.advance(1_000);
  for (const user of [ann, old]) user.frames.length = 0;
  return {
    ...{ clock, delivery, rooms, room, ann, old },
    say: (from, message) => {
      delivery.toRoom(from, room, { event: "msg", to: "#dev", message });
    },
    join: (...users) => users.forEach((user) => rooms.join(user, room, 7)),
    leave: (...users) => users.forEach((user) => rooms.leave(user, room, 7)),
  };
}

/** What a user was told since the last time, in short. */
function told(user: FakeUser): string[] {
  const frames = user.frames.splice(0) as unknown as (Notice & { message?: string })[];
  return frames.map(({ message, joined, left, topic }) =>
    message ?? topic ?? (joined === undefined ? `-${left}` : `+${joined}`)
  );
}

const some = (count: number, from = 0): FakeUser[] =>
  Array.from({ length: count }, (_, n) => new FakeUser(`u${from + n}`));

Deno.test("Gathering: the first who comes is told at once, who follows within a second as a list at its end", async () => {
  const { clock, ann, old, join } = await setUp();
  const [first, ...others] = some(5);
  join(first!);
  assertEquals([told(ann), told(old), clock.pending], [["+u0"], ["+u0"], 0]);
  clock.advance(400);
  join(...others);
  assertEquals([told(ann), told(old)], [[], ["+u1", "+u2", "+u3", "+u4"]]);
  clock.advance(599);
  assertEquals([ann.frames, clock.pending], [[], 1]);
  clock.advance(1);
  assertEquals(ann.frames, [{
    response: 100,
    time: START + 2,
    alert: "u1, u2, u3 and 1 other joined #dev",
    room: "#dev",
    joined: ["u1", "u2", "u3", "u4"],
  }]);
  assertEquals([told(old), clock.pending], [[], 0]);
});

Deno.test("Gathering: while they keep coming there is one list a second; after a quiet second one is told at once again", async () => {
  const { clock, ann, join } = await setUp();
  for (const user of some(40)) {
    join(user);
    clock.advance(100);
  }
  const counts = ann.frames.splice(0).map(({ joined }) => namesIn(joined as string[]).length);
  assertEquals(counts, [1, 9, 10, 10, 10]);
  clock.advance(1_000);
  join(...some(1, 40));
  assertEquals([told(ann), clock.pending], [["+u40"], 0]);
});

Deno.test("Gathering: who left, who came, and who of these went again, in this order", async () => {
  const { clock, ann, join, leave } = await setUp();
  const [stays, goes, returns, flits, comes, visits] = some(6) as [
    ...[FakeUser, FakeUser, FakeUser],
    ...[FakeUser, FakeUser, FakeUser],
  ];
  join(stays, goes, returns, flits);
  clock.advance(5_000);
  told(ann);
  const opens = new FakeUser("opens");
  join(opens);
  assertEquals(told(ann), ["+opens"]);
  join(comes, visits);
  leave(goes, returns, flits, visits);
  join(returns, flits);
  leave(flits);
  clock.advance(1_000);
  assertEquals(told(ann), ["-u1,u2,u3", "+u4,u5,u2,u3", "-u5,u3"]);
});

Deno.test("Gathering: a frame has 200 names at most", async () => {
  const { clock, ann, join } = await setUp();
  join(...some(502));
  clock.advance(1_000);
  assertEquals(ann.frames.map(({ alert }) => alert), [
    "u0 joined #dev",
    "u1, u2, u3 and 197 others joined #dev",
    "u201, u202, u203 and 197 others joined #dev",
    "u401, u402, u403 and 98 others joined #dev",
  ]);
  const names = ann.frames.flatMap(({ joined }) => joined as string | string[]);
  assertEquals(names, some(502).map(({ name }) => name));
});

Deno.test("Gathering: a message of somebody in the list comes behind it, a message of anybody else before", async () => {
  const { clock, ann, old, say, join, leave } = await setUp();
  const [first, second, third] = some(3) as [FakeUser, FakeUser, FakeUser];
  join(first, second);
  say(old, "from old");
  say(first, "from u0");
  assertEquals(told(ann), ["+u0", "from old", "from u0"]);
  say(second, "from u1");
  assertEquals([told(ann), clock.pending], [["+u1", "from u1"], 0]);
  join(third);
  leave(second);
  say(first, "from u0");
  assertEquals(told(ann), ["from u0"]);
  clock.advance(1_000);
  assertEquals(told(ann), ["-u1", "+u2"]);
});

Deno.test("Gathering: what is said of a room or of its messages comes behind the list", async () => {
  const { ann, old, delivery, room, join } = await setUp();
  const [first, second, third] = some(3) as [FakeUser, FakeUser, FakeUser];
  join(first, second);
  delivery.notify(room, { response: 100, time: 7, alert: "", room: "#dev", topic: "tea" });
  assertEquals(told(ann), ["+u0", "+u1", "tea"]);
  join(third);
  delivery.tellGathered(room);
  assertEquals(told(ann), ["+u2"]);
  assertEquals(told(old), ["+u0", "+u1", "tea", "+u2"]);
});

Deno.test("Gathering: a list of one is a list, and who alone is in it does not get it", async () => {
  const { clock, ann, old, join } = await setUp();
  const bob = gatherer("bob");
  join(...some(1), bob);
  clock.advance(1_000);
  assertEquals(ann.frames.map(({ joined }) => joined), ["u0", ["bob"]]);
  assertEquals([told(bob), told(old)], [[], ["+u0", "+bob"]]);
});

Deno.test("Gathering: where nobody takes lists, nothing is gathered and no timer is set", async () => {
  const { clock, ann, old, leave, join } = await setUp();
  leave(ann);
  join(...some(3));
  assertEquals([told(old), clock.pending], [["-ann", "+u0", "+u1", "+u2"], 0]);
});

Deno.test("Gathering: with its room it goes, and so does its timer", async () => {
  const { clock, ann, old, rooms, room, join, leave } = await setUp();
  const users = some(3);
  join(...users);
  assertEquals(clock.pending, 1);
  leave(...users, old, ann);
  assertEquals([rooms.size, clock.pending], [0, 0]);
  assertEquals(told(ann), ["+u0"]);
  // One of that name that is made in the same second knows nothing of it.
  const { room: other } = await enterRoom(rooms, ann, "#dev");
  assert(other !== room);
  rooms.join(old, other, 7);
  assertEquals([told(ann), clock.pending], [["+old"], 0]);
});

Deno.test("Gathering: when its room is removed, who came is told before", async () => {
  const { rooms, clock } = await setUp();
  const [eve, ann] = [fakeAccount("eve"), gatherer("ann")];
  const { room } = await enterRoom(rooms, eve, "#own");
  rooms.join(ann, room, 7);
  for (const user of some(2)) rooms.join(user, room, 7);
  rooms.end(room, removedNotice(room, "eve", 7));
  const names = ann.frames.map(({ joined, remove }) => remove ?? joined);
  assertEquals([names, clock.pending], [[["u0", "u1"], true], 0]);
});

Deno.test("Gathering: in a numbered session lists have numbers; an interrupted one keeps them", async () => {
  const { clock, ann, join } = await setUp();
  ann.beginNumbering();
  join(...some(3));
  clock.advance(1_000);
  assertEquals(ann.frames.map(({ n, joined }) => [n, joined]), [[1, "u0"], [2, ["u1", "u2"]]]);
  ann.outlet.isConnected = false;
  ann.state = "interrupted";
  join(...some(2, 3));
  clock.advance(1_000);
  assertEquals([ann.frames.length, ann.numbered!.last], [2, 3]);
});

Deno.test("Gathering: for whom frames are held, lists are held with them", async () => {
  const { clock, ann, old, room, join, say } = await setUp();
  const frames = room.hold(ann);
  const [first, second] = some(2) as [FakeUser, FakeUser];
  join(first, second);
  say(old, "before");
  say(second, "behind");
  clock.advance(1_000);
  assertEquals(ann.frames, []);
  await frames.putOut();
  assertEquals(told(ann), ["+u0", "before", "+u1", "behind"]);
});

/** Somebody who comes and goes, and what they make of what they are told. */
class Observer {
  user: FakeUser;
  /** Folded names; `undefined` while they are not in. */
  view: Set<string> | undefined;
  held: ReturnType<Room["hold"]> | undefined;

  constructor(user: FakeUser) {
    this.user = user;
  }

  /** @param isInOrder Whether the view is older than what was told since. */
  read(isInOrder = true): void {
    for (const frame of this.user.frames.splice(0) as unknown as (Notice & { from?: string })[]) {
      if (this.view === undefined) continue;
      if (frame.from !== undefined) {
        if (isInOrder) {
          assert(this.view.has(foldName(frame.from)), `${frame.from} came unannounced`);
        }
        continue;
      }
      for (const name of namesIn(frame.joined)) this.view.add(foldName(name));
      for (const name of namesIn(frame.left)) {
        if (foldName(name) !== this.user.folded) this.view.delete(foldName(name));
      }
    }
  }
}

Deno.test("Gathering: whatever comes and goes, all know in the end who is in, and of whom they hear (seeded)", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = seededRandom(seed);
    const pick = (count: number): number => Math.floor(random() * count);
    const { clock, delivery, rooms, room, say } = await setUp();
    const truth = (): Set<string> => new Set(room.members.sorted().map(({ folded }) => folded));
    const made = (name: string): FakeUser => {
      const user = new FakeUser(random() < 0.5 ? name : name.toUpperCase());
      user.wantsGathered = random() < 0.5;
      return user;
    };
    const observers = ["a", "b", "c", "d", "e", "f", "g"].map((name) => new Observer(made(name)));
    const enter = (observer: Observer): void => {
      // Who comes back may be another session, with another spelling.
      if (random() < 0.3) observer.user = made(observer.user.folded);
      observer.user.frames.length = 0;
      rooms.join(observer.user, room, 7);
      observer.view = truth();
    };
    const answerHeld = async (observer: Observer): Promise<void> => {
      observer.read();
      observer.view = truth();
      await observer.held!.putOut();
      observer.held = undefined;
      observer.read(false);
    };
    const steps = [
      (observer: Observer) => {
        if (observer.view === undefined) enter(observer);
      },
      async (observer: Observer) => {
        if (observer.view === undefined) return;
        if (observer.held !== undefined) await answerHeld(observer);
        observer.read();
        observer.view = undefined;
        rooms.leave(observer.user, room, 7);
      },
      ({ view, user }: Observer) => {
        if (view !== undefined) say(user, "hi");
      },
      async (observer: Observer) => {
        if (observer.view === undefined) return;
        observer.read();
        if (observer.held !== undefined) await answerHeld(observer);
        else observer.held = room.hold(observer.user);
      },
      ({ user, view }: Observer) => {
        if (user.wantsGathered && view !== undefined) delivery.tellGathered(room);
        user.wantsGathered = !user.wantsGathered;
      },
      () => clock.advance(pick(700)),
    ];
    const odds = [0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 5];
    for (let step = 0; step < 120; step++) {
      await steps[odds[pick(odds.length)]!]!(observers[pick(observers.length)]!);
      assert(clock.pending <= 1, `seed ${seed}: more than one timer`);
    }
    clock.advance(1_000);
    for (const observer of observers) {
      if (observer.held !== undefined) await answerHeld(observer);
      observer.read();
      if (observer.view !== undefined) assertEquals(observer.view, truth(), `seed ${seed}`);
    }
    for (const member of [...room.members.values()]) rooms.leave(member, room, 7);
    assertEquals([clock.pending, rooms.size], [0, 0]);
  }
});

import { assertEquals, assertRejects } from "@std/assert";

import type { DeleteRequest, EditRequest } from "../../../common/wire/protocol.ts";
import { Changes } from "../../../server/delivery/changes.ts";
import { ALONE } from "../../../server/cluster/nodes.ts";
import type { Keeper } from "../../../server/delivery/keeper.ts";
import type { MailboxReader } from "../../../server/delivery/mailbox.ts";
import { RoomDelivery } from "../../../server/delivery/room_delivery.ts";
import { Registry } from "../../../server/people/registry.ts";
import type { User } from "../../../server/people/user.ts";
import { Room } from "../../../server/rooms/room.ts";
import type { BlockedUsers } from "../../../server/store/blocked_users.ts";
import { RoomAccess } from "../../../server/rooms/room_access.ts";
import type { MessageDeletion, MessageEdit } from "../../../server/store/messages.ts";
import { type Store, StoreError } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { openedRoom } from "../../support/stored_room.ts";
import { fakeAccount, FakeUser } from "../../support/fake_user.ts";

const edit = (to: string): EditRequest => ({ event: "edit", to, seq: 7, message: "new" });
const erase = (to: string): DeleteRequest => ({ event: "delete", to, seq: 7 });
/** Tells members; nothing is said in rooms here. */
const rooms = new RoomDelivery({
  ...{ store: {} as Store, keeper: {} as Keeper, clock: new FakeClock(), now: () => 0 },
  access: new RoomAccess(() => 0),
  rooms: { findLasting: () => undefined },
  nodes: ALONE,
});
const TIME = Date.UTC(2026, 0, 1) / 1_000;

/** Everybody takes messages of everybody, or nobody does. */
const blockedUsers = (isBlocked: boolean): BlockedUsers =>
  ({ has: () => Promise.resolve(isBlocked) }) as unknown as BlockedUsers;

/** Changes in a store that does what it is asked for, and what that was. */
function setUp(options: { refuses?: "not-own"; isErased?: boolean; isBlocked?: boolean } = {}) {
  const asked: (MessageEdit | MessageDeletion)[] = [];
  const registry = new Registry<User>();
  const steps: string[] = [];
  const change = (wish: MessageEdit | MessageDeletion) => {
    asked.push(wish);
    return Promise.resolve(options.refuses ?? { to: "To", from: "From" });
  };
  const changes = new Changes({
    registry,
    rooms,
    access: new RoomAccess(() => TIME),
    clock: new FakeClock(),
    store: {
      editMessage: change,
      deleteMessage: change,
      erase: () => {
        steps.push("erase");
        return Promise.resolve(options.isErased ?? true);
      },
      blockedUsers: blockedUsers(options.isBlocked ?? false),
    },
  });
  return { changes, registry, asked, steps };
}

Deno.test("Changes: a guest is known by the session, an account by its name too, a moderator may delete", async () => {
  const { changes, asked } = setUp();
  const [guest, account] = [new FakeUser("guest"), fakeAccount("Eve")];
  const room = new Room("#dev", openedRoom({ conversation: 3, last: 7 }));
  for (const user of [guest, account]) {
    room.members.add(user);
    assertEquals(await changes.change(user, edit("#dev"), { conversation: 3, room }), "changed");
    assertEquals(await changes.change(user, erase("#dev"), { conversation: 3, room }), "changed");
  }
  const of = { conversation: 3, seq: 7, time: TIME };
  const byGuest = { account: undefined, session: guest.session };
  const byEve = { account: "eve", session: account.session };
  const text = { message: "new", since: TIME - 86_400 };
  assertEquals(asked, [
    { ...of, ...text, by: byGuest, asker: "guest" },
    { ...of, by: byGuest, asker: "guest" },
    { ...of, ...text, by: byEve, asker: "eve" },
    { ...of, by: "moderator", asker: "eve" },
  ]);
  assertEquals(new FakeUser("guest").session === guest.session, false);
  assertEquals(guest.frames.map(({ event, by, to, from }) => [event, by, to, from]), [
    ["edit", undefined, "To", "From"],
    ["delete", "Eve", "To", "From"],
  ]);
});

Deno.test("Changes: it is told once it is written, and answered once it is erased", async () => {
  const { changes, registry, steps } = setUp({ isErased: false });
  const [eve, bob] = [fakeAccount("eve"), fakeAccount("bob")];
  bob.outlet.send = () => steps.push("told") > 0;
  registry.add(bob);
  const place = { conversation: 3, room: undefined };
  assertEquals(await changes.change(eve, erase("BOB"), place), "not-erased");
  assertEquals(steps, ["told", "erase"]);
});

Deno.test("Changes: what is refused is told nobody, nor is a guest who has an account's name by now", async () => {
  const place = { conversation: 3, room: undefined };
  const eve = fakeAccount("eve");
  const refused = setUp({ refuses: "not-own" });
  const bob = fakeAccount("bob");
  refused.registry.add(bob);
  assertEquals(await refused.changes.change(eve, edit("bob"), place), "not-own");
  assertEquals([bob.frames, refused.steps], [[], []]);
  const { changes, registry } = setUp();
  const guest = new FakeUser("bob");
  for (const user of [guest, eve]) registry.add(user);
  assertEquals(await changes.change(eve, edit("bob"), place), "changed");
  assertEquals(await changes.change(eve, edit("eve"), place), "changed");
  assertEquals([guest.frames, eve.frames], [[], []]);
});

Deno.test("Changes: who is still getting letters learns it behind them", async () => {
  const { changes, registry } = setUp();
  const bob = new FakeUser("bob");
  const calls: unknown[][] = [];
  bob.becomeAccount(
    {
      isRunning: true,
      change: (...args: unknown[]) => calls.push(args),
    } as unknown as MailboxReader,
  );
  registry.add(bob);
  const place = { conversation: 3, room: undefined };
  await changes.change(fakeAccount("eve"), edit("bob"), place);
  await changes.change(fakeAccount("eve"), erase("bob"), place);
  const at = { conversation: 3, seq: 7 };
  assertEquals(calls.map(([where, text]) => [where, text]), [[at, "new"], [at, undefined]]);
  assertEquals(bob.frames, []);
});

Deno.test("Changes: a store that fails has told nobody", async () => {
  const { registry } = setUp();
  const bob = fakeAccount("bob");
  registry.add(bob);
  const fail = () => Promise.reject(new StoreError("broken"));
  const store = {
    ...{ editMessage: fail, deleteMessage: fail, erase: fail },
    blockedUsers: blockedUsers(false),
  };
  const changes = new Changes({
    ...{ registry, rooms, clock: new FakeClock(), store },
    access: new RoomAccess(() => TIME),
  });
  const place = { conversation: 3, room: undefined };
  await assertRejects(() => changes.change(fakeAccount("eve"), edit("bob"), place), StoreError);
  assertEquals(bob.frames, []);
});

Deno.test("Changes: whoever the other one has blocked changes nothing there, and does so in rooms", async () => {
  const { changes, registry, asked, steps } = setUp({ isBlocked: true });
  const bob = fakeAccount("bob");
  registry.add(bob);
  for (const request of [edit("bob"), erase("bob")]) {
    const place = { conversation: 3, room: undefined };
    assertEquals(await changes.change(fakeAccount("eve"), request, place), "blocked");
  }
  assertEquals([asked, steps, bob.frames], [[], [], []]);
  const room = new Room("#dev");
  const eve = fakeAccount("eve");
  room.members.add(eve);
  assertEquals(await changes.change(eve, edit("#dev"), { conversation: 3, room }), "changed");
});

import { assert, assertEquals, assertRejects } from "@std/assert";

import type { MsgRequest } from "../../../common/wire/protocol.ts";
import type { LocalDelivery } from "../../../server/delivery/local.ts";
import { MailboxReader } from "../../../server/delivery/mailbox.ts";
import { Registry } from "../../../server/people/registry.ts";
import type { User } from "../../../server/people/user.ts";
import { RoomAccess } from "../../../server/rooms/room_access.ts";
import { Rooms } from "../../../server/rooms/rooms.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Store, StoreFullError } from "../../../server/store/store.ts";
import {
  ask,
  login,
  messages,
  next,
  online,
  presence,
  register,
  withAccounts,
} from "../../support/account_fixture.ts";
import { FakeUser } from "../../support/fake_user.ts";
import { MemoryRooms } from "../../support/memory_rooms.ts";
import { enterRoom } from "../../support/enter_room.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { storeWith } from "../../support/store_with.ts";

Deno.test("LocalDelivery.toRoom: each in its own dialect, in the same words, counting who took it", async () => {
  const delivery = localDelivery();
  const rooms = new Rooms({
    ...{ delivery, store: new MemoryRooms(), maxRooms: 0 },
    access: new RoomAccess(() => 5),
  });
  const members = ["eve", "bob", "carol", "dave", "erin"].map((name, i) =>
    new FakeUser(name, i % 2 === 0 ? "event" : "action")
  );
  for (const member of members) await enterRoom(rooms, member, "#dev");
  for (const member of members) member.frames.length = 0;
  const [eve, bob, carol, dave, erin] = members;
  carol!.outlet.takes = false;
  const request = { event: "msg", to: "#dev", message: "hi" } as const;
  const delivered = delivery.toRoom(eve!, rooms.find("#dev")!, request);
  assertEquals(delivered, 3);
  const frame = { time: 5, to: "#dev", from: "eve", message: "hi" };
  assertEquals([bob!.frames, dave!.frames], [
    [{ action: "msg", ...frame }],
    [{ action: "msg", ...frame }],
  ]);
  assertEquals(erin!.frames, [{ event: "msg", ...frame }]);
  assertEquals([eve!.frames, carol!.frames], [[], []]);
});

/** A store with the account bob, and a delivery with eve and whoever else is online. */
async function withStore(
  test: (parts: {
    delivery: LocalDelivery;
    registry: Registry<User>;
    store: Store;
    eve: FakeUser;
    textsOf: () => Promise<string[]>;
  }) => Promise<void>,
): Promise<void> {
  await using store = openSqliteStore(":memory:");
  await store.createAccount("bob", "Bob", "hash");
  await store.rememberName("guest", "Guest");
  const registry = new Registry<User>();
  // A time of today: the store deletes what is old.
  const now = (): number => Date.now() / 1_000;
  const delivery = localDelivery({ registry, store, now });
  const eve = new FakeUser("eve");
  registry.add(eve);
  const textsOf = async (): Promise<string[]> =>
    (await store.listLetters("bob", 0, 1_000)).map(({ message }) => message);
  await test({ delivery, registry, store, eve, textsOf });
}

const to = (name: string, message: string, more: Partial<MsgRequest> = {}): MsgRequest => ({
  event: "msg",
  to: name,
  message,
  ...more,
});

Deno.test("LocalDelivery.toUser says what became of a message", () =>
  withStore(async ({ delivery, registry, eve, textsOf }) => {
    const outcome = async (request: MsgRequest): Promise<unknown> =>
      await delivery.toUser(eve, request);
    assertEquals(await outcome(to("nobody", "1")), "unknown");
    assertEquals(await outcome(to("nobody", "2", { store: true })), "unknown");
    assertEquals(await outcome(to("guest", "3")), "offline");
    assertEquals(await outcome(to("guest", "4", { store: true })), "guest");
    assertEquals(await outcome(to("bob", "5")), "offline");
    assertEquals(await outcome(to("BOB", "6", { store: true })), "stored");
    assertEquals(await textsOf(), ["6"]);
    const guest = new FakeUser("Guest");
    registry.add(guest);
    for (const name of ["Guest", "guest", "ＧＵＥＳＴ", "Guest"]) {
      assertEquals(delivery.toUser(eve, to(name, "7", { id: name })), "delivered");
    }
    assertEquals(guest.frames.map(({ to, id }) => [to, id]), [
      ["Guest", "Guest"],
      ["Guest", "guest"],
      ["Guest", "ＧＵＥＳＴ"],
      ["Guest", "Guest"],
    ]);
    guest.outlet.takes = false;
    assertEquals(delivery.toUser(eve, to("Guest", "8")), "full");
  }));

Deno.test("LocalDelivery: a conversation that the store does not open is asked for once, and its error has one reader", () =>
  withStore(async ({ registry, store, eve }) => {
    let asked = 0;
    const refusing = storeWith(store, {
      openDirect: () => Promise.reject(new StoreFullError(`${++asked}`)),
    });
    const bob = new FakeUser("bob");
    for (const user of [eve, bob]) user.becomeAccount(new MailboxReader(store, user));
    for (const user of [eve, bob]) await user.mailbox!.run();
    registry.add(bob);
    const delivery = localDelivery({ registry, store: refusing, now: () => Date.now() / 1_000 });
    await assertRejects(async () => await delivery.toUser(eve, to("bob", "1")), StoreFullError);
    assertEquals([asked, bob.frames], [1, []]);
  }));

Deno.test("LocalDelivery: a way that was kept ends with its addressee, and follows the clock", async () => {
  const registry = new Registry<User>();
  let time = 5;
  const delivery = localDelivery({
    registry,
    store: { nameStatus: () => Promise.resolve("guest") } as unknown as Store,
    now: () => time,
  });
  const [eve, first, second] = [new FakeUser("eve"), new FakeUser("bob"), new FakeUser("bob")];
  registry.add(first);
  assertEquals(delivery.toUser(eve, to("bob", "1")), "delivered");
  time = 6;
  assertEquals(delivery.toUser(eve, to("bob", "2")), "delivered");
  registry.remove(first);
  first.state = "ended";
  assertEquals(await delivery.toUser(eve, to("bob", "3")), "offline");
  registry.add(second);
  assertEquals(delivery.toUser(eve, to("bob", "4")), "delivered");
  assertEquals(first.frames.map(({ time, message }) => [time, message]), [[5, "1"], [6, "2"]]);
  assertEquals(second.frames.map(({ time, message }) => [time, message]), [[6, "4"]]);
});

Deno.test("LocalDelivery: a message does not overtake letters of its sender that are on their way to disk", () =>
  withStore(async ({ delivery, registry, store, eve }) => {
    const outcomes = ["1", "2"].map((text) =>
      delivery.toUser(eve, to("bob", text, { store: true }))
    );
    // Bob comes online before they are on disk; his mailbox is put out when they are.
    const bob = new FakeUser("Bob");
    bob.becomeAccount(new MailboxReader(store, bob));
    registry.add(bob);
    const direct = delivery.toUser(eve, to("bob", "3", { store: true }));
    assert(direct instanceof Promise);
    assertEquals(await Promise.all(outcomes), ["stored", "stored"]);
    assert(["delivered", "behind"].includes(`${await direct}`));
    await bob.mailbox!.run();
    assertEquals(bob.frames.map(({ message }) => message), ["1", "2", "3"]);
  }));

Deno.test("LocalDelivery: stored messages of one sender stay in order when the addressee comes and goes in between", () =>
  withStore(async ({ registry, store, eve, textsOf }) => {
    const locked = Promise.withResolvers<void>();
    const slow = storeWith(store, {
      storeLetter: async (letter) => {
        await locked.promise;
        return await store.storeLetter(letter);
      },
    });
    const now = (): number => Date.now() / 1_000;
    const delivery = localDelivery({ registry, store: slow, now });
    const outcomes = [delivery.toUser(eve, to("bob", "1", { store: true }))];
    const bob = new FakeUser("Bob");
    bob.becomeAccount(new MailboxReader(store, bob));
    registry.add(bob);
    outcomes.push(delivery.toUser(eve, to("bob", "2", { store: true })));
    // Whoever has nothing under way is not held up by it.
    const carol = new FakeUser("carol");
    assertEquals(delivery.toUser(carol, to("bob", "hi from carol")), "delivered");
    registry.remove(bob);
    bob.state = "ended";
    outcomes.push(delivery.toUser(eve, to("bob", "3", { store: true })));
    locked.resolve();
    assertEquals(await Promise.all(outcomes), ["stored", "stored", "stored"]);
    assertEquals(await textsOf(), ["1", "2", "3"]);
  }));

Deno.test("LocalDelivery.rescue puts what an account did not confirm into its mailbox, in order", () =>
  withStore(async ({ delivery, registry, store, eve, textsOf }) => {
    const bob = new FakeUser("Bob");
    bob.becomeAccount(new MailboxReader(store, bob));
    registry.add(bob);
    for (const text of ["1", "2", "3"]) delivery.toUser(eve, to("bob", text, { id: text }));
    bob.outlet.framesWritten = 1;
    bob.confirm();
    registry.remove(bob);
    await delivery.rescue(bob);
    assertEquals(await textsOf(), ["2", "3"]);
    const guest = new FakeUser("Guest");
    registry.add(guest);
    delivery.toUser(eve, to("guest", "4"));
    await delivery.rescue(guest);
    assertEquals(await textsOf(), ["2", "3"]);
  }));

Deno.test("LocalDelivery.rescue: what a dying connection did not confirm goes to the mailbox, in order", async () => {
  await withAccounts({ settings: { rate: 0, maxQueue: 4_000_000 } }, async (fixture) => {
    const bob = await online(fixture, register("bob"));
    const eve = await online(fixture, presence("eve"));
    // More than the system's socket buffers take, so that some of it stays in the server's queue.
    bob.pause();
    const sent: string[] = [];
    for (let code: number | undefined = 200; code === 200;) {
      const text = `${sent.length} ${"x".repeat(4_000)}`;
      code = await ask(eve, { event: "msg", to: "bob", message: text });
      if (code === 200) sent.push(text);
    }
    bob.close();
    let again = await fixture.server.connect();
    while (await ask(again, login("bob")) !== 200) again = await fixture.server.connect();
    const first = (await next(again))!;
    assertEquals(first.stored, 1);
    // Bob's client has shown no sign of life since it was sent the first: whatever the system took of them, it may
    // have got none.
    assertEquals(first.message, sent[0]);
    assertEquals(messages(await again.frames(sent.length - 1)), sent.slice(1));
  });
});

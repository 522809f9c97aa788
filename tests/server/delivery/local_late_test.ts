/**
 * Direct messages that are handed over when a log has them, later than they were accepted.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import { systemClock } from "../../../common/clock.ts";
import type { MsgRequest } from "../../../common/wire/protocol.ts";
import { LocalKeeper } from "../../../server/delivery/keeper.ts";
import type { LocalDelivery } from "../../../server/delivery/local.ts";
import { Registry } from "../../../server/people/registry.ts";
import type { User } from "../../../server/people/user.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store } from "../../../server/store/store.ts";
import { FakeUser } from "../../support/fake_user.ts";
import { LateKeeper } from "../../support/late_keeper.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { settle } from "../../support/settle.ts";

interface Parts {
  readonly keeper: LateKeeper;
  readonly store: Store;
  readonly delivery: LocalDelivery;
  readonly eve: FakeUser;
  readonly bob: FakeUser;
  /** Bob is at a further connection from now on; what waits for him is out. */
  comeAgain(): Promise<FakeUser>;
  /** Bob has no connection any more. */
  leave(): void;
  /** Eve says something to Bob, once all before it is at the keeper. */
  say(message: string, more?: Partial<MsgRequest>): Promise<unknown>;
}

async function withTwo(test: (parts: Parts) => Promise<void>): Promise<void> {
  await using store = openSqliteStore(":memory:");
  const registry = new Registry<User>();
  const keeper = new LateKeeper(new LocalKeeper(store, systemClock));
  const delivery = localDelivery({
    ...{ store, registry, keeper, now: () => Math.floor(Date.now() / 1_000) },
  });
  const come = async (name: string): Promise<FakeUser> => {
    const user = new FakeUser(name);
    user.becomeAccount(delivery.openMailbox(user));
    registry.add(user);
    await delivery.deliverMail(user);
    return user;
  };
  for (const name of ["eve", "bob"]) await store.createAccount(name, name, "hash");
  const [eve, bob] = [await come("eve"), await come("bob")];
  const say: Parts["say"] = (message, more = {}) =>
    Promise.resolve(delivery.toUser(eve, { event: "msg", to: "bob", message, ...more }));
  const hello = say("hello");
  while (keeper.size === 0) await settle(); // the conversation is opened
  keeper.apply();
  assertEquals(await hello, { outcome: "delivered", seq: 1 });
  bob.frames.length = 0;
  await test({
    ...{ keeper, store, delivery, eve, bob, say },
    leave: () => {
      bob.state = "ended";
      registry.remove(bob);
    },
    comeAgain: () => come("bob"),
  });
}

const heardBy = ({ frames }: FakeUser): unknown[] =>
  frames.map((
    { seq, message, stored },
  ) => [seq, message, ...(stored === undefined ? [] : ["stored"])]);
const textsOf = async (store: Store): Promise<string[]> =>
  (await store.listLetters("bob", 0, 100)).map(({ message }) => message);

Deno.test("LocalDelivery, late: messages go beside each other, and are handed over in the log's order", () =>
  withTwo(async ({ keeper, bob, say }) => {
    const answers = ["1", "2", "3"].map((text) => say(text));
    assertEquals([keeper.size, bob.frames.length], [3, 0]);
    keeper.apply();
    assertEquals(
      await Promise.all(answers),
      [2, 3, 4].map((seq) => ({ outcome: "delivered", seq })),
    );
    assertEquals(heardBy(bob), [[2, "1"], [3, "2"], [4, "3"]]);
  }));

Deno.test("LocalDelivery, late: who has gone meanwhile finds it in the mailbox, before the letters that came after it", () =>
  withTwo(async ({ keeper, store, say, leave, comeAgain }) => {
    const answers = [say("1"), say("2")];
    leave();
    answers.push(say("3", { store: true }));
    await settle();
    assertEquals(await textsOf(store), []);
    keeper.apply();
    assertEquals(await Promise.all(answers), [
      { outcome: "stored", seq: 2 },
      { outcome: "stored", seq: 3 },
      { outcome: "stored", seq: 4 },
    ]);
    assertEquals(await textsOf(store), ["1", "2", "3"]);
    const bob = await comeAgain();
    assertEquals(heardBy(bob), [[2, "1", "stored"], [3, "2", "stored"], [4, "3", "stored"]]);
  }));

Deno.test("LocalDelivery, late: who has come back meanwhile gets it there, before what is said to them then", () =>
  withTwo(async ({ keeper, bob, say, leave, comeAgain }) => {
    const first = say("1");
    leave();
    const again = await comeAgain();
    const second = say("2");
    assertEquals(keeper.size, 1, "the second waits: nothing may overtake the first");
    keeper.apply();
    assertEquals(await first, { outcome: "stored", seq: 2 });
    while (keeper.size === 0) await settle();
    keeper.apply();
    assertEquals(await second, { outcome: "delivered", seq: 3 });
    assertEquals(heardBy(again), [[2, "1", "stored"], [3, "2"]]);
    assertEquals(bob.frames, []);
  }));

Deno.test("LocalDelivery, late: whoever takes no more by then gets it from the mailbox, and in order what follows", () =>
  withTwo(async ({ keeper, store, bob, say }) => {
    const answers = [say("1"), say("2")];
    bob.outlet.takes = false;
    keeper.apply(1);
    bob.outlet.takes = true;
    keeper.apply();
    assertEquals(await Promise.all(answers), [
      { outcome: "behind", seq: 2 },
      { outcome: "behind", seq: 3 },
    ]);
    await settle();
    assertEquals(heardBy(bob), [[2, "1", "stored"], [3, "2", "stored"]]);
    assertEquals(await textsOf(store), ["1", "2"]);
  }));

Deno.test("LocalDelivery, late: a block holds for what is sent after it, not for what was accepted before", () =>
  withTwo(async ({ keeper, store, bob, say }) => {
    const accepted = say("1", { id: "a" });
    await store.blockedUsers.set("bob", "eve", true);
    bob.setBlocked("eve", true);
    assertEquals(await say("2"), "blocked");
    keeper.apply();
    assertEquals(await accepted, { outcome: "delivered", seq: 2 });
    assertEquals(heardBy(bob), [[2, "1"]]);
    // What came before is answered as it was then.
    assertEquals(await say("1", { id: "a" }), { outcome: "delivered", seq: 2 });
    assertEquals(keeper.size, 0);
  }));

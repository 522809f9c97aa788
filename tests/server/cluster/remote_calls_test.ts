import { assertEquals, assertRejects } from "@std/assert";

import { silentLog } from "../../../common/log.ts";
import type { MsgRequest } from "../../../common/wire/protocol.ts";
import { ALONE } from "../../../server/cluster/nodes.ts";
import { UnavailableError } from "../../../server/cluster/operation_log.ts";
import {
  personOf,
  RemoteCalls,
  type RemoteQuestion,
} from "../../../server/cluster/remote_calls.ts";
import type { LocalDelivery } from "../../../server/delivery/local.ts";
import { Registry } from "../../../server/people/registry.ts";
import { RemoteUser } from "../../../server/people/remote_user.ts";
import type { User } from "../../../server/people/user.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Store, StoreError } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeUser } from "../../support/fake_user.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { settle } from "../../support/settle.ts";

interface TestNode {
  readonly registry: Registry<User>;
  readonly delivery: LocalDelivery;
  readonly calls: RemoteCalls;
}

/** Nodes that ask each other as JSON has it; each question waits as long as `hold` says. */
class TestNodes implements Disposable {
  readonly store: Store = openSqliteStore(":memory:");
  readonly clock = new FakeClock();
  readonly nodes = new Map<string, TestNode>();
  readonly questions: RemoteQuestion[] = [];
  hold: Promise<void> = Promise.resolve();
  /** Which node holds a name. */
  readonly holders = new Map<string, string>();

  constructor(...names: string[]) {
    for (const name of names) this.#add(name);
  }

  #add(name: string): void {
    const registry = new Registry<User>();
    const { store, clock } = this;
    const calls = new RemoteCalls(
      {
        self: name,
        ask: async (node, question) => {
          const asked = JSON.parse(JSON.stringify(question)) as RemoteQuestion;
          this.questions.push(asked);
          await this.hold;
          const reply = await this.nodes.get(node)!.calls.asked(name, asked);
          return JSON.parse(JSON.stringify(reply));
        },
      },
      { holderOf: (folded) => Promise.resolve(this.holders.get(folded)) },
      () => ({ registry, delivery, clock, log: silentLog }),
    );
    const nodes = {
      ...ALONE,
      isAlone: false,
      toUser: (from: User, request: MsgRequest) => calls.toUser(from, request),
    };
    const delivery = localDelivery({ registry, store, clock, nodes });
    this.nodes.set(name, { registry, delivery, calls });
  }

  /** Somebody is online at one node, and known at the others. */
  come(node: string, name: string): FakeUser {
    const user = new FakeUser(name);
    for (const [other, { registry }] of this.nodes) {
      registry.add(other === node ? user : new RemoteUser(node, personOf(user)));
    }
    return user;
  }

  [Symbol.dispose](): void {
    this.store[Symbol.asyncDispose]();
  }
}

const msg = (to: string, message: string): MsgRequest => ({ event: "msg", to, message });

Deno.test("RemoteCalls: a direct message is delivered on the addressee's node, and answered by it", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [world.come("a", "Eve"), world.come("b", "Боб")];
  const { delivery } = world.nodes.get("a")!;
  assertEquals(await delivery.toUser(eve, { ...msg("боб", "привет 👋"), id: 7 }), "delivered");
  assertEquals(bob.frames, [
    { event: "msg", time: 5, to: "Боб", from: "Eve", message: "привет 👋", id: 7 },
  ]);
  bob.outlet.takes = false;
  assertEquals(await delivery.toUser(eve, msg("Боб", "more")), "full");
  assertEquals(world.questions.length, 2);
});

Deno.test("RemoteCalls: many to one addressee are under way together, and arrive in order", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [world.come("a", "eve"), world.come("b", "bob")];
  const held = Promise.withResolvers<void>();
  world.hold = held.promise;
  const { delivery } = world.nodes.get("a")!;
  const outcomes = Array.from({ length: 32 }, (_, i) => delivery.toUser(eve, msg("bob", `${i}`)));
  await settle();
  assertEquals(world.questions.length, 32);
  held.resolve();
  assertEquals(await Promise.all(outcomes), outcomes.map(() => "delivered" as const));
  assertEquals(bob.frames.map(({ message }) => message), outcomes.map((_, i) => `${i}`));
});

Deno.test("RemoteCalls: what is sent behind messages to another node waits for them", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [world.come("a", "eve"), world.come("b", "bob")];
  const held = Promise.withResolvers<void>();
  world.hold = held.promise;
  const { delivery, registry } = world.nodes.get("a")!;
  const first = delivery.toUser(eve, msg("bob", "1"));
  registry.remove(registry.find("bob")!); // he comes to this node
  registry.add(bob);
  const second = delivery.toUser(eve, msg("bob", "2"));
  await settle();
  assertEquals(bob.frames, []);
  held.resolve();
  assertEquals(await Promise.all([first, second]), ["delivered", "delivered"]);
  assertEquals(bob.frames.map(({ message }) => message), ["1", "2"]);
});

Deno.test("RemoteCalls: a message follows an addressee who has gone to a further node", async () => {
  using world = new TestNodes("a", "b", "c");
  const [eve, bob] = [world.come("a", "eve"), world.come("c", "bob")];
  const { registry, delivery } = world.nodes.get("a")!;
  registry.remove(registry.find("bob")!);
  const old = new RemoteUser("b", personOf(bob)); // this node does not know yet
  registry.add(old);
  const outcome = delivery.toUser(eve, msg("bob", "hi")) as Promise<unknown>;
  await settle();
  assertEquals(bob.frames, []);
  registry.remove(old);
  registry.add(new RemoteUser("c", personOf(bob)));
  world.clock.advance(50);
  assertEquals(await outcome, "delivered");
  assertEquals(bob.frames.length, 1);
});

Deno.test("RemoteCalls: a message follows an addressee who has come to its own node", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [world.come("a", "eve"), world.come("b", "bob")];
  const held = Promise.withResolvers<void>();
  world.hold = held.promise;
  const [a, b] = [world.nodes.get("a")!, world.nodes.get("b")!];
  const outcomes = ["1", "2"].map((text) => a.delivery.toUser(eve, msg("bob", text)));
  b.registry.remove(bob);
  b.registry.add(new RemoteUser("a", personOf(bob)));
  a.registry.remove(a.registry.find("bob")!);
  a.registry.add(bob);
  outcomes.push(a.delivery.toUser(eve, msg("bob", "3")));
  held.resolve();
  await settle();
  world.clock.advance(50);
  assertEquals(await Promise.all(outcomes), ["delivered", "delivered", "delivered"]);
  assertEquals(bob.frames.map(({ message }) => message), ["1", "2", "3"]);
});

Deno.test("RemoteCalls: nothing overtakes a message that follows its addressee", async () => {
  using world = new TestNodes("a", "b", "c");
  const [eve, bob] = [world.come("a", "eve"), world.come("c", "bob")];
  const { registry, delivery } = world.nodes.get("a")!;
  registry.remove(registry.find("bob")!);
  const old = new RemoteUser("b", personOf(bob)); // this node does not know yet
  registry.add(old);
  const first = delivery.toUser(eve, msg("bob", "1"));
  await settle();
  registry.remove(old);
  registry.add(new RemoteUser("c", personOf(bob)));
  const second = delivery.toUser(eve, msg("bob", "2"));
  await settle();
  assertEquals(bob.frames, []);
  world.clock.advance(50);
  assertEquals(await Promise.all([first, second]), ["delivered", "delivered"]);
  assertEquals(bob.frames.map(({ message }) => message), ["1", "2"]);
});

Deno.test("RemoteCalls: who is not known to be anywhere is found by their name", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [world.come("a", "eve"), world.come("b", "bob")];
  const { registry, delivery } = world.nodes.get("a")!;
  const known = registry.find("bob")!;
  registry.remove(known);
  assertEquals(await delivery.toUser(eve, msg("bob", "0")), "unknown");
  world.holders.set("bob", "b");
  const outcomes = [delivery.toUser(eve, msg("bob", "1"))];
  registry.add(known); // the word comes
  outcomes.push(delivery.toUser(eve, msg("bob", "2")));
  assertEquals(await Promise.all(outcomes), ["delivered", "delivered"]);
  assertEquals(bob.frames.map(({ message }) => message), ["1", "2"]);
  // Held for somebody who is about to come: they are not there yet.
  world.holders.set("carol", "a").set("dave", "b");
  assertEquals(await delivery.toUser(eve, msg("carol", "hi")), "unknown");
  assertEquals(await delivery.toUser(eve, msg("dave", "hi")), "unknown");
});

Deno.test("RemoteCalls: an asked node asks no other one, but has the sender's node follow", async () => {
  for (const isSeen of [true, false]) {
    using world = new TestNodes("a", "b", "c");
    const [eve, bob] = [world.come("a", "eve"), world.come("c", "bob")];
    const [a, b] = [world.nodes.get("a")!, world.nodes.get("b")!];
    a.registry.remove(a.registry.find("bob")!);
    a.registry.add(new RemoteUser("b", personOf(bob))); // where he was before
    if (!isSeen) b.registry.remove(b.registry.find("bob")!); // nor does that node know
    world.holders.set("bob", "c");
    const outcome = a.delivery.toUser(eve, msg("bob", "hi")) as Promise<unknown>;
    await settle();
    assertEquals([world.questions.length, bob.frames], [1, []]);
    a.registry.remove(a.registry.find("bob")!);
    world.clock.advance(50);
    assertEquals(await outcome, "delivered");
    assertEquals([world.questions.length, bob.frames.length], [2, 1]);
  }
});

Deno.test("RemoteCalls: who goes round for ever is unavailable", async () => {
  using world = new TestNodes("a", "b", "c");
  const [eve, bob] = [world.come("a", "eve"), world.come("c", "bob")];
  const { registry, delivery } = world.nodes.get("a")!;
  registry.remove(registry.find("bob")!);
  registry.add(new RemoteUser("b", personOf(bob)));
  const outcome = assertRejects(
    () => delivery.toUser(eve, msg("bob", "hi")) as Promise<unknown>,
    UnavailableError,
  );
  for (let i = 0; i < 20; i++) {
    await settle();
    world.clock.advance(50);
  }
  await outcome;
});

Deno.test("RemoteCalls: a sender who is not known there yet is one and the same for all messages", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [new FakeUser("eve"), world.come("b", "bob")];
  const { delivery } = world.nodes.get("a")!;
  const at = world.nodes.get("b")!;
  const outcomes = [1, 2, 3].map((n) => delivery.toUser(eve, msg("bob", `${n}`)));
  at.registry.add(new RemoteUser("a", personOf(eve)));
  outcomes.push(delivery.toUser(eve, msg("bob", "4")));
  await Promise.all(outcomes);
  assertEquals(bob.frames.map(({ message }) => message), ["1", "2", "3", "4"]);
});

Deno.test("RemoteCalls: a failing store of the other node is told, and nothing else of it", async () => {
  using world = new TestNodes("a", "b");
  const eve = world.come("a", "eve");
  world.come("b", "bob");
  const { delivery } = world.nodes.get("a")!;
  world.nodes.get("b")!.delivery.toUser = () => Promise.reject(new StoreError("disk is full"));
  await assertRejects(
    () => delivery.toUser(eve, msg("bob", "hi")) as Promise<unknown>,
    StoreError,
    "disk is full",
  );
});

Deno.test("RemoteCalls: a client is probed and dismissed at its node, and only that very session", async () => {
  using world = new TestNodes("a", "b");
  const bob = world.come("b", "bob");
  const { calls, registry } = world.nodes.get("a")!;
  const known = registry.find("bob") as RemoteUser;
  bob.outlet.answers.push(Promise.resolve(true));
  assertEquals(await calls.isThere(known, 3), true);
  assertEquals(await calls.isThere(known, 3), false);
  const other = new RemoteUser("b", { ...personOf(bob), session: "another" });
  assertEquals(await calls.dismiss(other, "bye", "replaced"), false);
  assertEquals(await calls.dismiss(known, "bye", "replaced"), true);
  world.nodes.get("b")!.registry.remove(bob);
  assertEquals(await calls.dismiss(known, "bye", "replaced"), false);
  assertEquals(await calls.isThere(known, 3), false);
});

Deno.test("RemoteCalls: a question of a newer node is refused, and so is the answer of an older one that is none", async () => {
  using nodes = new TestNodes("a", "b");
  const newer = { ask: "shine" } as unknown as RemoteQuestion;
  assertEquals(await nodes.nodes.get("b")!.calls.asked("a", newer), {
    failed: "The other node does not know this question; is it of an older version?",
  });
  const older = new RemoteCalls(
    { self: "a", ask: () => Promise.resolve(null) },
    { holderOf: () => Promise.resolve(undefined) },
    () => ({ ...nodes.nodes.get("a")!, clock: nodes.clock, log: silentLog }),
  );
  const eve = nodes.come("b", "eve");
  const away = nodes.nodes.get("a")!.registry.find(eve.folded) as RemoteUser;
  await assertRejects(() => older.isThere(away, 1), StoreError, "Node b has answered with nothing");
});

import { setImmediate } from "node:timers";
import { assert, assertEquals, assertRejects } from "@std/assert";

import type { MsgRequest } from "../../../common/wire/protocol.ts";
import { ALONE } from "../../../server/cluster/nodes.ts";
import type { Batch } from "../../../server/cluster/bus.ts";
import { personOf } from "../../../server/cluster/direct_batch.ts";
import { DirectCalls } from "../../../server/cluster/direct_calls.ts";
import { type DirectQuestion, isDirectQuestion } from "../../../server/cluster/direct_words.ts";
import type { Nodes } from "../../../server/cluster/nodes.ts";
import { UnavailableError } from "../../../server/cluster/operation_log.ts";
import type { LocalDelivery } from "../../../server/delivery/local.ts";
import { Registry } from "../../../server/people/registry.ts";
import { RemoteUser } from "../../../server/people/remote_user.ts";
import type { User } from "../../../server/people/user.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Store, StoreError } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeUser } from "../../support/fake_user.ts";
import { localDelivery } from "../../support/local_delivery.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import { settle } from "../../support/settle.ts";

interface TestNode {
  readonly registry: Registry<User>;
  readonly delivery: LocalDelivery;
  readonly calls: DirectCalls;
}

/** Nodes that ask each other as JSON has it; each batch waits as long as `hold` says, and its answer as `holdAnswers`. */
class TestNodes implements Disposable {
  readonly store: Store = openSqliteStore(":memory:");
  readonly clock = new FakeClock();
  readonly nodes = new Map<string, TestNode>();
  readonly questions: DirectQuestion[] = [];
  /** Those that are answered by now or not. */
  readonly batches: Batch[] = [];
  readonly log = new RecordingLog();
  hold: Promise<void> = Promise.resolve();
  holdAnswers: Promise<void> | undefined;
  /** Which node holds a name. */
  readonly holders = new Map<string, string>();

  constructor(...names: string[]) {
    for (const name of names) this.#add(name);
  }

  #add(name: string): void {
    const registry = new Registry<User>();
    const { store, clock } = this;
    const calls = new DirectCalls(
      { self: name, askAll: (node, batch) => void this.#carry(name, node, batch) },
      { holderOf: (folded) => Promise.resolve(this.holders.get(folded)) },
      () => ({ registry, delivery, clock, log: this.log }),
    );
    const nodes = {
      ...ALONE,
      isAlone: false,
      toUser: (...args: Parameters<Nodes["toUser"]>) => calls.toUser(...args),
    };
    const delivery = localDelivery({ registry, store, clock, nodes });
    this.nodes.set(name, { registry, delivery, calls });
  }

  /** What is put into it in this turn leaves together. */
  async #carry(from: string, to: string, batch: Batch): Promise<void> {
    this.batches.push(batch);
    await new Promise<void>((resolve) => setImmediate(resolve));
    const question = JSON.parse(JSON.stringify(batch.close()));
    assert(isDirectQuestion(question), JSON.stringify(question));
    this.questions.push(question);
    const take = (answer: unknown): boolean => batch.take(JSON.parse(JSON.stringify(answer)));
    await this.hold;
    const reply = this.nodes.get(to)!.calls.asked(from, question, take);
    await this.holdAnswers;
    take(reply);
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

Deno.test("DirectCalls: a direct message is delivered on the addressee's node, and answered by it", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [world.come("a", "Eve"), world.come("b", "Боб")];
  const { delivery } = world.nodes.get("a")!;
  assertEquals(await delivery.toUser(eve, { ...msg("боб", "привет 👋"), id: 7 }), "delivered");
  assertEquals(bob.frames, [
    { event: "msg", time: 5, to: "Боб", from: "Eve", message: "привет 👋", id: 7 },
  ]);
  assertEquals(await delivery.toUser(eve, { ...msg("Боб", "waves"), kind: "action" }), "delivered");
  assertEquals(bob.frames[1]!.kind, "action");
  bob.outlet.takes = false;
  assertEquals(await delivery.toUser(eve, msg("Боб", "more")), "full");
  assertEquals(world.questions.length, 3);
});

Deno.test("DirectCalls: many to one addressee are under way together, and arrive in order", async () => {
  using world = new TestNodes("a", "b");
  const [eve, bob] = [world.come("a", "eve"), world.come("b", "bob")];
  const held = Promise.withResolvers<void>();
  world.hold = held.promise;
  const { delivery } = world.nodes.get("a")!;
  const outcomes = Array.from({ length: 32 }, (_, i) => delivery.toUser(eve, msg("bob", `${i}`)));
  await settle();
  assertEquals(world.questions.map(({ people, messages }) => [people.length, messages.length]), [
    [1, 32],
  ]);
  held.resolve();
  assertEquals(await Promise.all(outcomes), outcomes.map(() => "delivered" as const));
  assertEquals(bob.frames.map(({ message }) => message), outcomes.map((_, i) => `${i}`));
});

Deno.test("DirectCalls: what is sent behind messages to another node waits for them", async () => {
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

Deno.test("DirectCalls: a message follows an addressee who has gone to a further node", async () => {
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

Deno.test("DirectCalls: a message follows an addressee who has come to its own node", async () => {
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

Deno.test("DirectCalls: nothing overtakes a message that follows its addressee", async () => {
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

Deno.test("DirectCalls: who is not known to be anywhere is found by their name", async () => {
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

Deno.test("DirectCalls: an asked node asks no other one, but has the sender's node follow", async () => {
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

Deno.test("DirectCalls: who goes round for ever is unavailable", async () => {
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

Deno.test("DirectCalls: a sender who is not known there yet is one and the same for all messages", async () => {
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

Deno.test("DirectCalls: a failing store of the other node is told, and nothing else of it", async () => {
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

Deno.test("DirectCalls: what waits for a disk is told later, and nothing in its batch waits for it", async () => {
  using world = new TestNodes("a", "b");
  const [eve, dave] = [world.come("a", "eve"), world.come("a", "dave")];
  world.come("b", "bob");
  const { delivery } = world.nodes.get("a")!;
  const there = world.nodes.get("b")!.delivery;
  const deliver = there.toUser.bind(there);
  const disk = [Promise.withResolvers<"stored">(), Promise.withResolvers<"stored">()];
  const waiting = disk.map(({ promise }) => promise);
  there.toUser = (from, request) => request.store ? waiting.shift()! : deliver(from, request);
  const told: unknown[] = [];
  const send = (from: User, message: string, store?: boolean): void => {
    const request = { ...msg("bob", message), ...(store && { store }) };
    (delivery.toUser(from, request) as Promise<unknown>).then(
      (outcome) => told.push([message, outcome]),
      (error) => told.push([message, error.message]),
    );
  };
  send(eve, "1", true);
  send(dave, "2");
  send(eve, "3", true);
  await settle();
  assertEquals([world.questions.length, told], [1, [["2", "delivered"]]]);
  disk[1]!.reject(new StoreError("disk is full"));
  await settle();
  disk[0]!.resolve("stored");
  await settle();
  assertEquals(told.slice(1), [["3", "disk is full"], ["1", "stored"]]);
});

Deno.test("DirectCalls: one that fails takes none of its batch with it, and its reason is in that node's log", async () => {
  using world = new TestNodes("a", "b");
  const eve = world.come("a", "eve");
  const bob = world.come("b", "bob");
  const { delivery } = world.nodes.get("a")!;
  const there = world.nodes.get("b")!.delivery;
  const deliver = there.toUser.bind(there);
  there.toUser = (from, request) => {
    if (request.message === "2") throw new TypeError("a secret of that node");
    return deliver(from, request);
  };
  const outcomes = ["1", "2", "3"].map((text) => delivery.toUser(eve, msg("bob", text)));
  assertEquals(
    (await Promise.allSettled(outcomes)).map((it) =>
      it.status === "fulfilled" ? it.value : it.reason.message
    ),
    ["delivered", "the addressee's node failed to deliver it", "delivered"],
  );
  assertEquals(bob.frames.map(({ message }) => message), ["1", "3"]);
  const [record] = world.log.of("a message of another node has failed");
  assertEquals(record!.fields!.from, "eve");
});

Deno.test("DirectCalls: nothing overtakes a message that did not find its addressee, though they be back", async () => {
  using world = new TestNodes("a", "b", "c");
  const [eve, bob] = [world.come("a", "eve"), world.come("b", "bob")];
  const dave = world.come("a", "dave");
  const { delivery } = world.nodes.get("a")!;
  const { registry } = world.nodes.get("b")!;
  registry.remove(bob); // he is on his way to b, which does not have him yet
  const old = new RemoteUser("c", personOf(bob));
  registry.add(old);
  const held = Promise.withResolvers<void>();
  world.holdAnswers = held.promise;
  const first = delivery.toUser(eve, msg("bob", "1"));
  await settle(); // it is at b, and its answer is under way
  registry.remove(old);
  registry.add(bob);
  const second = delivery.toUser(eve, msg("bob", "2"));
  const other = delivery.toUser(dave, msg("bob", "of another"));
  await settle();
  assertEquals(world.questions.map(({ messages }) => messages.length), [1, 2]);
  held.resolve();
  assertEquals([await other, bob.frames.map(({ message }) => message)], [
    "delivered",
    ["of another"],
  ]);
  const third = delivery.toUser(eve, msg("bob", "3"));
  await settle();
  world.clock.advance(50);
  assertEquals(
    await Promise.all([first, second, third]),
    ["delivered", "delivered", "delivered"],
  );
  assertEquals(bob.frames.map(({ message }) => message), ["of another", "1", "2", "3"]);
  assertEquals(await delivery.toUser(eve, msg("bob", "4")), "delivered");
});

Deno.test("DirectCalls: when a node goes, what it has told holds, and the rest is unavailable", async () => {
  using world = new TestNodes("a", "b");
  const eve = world.come("a", "eve");
  world.come("b", "bob");
  const { delivery } = world.nodes.get("a")!;
  const there = world.nodes.get("b")!.delivery;
  const deliver = there.toUser.bind(there);
  there.toUser = (from, request) => request.store ? new Promise(() => {}) : deliver(from, request);
  const store = true;
  const outcomes = [
    delivery.toUser(eve, msg("bob", "1")),
    delivery.toUser(eve, { ...msg("bob", "2"), store }),
  ];
  assertEquals(await outcomes[0], "delivered");
  const failed = assertRejects(
    () => outcomes[1] as Promise<unknown>,
    UnavailableError,
    "node b has gone",
  );
  for (const batch of world.batches) batch.fail(new UnavailableError("node b has gone"));
  await failed;
  // What comes next is asked anew.
  assertEquals(await delivery.toUser(eve, msg("bob", "3")), "delivered");
});

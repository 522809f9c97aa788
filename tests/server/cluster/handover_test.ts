import { assertEquals } from "@std/assert";

import { foldName } from "../../../common/names.ts";
import { assertSame, type FakeServerNode, withNodes } from "../../support/fake_nodes.ts";
import { type Visitor } from "../../support/visitor.ts";
import type { FakeWorld } from "../../support/fake_bus.ts";
import type { FakeClock } from "../../support/fake_clock.ts";
import { eventually } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";

/** Somebody whose session is numbered comes online. */
async function come(node: FakeServerNode, name: string, isAccount = false): Promise<Visitor> {
  if (isAccount) await node.context.store.createAccount(foldName(name), name, "hash");
  const visitor = node.connect();
  assertEquals((await visitor.resume(name, isAccount)).code, 200);
  return visitor;
}

/** Lets time pass until something is through. */
async function inTime<T>({ context }: FakeServerNode, promise: Promise<T>): Promise<T> {
  let isOver = false;
  promise.catch(() => {}).finally(() => isOver = true);
  for (await settle(); !isOver; await settle()) (context.clock as FakeClock).advance(50);
  return await promise;
}

/** The same client comes to a node with its token, and goes on. */
async function move(
  earlier: Visitor,
  node: FakeServerNode,
  name: string,
  isAccount = false,
): Promise<Visitor> {
  const visitor = node.connect(earlier);
  const { code, extras } = await inTime(node, visitor.resume(name, isAccount));
  assertEquals([code, (extras as { resumed?: true } | undefined)?.resumed], [200, true]);
  await settle();
  visitor.read();
  return visitor;
}

/** What somebody was told since this was asked last. */
function noticesOf(visitor: Visitor): string[] {
  visitor.read();
  return visitor.memory.notices.splice(0);
}

/** Lets time pass in steps, and everything happen that is due. */
async function pass(world: FakeWorld, clock: FakeClock, seconds: number): Promise<void> {
  for (let ms = 0; ms < seconds * 1_000; ms += 50) {
    clock.advance(50);
    await settle();
  }
  await world.quiet();
}

for (const isAccount of [false, true]) {
  const kind = isAccount ? "account" : "guest";

  Deno.test(`handover: ${kind}: nobody sees anything, and each frame comes once`, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      await withNodes({ seed }, async ([a, b, c], world) => {
        const eve = await come(a!, "Eve", isAccount);
        const bob = await b!.come("bob");
        const ann = await c!.come("ann");
        const zoe = await a!.come("zoe");
        for (const visitor of [bob, eve, ann, zoe]) {
          await visitor.join("#dev");
          await world.quiet();
        }
        await eve.join("#alone");
        await eve.ask({ event: "presence", user: { account_name: "eve", status: "busy" } });
        await world.quiet();
        eve.read();
        const { session } = eve.user;
        await bob.say("#dev", "read");
        await world.quiet();
        eve.read();
        await eve.drop();
        for (const text of ["1", "2", "3"]) await ann.say("#dev", text);
        await world.quiet();
        for (const visitor of [bob, ann, zoe]) noticesOf(visitor);

        const again = await move(eve, b!, "Eve", isAccount);
        assertEquals([again.texts, again.faults], [["read", "1", "2", "3"], []]);
        assertEquals([...again.known.keys()].sort(), ["#alone", "#dev"]);
        assertEquals([again.user.session, again.user.status], [session, "busy"]);
        await world.quiet();
        for (const visitor of [bob, ann, zoe]) {
          assertEquals(noticesOf(visitor), [], `seed ${seed}`);
        }
        assertEquals([a!.has("eve"), b!.has("eve"), b!.membersOf("#alone")], [false, true, [
          "Eve",
        ]]);
        assertEquals(world.held.get("eve"), b!.fake.bus.self);
        await assertSame([a!, b!, c!]);
        for (const [who, text] of [[ann, "4"], [zoe, "5"], [bob, "6"]] as const) {
          await who.say("#dev", text);
          await world.quiet();
        }
        assertEquals((await zoe.say("eve", "7")).code, 200);
        again.read();
        assertEquals(again.texts, ["read", "1", "2", "3", "4", "5", "6", "7"]);
        assertEquals([...again.faults, ...bob.faults], []);
        await again.quit();
        await world.quiet();
        assertEquals(noticesOf(ann), ["Eve left #dev"]);
        assertEquals([...world.held.keys()].sort(), ["ann", "bob", "zoe"]);
        await assertSame([a!, b!, c!]);
      });
    }
  });

  Deno.test(`handover: ${kind}: a connection that still seems to live is closed without a word`, () =>
    withNodes({ count: 2 }, async ([a, b], world) => {
      const eve = await come(a!, "eve", isAccount);
      const bob = await a!.come("bob");
      for (const text of ["1", "2"]) assertEquals((await bob.say("eve", text)).code, 200);
      const again = await move(eve, b!, "eve", isAccount);
      assertEquals([eve.peer.outlet.isLeft, eve.peer.user], [true, undefined]);
      assertEquals([again.texts, again.faults], [["1", "2"], []]);
      await again.confirm();
      await world.quiet();
      if (isAccount) {
        assertEquals(await b!.context.store.listLetters("eve", 0, 10), []);
      }
    }));

  Deno.test(`handover: ${kind}: who moves on at once, and back, is where they came last`, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      await withNodes({ seed }, async ([a, b, c], world) => {
        let eve = await come(a!, "eve", isAccount);
        const [bob, ann] = [await a!.come("bob"), await c!.come("ann")];
        for (const visitor of [bob, eve, ann]) {
          await visitor.join("#dev");
          await world.quiet();
        }
        for (const visitor of [bob, ann]) noticesOf(visitor);
        eve.read();
        for (const node of [b!, c!, a!, b!, a!]) {
          eve = await move(eve, node, "eve", isAccount);
        }
        await world.quiet();
        assertEquals([a!.has("eve"), b!.has("eve"), c!.has("eve")], [true, false, false]);
        for (const visitor of [bob, ann]) assertEquals(noticesOf(visitor), [], `seed ${seed}`);
        await assertSame([a!, b!, c!]);
        assertEquals((await ann.say("eve", "hi")).code, 200);
        eve.read();
        assertEquals([eve.texts, eve.faults], [["hi"], []]);
      });
    }
  });
}

Deno.test("handover: of a third node no order of words shows anybody leaving", async () => {
  for (const late of ["from the first", "from the second"]) {
    for (let seed = 1; seed <= 10; seed++) {
      await withNodes({ seed }, async ([a, b, c], world) => {
        const eve = await come(a!, "eve");
        const ann = await c!.come("ann");
        for (const visitor of [ann, eve]) {
          await visitor.join("#dev");
          await world.quiet();
        }
        noticesOf(ann);
        await eve.join("#tea");
        await world.quiet();
        world.stop((late === "from the first" ? a! : b!).fake, c!.fake);
        await eve.leave("#tea");
        const again = await move(eve, b!, "eve");
        await again.join("#two");
        await world.quiet();
        assertEquals(noticesOf(ann), []);
        world.resume();
        await world.quiet();
        assertEquals(noticesOf(ann), []);
        await assertSame([a!, b!, c!]);
        await again.quit();
        await world.quiet();
        assertEquals(noticesOf(ann), ["eve left #dev"]);
        await assertSame([a!, b!, c!]);
      });
    }
  }
});

Deno.test("handover: who came, went and came again on the second node before the first is heard of leaves no ghost", () =>
  withNodes({}, async ([a, b, c], world, clock) => {
    const eve = await come(a!, "eve");
    await eve.join("#dev");
    await world.quiet();
    world.stop(a!.fake, c!.fake);
    const again = await move(eve, b!, "eve");
    await again.quit();
    await world.quiet();
    assertEquals(c!.online, []);
    world.resume();
    await world.quiet();
    assertEquals(c!.online, []);
    await pass(world, clock, 21);
    await assertSame([a!, b!, c!]);
    assertEquals([...world.held], []);
  }));

Deno.test("handover: a wrong token, an account's or a guest's, changes nothing", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const eve = await come(a!, "eve");
    const stranger = b!.connect();
    stranger.memory.token = "x".repeat(64);
    assertEquals((await stranger.resume("eve")).code, 409);
    await come(a!, "ann", true);
    await world.quiet();
    stranger.memory.token = eve.memory.token;
    assertEquals((await stranger.resume("ann", true)).code, 402);
    assertEquals([a!.has("eve"), a!.has("ann"), eve.peer.outlet.isLeft], [true, true, false]);
    await assertSame([a!, b!]);
  }));

Deno.test("handover: who says to have more than was sent is told so, and the session goes on where it is", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const eve = await come(a!, "eve");
    await world.quiet();
    const other = b!.connect(eve);
    other.memory.seen = 1;
    assertEquals((await other.resume("eve")).code, 400);
    assertEquals([a!.has("eve"), eve.peer.outlet.isLeft], [true, false]);
    await assertSame([a!, b!]);
  }));

Deno.test("handover: who wants what was confirmed long ago begins anew, and others see that", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const [eve, bob] = [await come(a!, "eve"), await a!.come("bob")];
    for (const visitor of [bob, eve]) await visitor.join("#dev");
    await bob.say("eve", "hi");
    await eve.confirm();
    noticesOf(bob);
    await world.quiet();
    const other = b!.connect(eve);
    other.memory.seen = 0;
    const { code, extras } = await other.resume("eve");
    assertEquals([code, (extras as { resumed?: true }).resumed], [200, undefined]);
    await world.quiet();
    assertEquals([noticesOf(bob), b!.has("eve")], [["eve left #dev"], true]);
    await assertSame([a!, b!]);
  }));

Deno.test("handover: with --grace 0 a session ends instead, and its mail is not lost", () =>
  withNodes({ count: 2, settings: { grace: 0 } }, async ([a, b], world) => {
    const [eve, bob] = [await come(a!, "eve", true), await a!.come("bob")];
    await world.quiet();
    assertEquals((await bob.say("eve", "hi")).code, 200);
    const other = b!.connect(); // the client has not read it
    other.memory.token = eve.memory.token;
    const { code, extras } = await other.resume("eve", true);
    assertEquals([code, (extras as { resumed?: true }).resumed], [200, undefined]);
    await world.quiet();
    // A mailbox is read beside the event loop.
    await eventually(() => (other.read(), other.texts.length > 0), () => "the letter");
    assertEquals(other.texts, ["hi"]);
    await assertSame([a!, b!]);
  }));

Deno.test("handover: when the answer is lost, whoever asks again gets the same", () =>
  withNodes({ count: 2 }, async ([a, b], world, clock) => {
    const [eve, bob] = [await come(a!, "eve", true), await a!.come("bob")];
    for (const visitor of [bob, eve]) await visitor.join("#dev");
    await world.quiet();
    eve.read();
    noticesOf(bob);
    assertEquals((await bob.say("eve", "1")).code, 200);
    world.losingAnswers.set(a!.fake, 1);
    const failing = b!.connect(eve).resume("eve", true);
    await pass(world, clock, 6);
    assertEquals((await failing).code, 500);
    assertEquals([a!.has("eve"), b!.has("eve")], [false, false]);
    const again = await move(eve, b!, "eve", true);
    assertEquals([again.texts, again.faults], [["1"], []]);
    await pass(world, clock, 25);
    assertEquals([a!.has("eve"), b!.has("eve"), noticesOf(bob)], [false, true, []]);
    await assertSame([a!, b!]);
  }));

Deno.test("handover: when the answer is lost and nobody asks again, the session is back, and goes on elsewhere", () =>
  withNodes({}, async ([a, b, c], world, clock) => {
    const eve = await come(a!, "eve", true);
    const [bob, ann] = [await a!.come("bob"), await c!.come("ann")];
    for (const visitor of [bob, eve, ann]) {
      await visitor.join("#dev");
      await world.quiet();
    }
    eve.read();
    for (const visitor of [bob, ann]) noticesOf(visitor);
    assertEquals((await bob.say("eve", "1")).code, 200);
    world.losingAnswers.set(a!.fake, 1);
    const failing = b!.connect(eve).resume("eve", true);
    await pass(world, clock, 10);
    assertEquals((await failing).code, 500);
    assertEquals([a!.has("eve"), world.held.get("eve")], [true, a!.fake.bus.self]);
    for (const visitor of [bob, ann]) assertEquals(noticesOf(visitor), []);
    await assertSame([a!, b!, c!]);
    await ann.say("#dev", "2");
    await world.quiet();
    const again = await move(eve, c!, "eve", true);
    assertEquals([again.texts, again.faults], [["1", "2"], []]);
    await pass(world, clock, 31);
    for (const visitor of [bob, ann]) assertEquals(noticesOf(visitor), []);
    await assertSame([a!, b!, c!]);
  }));

Deno.test("handover: who never comes again leaves after --grace, and the name is free", () =>
  withNodes({ settings: { grace: 5 } }, async ([a, b, c], world, clock) => {
    const [eve, ann] = [await come(a!, "eve"), await c!.come("ann")];
    for (const visitor of [ann, eve]) {
      await visitor.join("#dev");
      await world.quiet();
    }
    noticesOf(ann);
    world.losingAnswers.set(a!.fake, 1);
    const failing = b!.connect(eve).resume("eve");
    await pass(world, clock, 10);
    assertEquals((await failing).code, 500);
    // The connection of a test has no time of its own: it is over now.
    a!.context.registry.find("eve")!.close("", "memory");
    await world.quiet();
    assertEquals([noticesOf(ann), [...world.held.keys()]], [["eve left #dev"], ["ann"]]);
    await assertSame([a!, b!, c!]);
  }));

Deno.test("handover: a node that dies before it has taken a session gives it back", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    await withNodes({ seed }, async ([a, b, c], world, clock) => {
      const [eve, bob] = [await come(a!, "eve", true), await a!.come("bob")];
      for (const visitor of [bob, eve]) await visitor.join("#dev");
      await world.quiet();
      assertEquals((await bob.say("eve", "1")).code, 200);
      const failing = b!.connect(eve).resume("eve", true).catch(() => {});
      while (a!.has("eve")) await settle();
      const hadTaken = b!.has("eve") || world.held.get("eve") === b!.fake.bus.self;
      b!.fake.die();
      await pass(world, clock, 10);
      await failing;
      if (!hadTaken) assertEquals(world.held.get("eve"), a!.fake.bus.self, `seed ${seed}`);
      const again = c!.connect(eve);
      assertEquals((await inTime(c!, again.resume("eve", true))).code, 200);
      await world.quiet();
      again.read();
      assertEquals(again.texts, ["1"], "by frame or by mail");
      await assertSame([a!, c!]);
    });
  }
});

Deno.test("handover: a node that dies while it gives a session away loses no mail", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    await withNodes({ seed }, async ([a, b, c], world, clock) => {
      const [eve, bob] = [await come(a!, "eve", true), await b!.come("bob")];
      await eve.join("#dev");
      await world.quiet();
      await eve.drop();
      assertEquals(
        (await bob.ask({ event: "msg", to: "eve", message: "1", store: true })).code,
        202,
      );
      const asked = b!.connect(eve);
      const answer = asked.resume("eve", true);
      for (let i = 0; i < seed % 7; i++) await settle();
      a!.fake.die();
      await pass(world, clock, 1);
      let client = asked;
      if ((await inTime(b!, answer)).code !== 200) {
        client = c!.connect(eve);
        assertEquals((await inTime(c!, client.resume("eve", true))).code, 200);
      }
      await world.quiet();
      client.read();
      assertEquals([client.texts, client.faults], [["1"], []], `seed ${seed}`);
      await assertSame([b!, c!]);
    });
  }
});

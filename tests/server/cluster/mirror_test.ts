import { assertEquals } from "@std/assert";

import { LIMITS } from "../../../common/limits.ts";
import { leave } from "../../../server/people/attendance.ts";
import type { RemoteUser } from "../../../server/people/remote_user.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { kickedNotice } from "../../../server/rooms/notices.ts";
import { assertSame, type FakeServerNode, withNodes } from "../../support/fake_nodes.ts";
import { settle } from "../../support/settle.ts";

Deno.test("people: who comes, changes and goes on one node does so on all", () =>
  withNodes({}, async ([a, b, c], world) => {
    const eve = await a!.come("Eve");
    await eve.goOnline("Eve", "busy");
    await b!.come("bob");
    await world.quiet();
    for (const node of [a!, b!, c!]) assertEquals(node.online, ["bob guest", "Eve guest busy"]);
    assertEquals((await c!.connect().goOnline("EVE")).code, 409);
    await eve.quit();
    await world.quiet();
    assertEquals(c!.online, ["bob guest"]);
    assertEquals((await c!.connect().goOnline("EVE")).code, 200);
  }));

Deno.test("people: a guest who makes their name an account is one on all nodes", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const eve = await a!.come("eve");
    const user = { account_name: "eve", password: "a password" };
    assertEquals((await eve.ask({ event: "authenticate", user, register: true })).code, 201);
    await world.quiet();
    assertEquals(b!.online, ["eve account"]);
    // The hold of the login is over; that of who is online is not.
    assertEquals((await b!.connect().logIn("eve")).code, 409);
    await eve.quit();
    await world.quiet();
    assertEquals((await b!.connect().logIn("eve")).code, 200);
    await world.quiet();
    await assertSame([a!, b!]);
  }));

Deno.test("names: of those who come at the same moment one gets it", async () => {
  await using store = openSqliteStore(":memory:", { clock: new FakeClock() });
  for (let seed = 1; seed <= 10; seed++) {
    await withNodes({ seed, store }, async (nodes, world) => {
      const answers = await Promise.all(nodes.map((node) => node.connect().goOnline("eve")));
      assertEquals(answers.map(({ code }) => code).sort(), [200, 409, 409]);
      await world.quiet();
      await assertSame(nodes);
    });
  }
});

Deno.test("names: who does not come online gives the name back", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const ending = a!.connect();
    ending.peer.isEnding = true;
    assertEquals((await ending.goOnline("eve")).code, 409);
    await world.quiet();
    assertEquals([...world.held], []);
    assertEquals((await b!.connect().goOnline("eve")).code, 200);
    await b!.context.store.createAccount("ann", "ann", "hash");
    assertEquals((await a!.connect().goOnline("ann")).code, 401);
    await world.quiet();
    assertEquals([...world.held.keys()], ["eve"]);
  }));

Deno.test("names: while it cannot be known who holds one, the answer is 500, and nobody comes", () =>
  withNodes({ count: 2 }, async ([a], world) => {
    world.isTableDown = true;
    const { code, sentence } = await a!.connect().goOnline("eve");
    assertEquals([code, sentence], [
      500,
      "The server cannot reach its other nodes at the moment; try again",
    ]);
    world.isTableDown = false;
    assertEquals((await a!.connect().goOnline("eve")).code, 200);
    // Who is online here already needs nobody's word.
    world.isTableDown = true;
    assertEquals((await a!.visitors.at(-1)!.goOnline("eve", "busy")).code, 200);
  }));

Deno.test("names: one that its dead node still seems to have is taken, and rooms are told first", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const bob = await b!.come("bob");
    await bob.join("#dev");
    await world.quiet();
    const eve = await a!.come("eve");
    await eve.join("#dev");
    await world.quiet();
    assertEquals(b!.membersOf("#dev"), ["bob", "eve"]);
    world.stop(a!.fake, b!.fake); // the news of its end is late
    a!.fake.die();
    const next = await b!.come("eve");
    bob.read();
    assertEquals(b!.membersOf("#dev"), ["bob"]);
    await next.join("#dev");
    world.resume();
    await world.quiet();
    assertEquals(b!.membersOf("#dev"), ["bob", "eve"]);
    await assertSame([b!]);
  }));

Deno.test("names: words of a former holder that come late take nothing from the new one", () =>
  withNodes({}, async ([a, b, c], world) => {
    world.stop(a!.fake, b!.fake);
    world.stop(a!.fake, c!.fake);
    const eve = await a!.come("eve");
    await eve.join("#dev");
    await eve.quit();
    await world.quiet();
    const next = await b!.come("eve");
    await next.join("#tea");
    await world.quiet();
    world.resume();
    await world.quiet();
    assertEquals([b!.has("eve"), c!.online, c!.membersOf("#tea"), c!.membersOf("#dev")], [
      true,
      ["eve guest"],
      ["eve"],
      [],
    ]);
    await assertSame([a!, b!, c!]);
  }));

Deno.test("rooms: a guest's room is there on all nodes as long as anybody is in", () =>
  withNodes({}, async ([a, b, c], world) => {
    const [eve, bob] = [await a!.come("eve"), await b!.come("bob")];
    const ann = await c!.comeWithAccount("ann");
    assertEquals((await eve.join("#Dev")).code, 201);
    await world.quiet();
    assertEquals((await bob.join("#dev")).code, 200);
    const { code, extras } = await ann.join("#dev");
    assertEquals([code, (extras as { lasting: boolean }).lasting], [200, false]);
    await world.quiet();
    await assertSame([a!, b!, c!]);
    const listed = [{ room: "#Dev", topic: "", users: 3, lasting: false }];
    for (const node of [a!, b!, c!]) assertEquals(await node.rooms(), listed);
    await eve.leave("#dev");
    await ann.quit();
    await world.quiet();
    assertEquals([a!.membersOf("#dev"), (await c!.rooms())[0]!.users], [["bob"], 1]);
    await bob.leave("#dev");
    await world.quiet();
    for (const node of [a!, b!, c!]) assertEquals(await node.rooms(), []);
  }));

Deno.test("rooms: two who make one at the same moment are together a moment later", () =>
  withNodes({}, async ([a, b, c], world) => {
    const [eve, bob] = [await a!.come("eve"), await b!.come("bob")];
    await world.quiet();
    const answers = await Promise.all([eve.join("#dev"), bob.join("#dev")]);
    assertEquals(answers.map(({ code }) => code), [201, 201]);
    await world.quiet();
    assertEquals([...eve.known.get("#dev")!], ["eve"]);
    await assertSame([a!, b!, c!]);
    assertEquals([...eve.known.get("#dev")!], ["eve", "bob"]);
  }));

Deno.test("rooms: one that lasts is in memory only where somebody is in; its list has all", () =>
  withNodes({}, async ([a, b, c], world) => {
    const ann = await a!.comeWithAccount("ann");
    assertEquals((await ann.join("#dev")).code, 201);
    await world.quiet();
    assertEquals([b!.context.rooms.size, (await b!.rooms())[0]!.users], [0, 1]);
    const bob = await b!.come("bob");
    const { code, extras } = await bob.join("#dev");
    assertEquals([code, (extras as { users: string[] }).users], [200, ["ann", "bob"]]);
    await world.quiet();
    assertEquals([...(ann.read(), ann.known.get("#dev")!)], ["ann", "bob"]);
    await bob.leave("#dev");
    await world.quiet();
    assertEquals([b!.context.rooms.size, (await c!.rooms())[0]!.users], [0, 1]);
    await assertSame([a!, b!, c!]);
    await ann.quit();
    await world.quiet();
    for (const node of [a!, b!, c!]) assertEquals((await node.rooms())[0]!.users, 0);
  }));

Deno.test("rooms: a guest's becomes the one that lasts when an account makes it at the same moment", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    await withNodes({ seed }, async ([a, b, c], world) => {
      const [eve, ann] = [await a!.come("eve"), await b!.comeWithAccount("ann")];
      await world.quiet();
      world.stop(a!.fake, b!.fake);
      await eve.join("#dev");
      assertEquals((await ann.join("#dev")).code, 201);
      world.resume();
      await world.quiet();
      for (const node of [a!, b!]) {
        assertEquals(node.context.rooms.find("#dev")?.lasting !== undefined, true);
      }
      assertEquals([c!.context.rooms.size, (await c!.rooms())[0]], [
        0,
        { room: "#dev", topic: "", users: 2, lasting: true },
      ]);
      await assertSame([a!, b!, c!]);
      await eve.leave("#dev");
      await ann.leave("#dev");
      await world.quiet();
      for (const node of [a!, b!, c!]) {
        assertEquals([node.context.rooms.size, (await node.rooms())[0]!.users], [0, 0]);
      }
    });
  }
});

Deno.test("rooms: what is not kept is heard on all nodes, by all but who said it", () =>
  withNodes({}, async ([a, b, c], world) => {
    const [eve, bob, ann] = [
      await a!.come("eve"),
      await b!.come("bob"),
      await c!.comeWithAccount("ann"),
    ];
    for (const person of [ann, eve, bob]) {
      await person.join("#dev");
      await world.quiet();
    }
    const stranger = await b!.come("zoe");
    const { extras } = await eve.say("#dev", 'one "\ud800" \u2028');
    assertEquals((extras as { delivered: number }).delivered, 2);
    for (let i = 0; i < 5; i++) await eve.say("#dev", `${i}`);
    await world.quiet();
    for (const person of [eve, bob, ann, stranger]) person.read();
    const said = ['one "\ud800" \u2028', "0", "1", "2", "3", "4"];
    assertEquals([eve.texts, bob.texts, ann.texts, stranger.texts], [[], said, said, []]);
    await ann.leave("#dev");
    await world.quiet();
    await bob.say("#dev", "for one");
    await world.quiet();
    for (const person of [eve, ann]) person.read();
    assertEquals([eve.texts, ann.texts], [["for one"], said]);
  }));

Deno.test("nodes: one that comes later knows everybody, in parts if they are many", () =>
  withNodes({ count: 3 }, async ([a, b, c], world) => {
    c!.fake.fence();
    const status = "x".repeat(LIMITS.maxStatusChars);
    await Promise.all(Array.from({ length: 500 }, async (_, i) => {
      await (await a!.come(`guest${i}`)).goOnline(`guest${i}`, status);
    }));
    const listener = a!.fake.listener!;
    const { asked } = listener;
    let parts = 0;
    listener.asked = (...question) => (parts++, asked(...question));
    const eve = await b!.come("eve");
    await eve.join("#dev");
    await a!.visitors[5]!.join("#dev");
    c!.fake.restore();
    // What is told while the parts are asked for counts, too.
    const changing = (async () => {
      for (const i of [0, 499, 300]) {
        await settle();
        await a!.visitors[i]!.join("#dev");
        await a!.visitors[i + 1 - (i % 2) * 2]!.quit();
      }
    })();
    await world.quiet();
    await changing;
    await world.quiet();
    assertEquals([c!.context.registry.size, parts > 1], [498, true]);
    await assertSame([a!, b!, c!]);
  }));

Deno.test("nodes: the people of one that dies leave, and their names are free", () =>
  withNodes({}, async ([a, b, c], world) => {
    const eve = await a!.come("eve");
    const bob = await b!.come("bob");
    await eve.join("#dev");
    await eve.join("#alone");
    await world.quiet();
    await bob.join("#dev");
    await world.quiet();
    a!.fake.die();
    await world.quiet();
    await assertSame([b!, c!]);
    assertEquals([bob.known.get("#dev")!.has("eve"), b!.membersOf("#alone")], [false, []]);
    assertEquals((await c!.connect().goOnline("eve")).code, 200);
  }));

Deno.test("nodes: one that is cut off holds no name; when it is back, all know each other anew", () =>
  withNodes({}, async ([a, b, c], world) => {
    const eve = await a!.come("eve");
    const bob = await b!.come("bob");
    await eve.join("#dev");
    await world.quiet();
    await bob.join("#dev");
    await world.quiet();
    a!.fake.fence();
    assertEquals([a!.online, a!.context.rooms.size], [[], 0]);
    assertEquals((await a!.connect().goOnline("zoe")).code, 500);
    await world.quiet();
    assertEquals(b!.online, ["bob guest"]);
    const next = await c!.come("eve");
    a!.fake.restore();
    await world.quiet();
    assertEquals(a!.online, ["bob guest", "eve guest"]);
    assertEquals((await a!.connect().goOnline("eve")).code, 409);
    await next.quit();
    await world.quiet();
    assertEquals((await a!.connect().goOnline("eve")).code, 200);
    await world.quiet();
    await assertSame([a!, b!, c!]);
  }));

Deno.test("nodes: a login that began before a node was cut off does not give away a name held after", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const early = await a!.context.nodes.hold("eve");
    a!.fake.fence();
    a!.fake.restore();
    await world.quiet();
    await a!.come("eve");
    early![Symbol.dispose]();
    await world.quiet();
    assertEquals((await b!.connect().goOnline("eve")).code, 409);
  }));

Deno.test("nodes: what was lost is asked for; nobody is told of what they know", () =>
  withNodes({}, async ([a, b, c], world) => {
    const [eve, bob] = [await a!.come("eve"), await b!.come("bob")];
    const zoe = await a!.come("zoe");
    for (const person of [eve, zoe]) await person.join("#dev");
    await world.quiet();
    await bob.join("#dev");
    await world.quiet();
    world.stop(a!.fake, b!.fake);
    await zoe.quit();
    const ann = await a!.come("ann");
    await ann.join("#dev");
    await eve.goOnline("eve", "busy");
    world.lose(a!.fake, b!.fake);
    await eve.leave("#dev");
    world.resume();
    await world.quiet();
    assertEquals(b!.online, ["ann guest", "bob guest", "eve guest busy"]);
    assertEquals([...(bob.read(), bob.known.get("#dev")!)], ["bob", "ann"]);
    await assertSame([a!, b!, c!]);
  }));

Deno.test("rooms: who was put out elsewhere is out as soon as the deed is known here, and in any case later", () =>
  withNodes({ count: 2 }, async ([a, b], world, clock) => {
    const ann = await b!.comeWithAccount("ann");
    await ann.join("#dev");
    await world.quiet();
    const [eve, max, zoe] = [await a!.come("eve"), await a!.come("max"), await a!.come("zoe")];
    for (const person of [eve, max, zoe]) await person.join("#dev");
    await world.quiet();
    const putOut = ({ context: { rooms } }: FakeServerNode, name: string): void => {
      const room = rooms.find("#dev")!;
      const user = room.members.find(name)!;
      const deed = { by: "ann", user: name, time: 1 };
      rooms.evict(user, room, kickedNotice(room, deed));
    };
    const toldAnn = async (): Promise<unknown[]> => {
      const before = ann.peer.frames.length;
      await world.quiet();
      return ann.peer.frames.slice(before).map(({ alert }) => alert);
    };
    for (const name of ["eve", "max", "zoe"]) putOut(a!, name);
    assertEquals(await toldAnn(), []);
    assertEquals([a!.context.rooms.size, b!.membersOf("#dev").length], [0, 4]);
    const before = ann.peer.frames.length;
    putOut(b!, "zoe");
    assertEquals(ann.peer.frames.slice(before).map(({ kicked }) => kicked), [true]);
    await max.join("#dev"); // back before the deed is heard of
    assertEquals(await toldAnn(), ["max left #dev", "max joined #dev"]);
    const told = toldAnn();
    clock.advance(5_000);
    assertEquals(await told, ["eve left #dev"]);
    ann.read();
    assertEquals([ann.faults, b!.membersOf("#dev")], [[], ["ann", "max"]]);
    await assertSame([a!, b!]);
  }));

Deno.test("rooms: one that has come to last is known to do so where only others are in", () =>
  withNodes({}, async ([a, b, c], world) => {
    const [eve, ann] = [await a!.come("eve"), await b!.comeWithAccount("ann")];
    await world.quiet();
    world.stop(a!.fake, b!.fake);
    world.stop(a!.fake, c!.fake);
    await eve.join("#dev");
    assertEquals((await ann.join("#dev")).code, 201);
    await world.quiet(); // the account's word comes to where the guest is
    await ann.leave("#dev");
    await world.quiet();
    world.resume();
    await world.quiet();
    assertEquals([b!.context.rooms.size, c!.context.rooms.size], [0, 0]);
    for (const node of [a!, b!, c!]) {
      assertEquals(await node.rooms(), [{ room: "#dev", topic: "", users: 1, lasting: true }]);
    }
  }));

Deno.test("names: whoever has one elsewhere is not seen while it is held here", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const held = await a!.context.nodes.hold("eve");
    world.held.delete("eve"); // as if it had been handed over
    await b!.come("eve");
    await world.quiet();
    assertEquals(a!.online, []);
    held![Symbol.dispose]();
    assertEquals(a!.online, ["eve guest"]);
  }));

Deno.test("logins: an account's other connection on another node is asked, and has to go, as one here", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const dismissed: unknown[] = [];
    let lives = true;
    Object.assign(a!.context.nodes, {
      isThere: (user: RemoteUser, seconds: number) =>
        Promise.resolve(user.node === b!.fake.bus.self && seconds > 0 && lives),
      dismiss: async (user: RemoteUser, sentence: string, reason: string) => {
        dismissed.push([user.name, sentence, reason]);
        await b!.visitors.at(-1)!.quit();
        await world.quiet();
        return true;
      },
    });
    await b!.comeWithAccount("ann");
    await world.quiet();
    assertEquals((await a!.connect().logIn("ann")).code, 409);
    lives = false;
    const ann = a!.connect();
    assertEquals([(await ann.logIn("ann")).code, ann.isOnline], [200, true]);
    await ann.quit();
    await b!.comeWithAccount("ann");
    await world.quiet();
    lives = true;
    const user = { account_name: "ann", password: "right" };
    const again = a!.connect();
    const { code } = await again.ask({ event: "authenticate", user, takeover: true });
    assertEquals(code, 200);
    const moved = ["ann", "You are online from another connection now", "replaced"];
    assertEquals(dismissed.splice(0), [moved, moved]);
    await b!.come("eve");
    await world.quiet();
    await a!.context.store.createAccount("eve", "eve", "hash");
    assertEquals((await a!.connect().logIn("eve")).code, 200);
    assertEquals(dismissed, [["eve", "This name has an account now", "replaced"]]);
    await world.quiet();
    await assertSame([a!, b!]);
  }));

Deno.test("rooms: of one that was removed nobody is left, also where it was not in memory", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const [eve, ann] = [await a!.come("eve"), await b!.comeWithAccount("ann")];
    await ann.join("#dev");
    await eve.join("#dev");
    await ann.leave("#dev");
    await world.quiet();
    assertEquals((await ann.ask({ event: "room", room: "#dev", remove: true })).code, 200);
    await a!.context.rooms.reload("#dev");
    await world.quiet();
    assertEquals(a!.context.rooms.size, 0);
    const { code, extras } = await ann.join("#dev");
    assertEquals([code, (extras as { users: string[] }).users], [201, ["ann"]]);
  }));

Deno.test("people: who goes on from another network is there on all nodes", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const eve = a!.connect();
    const user = { account_name: "eve" };
    const { extras } = await eve.ask({ event: "presence", user, resume: true });
    const moved = a!.connect();
    moved.peer.outlet.network = "198.51.100.1";
    const { resume } = extras as { resume: string };
    assertEquals((await moved.ask({ event: "presence", user, resume })).code, 200);
    await world.quiet();
    assertEquals(b!.context.registry.find("eve")!.network, "198.51.100.1");
  }));

Deno.test("nodes: sessions without a connection end with all others when their node is cut off", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const eve = a!.connect();
    await eve.ask({ event: "presence", user: { account_name: "eve" }, resume: true });
    await leave(a!.context, eve.user, eve.peer.outlet, true);
    await world.quiet();
    assertEquals(b!.online, ["eve guest"]);
    a!.fake.fence();
    assertEquals(a!.online, []);
  }));

import { assertEquals } from "@std/assert";
import { LIMITS } from "../../../common/limits.ts";
import { leave } from "../../../server/people/attendance.ts";
import { assertSame, withNodes } from "../../support/fake_nodes.ts";
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
    // The hold of the login is over; that of who is online is not, and her client answers a probe.
    eve.peer.outlet.answers.push(Promise.resolve(true));
    assertEquals((await b!.connect().logIn("eve")).code, 409);
    await eve.quit();
    await world.quiet();
    assertEquals((await b!.connect().logIn("eve")).code, 200);
    await world.quiet();
    await assertSame([a!, b!]);
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

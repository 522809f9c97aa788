import { assertEquals } from "@std/assert";
import { kickedNotice } from "../../../server/rooms/notices.ts";
import { assertSame, type FakeServerNode, withNodes } from "../../support/fake_nodes.ts";

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

Deno.test("rooms: a guest who has gone on another node was seen there, whether or not the room is in memory", () =>
  withNodes({ count: 2 }, async ([a, b], world) => {
    const ann = await a!.comeWithAccount("ann");
    assertEquals((await ann.join("#dev")).code, 201);
    const eve = await a!.come("eve");
    await eve.join("#dev");
    await world.quiet();
    assertEquals(b!.context.rooms.find("#dev"), undefined);
    const { network } = eve.user;
    await eve.quit();
    await world.quiet();
    const { id } = (await b!.context.store.rooms.find("#dev"))!;
    for (const node of [a!, b!]) {
      assertEquals(node.context.rooms.lastSeen(id, "#Dev", "eve"), network);
    }
  }));

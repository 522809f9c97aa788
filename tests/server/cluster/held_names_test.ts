import { assertEquals } from "@std/assert";
import type { RemoteUser } from "../../../server/people/remote_user.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { assertSame, withNodes } from "../../support/fake_nodes.ts";

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

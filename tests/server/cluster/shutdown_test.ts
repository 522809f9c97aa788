import { assert, assertEquals } from "@std/assert";

import { type Clock, systemClock } from "../../../common/clock.ts";
import { Mirror } from "../../../server/cluster/mirror.ts";
import { LocalKeeper } from "../../../server/delivery/keeper.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { type FakeNode, FakeWorld } from "../../support/fake_bus.ts";
import type { Frame } from "../../support/raw_client.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import {
  arrive,
  asGuest,
  numbered,
  numberedAccount,
  numberedGuest,
  withToken,
} from "../../support/resuming_client.ts";
import { eventually, TestServer } from "../../support/server_fixture.ts";

interface Node {
  readonly server: TestServer;
  readonly fake: FakeNode;
}

/** Runs a test with two nodes that have real connections, and hear of each other in memory. */
async function withServers(
  test: (a: Node, b: Node, world: FakeWorld) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const world = new FakeWorld();
  await using store = openSqliteStore(":memory:", { historyDays: 0 });
  const nodes = [await start(world, store, clock), await start(world, store, clock)];
  await world.quiet();
  try {
    await test(nodes[0]!, nodes[1]!, world);
  } finally {
    for (const { fake } of nodes) fake.fence();
    await world.quiet();
    for (const { server } of nodes) await server[Symbol.asyncDispose]();
  }
}

async function start(world: FakeWorld, store: Store, clock: Clock): Promise<Node> {
  const fake = world.join();
  const { bus, names } = fake;
  const nodes = new Mirror({ bus, names, clock, log: new RecordingLog() });
  const server = new TestServer({
    store,
    clock,
    cluster: {
      store,
      keeper: new LocalKeeper(store, clock),
      nodes,
      start: (context, hooks) => nodes.start(context, hooks),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  });
  await server.server.join();
  return { server, fake };
}

const reasonOf = ({ reason }: Frame): unknown => reason;

Deno.test("shutdown: of a node that is not alone everybody goes on elsewhere, unseen, and it ends as soon as they have", () =>
  withServers(async (a, b, world) => {
    const [eve, ann, bob] = [
      await numberedGuest(a.server, "eve"),
      await numberedAccount(a.server, "ann"),
      await b.server.online("bob"),
    ];
    const plain = await a.server.online("plain");
    for (const client of [bob, eve.client, ann.client, plain]) {
      await client.ask({ event: "join", room: "#dev" });
      await world.quiet();
    }
    await bob.ask({ event: "msg", to: "#dev", message: "1" });
    await bob.ask({ event: "msg", to: "ann", message: "2" });
    await world.quiet();
    await bob.pending();

    const ending = a.server.server.shutdown();
    for (const { client } of [eve, ann]) {
      const { frames, end } = await client.ended();
      assertEquals([reasonOf(frames.at(-1)!), end], ["shutdown", "closed"]);
      client.close();
    }
    assertEquals(reasonOf((await plain.ended()).frames.at(-1)!), "shutdown");
    plain.close();
    await bob.ask({ event: "msg", to: "#dev", message: "3" });
    await world.quiet();
    const back = [
      await arrive(b.server, asGuest("eve", eve.token, { seen: 0 })),
      await arrive(b.server, withToken("ann", ann.token, { seen: 0 })),
    ] as const;
    for (const { answer } of back) {
      assertEquals([answer.resumed, answer.rooms], [true, ["#dev"]]);
    }
    await ending; // long before it has to
    assertEquals(numbered(await back[0].client.pending()), [
      [1, "+ann"],
      [2, "+plain"],
      [3, "1"],
      [4, "-plain"],
      [5, "3"],
    ]);
    assertEquals(numbered(await back[1].client.pending()), [
      [1, "+plain"],
      [2, "1"],
      [3, "2"],
      [4, "-plain"],
      [5, "3"],
    ]);
    const told = (await bob.pending()).filter(({ response }) => response === 100);
    assertEquals(told.map(({ left, joined }) => left ?? joined), ["plain"]);
  }));

Deno.test("shutdown: who has not come back within its time leaves, and their mail is kept", async () => {
  const clock = new FakeClock();
  await withServers(async (a, b, world) => {
    const ann = await numberedAccount(a.server, "ann");
    const bob = await b.server.online("bob");
    for (const client of [bob, ann.client]) {
      await client.ask({ event: "join", room: "#dev" });
      await world.quiet();
    }
    assertEquals((await bob.ask({ event: "msg", to: "ann", message: "1" })).response, 200);
    await bob.pending();
    const ending = a.server.server.shutdown();
    let isOver = false;
    ending.then(() => isOver = true);
    await ann.client.ended();
    ann.client.close();
    await a.server.settlesAt({ connections: 0 });
    clock.advance(4_900);
    await world.quiet();
    assertEquals([isOver, await bob.pending()], [false, []]);
    clock.advance(200);
    await eventually(() => isOver, () => "the end of the node");
    await world.quiet();
    assertEquals((await bob.pending()).map(({ left }) => left), ["ann"]);
    a.fake.fence();
    const back = await arrive(b.server, withToken("ann", ann.token, { seen: 0 }));
    assertEquals([back.answer.response, back.answer.resumed], [200, undefined]);
    const [letter] = await back.client.pending();
    assert(letter?.message === "1" && letter.stored !== undefined);
  }, clock);
});

Deno.test("shutdown: without another node nobody is waited for", async () => {
  const clock = new FakeClock();
  await withServers(async (a, b, world) => {
    const eve = await numberedGuest(a.server, "eve");
    b.fake.die();
    await world.quiet();
    const ending = a.server.server.shutdown();
    await eve.client.ended();
    eve.client.close();
    await ending;
    assertEquals(a.server.server.counts.online, 0);
  }, clock);
});

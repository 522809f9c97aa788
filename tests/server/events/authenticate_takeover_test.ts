import { assertEquals } from "@std/assert";

import { type AccountFixture, ask, login, messages, toBob } from "../../support/account_fixture.ts";
import { presence, withAccounts } from "../../support/account_fixture.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import type { RawClient } from "../../support/raw_client.ts";
import { eventually } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";
import { stall } from "../../support/stall.ts";
import type { ServerSettings } from "../../../server/flags.ts";

interface Stage extends AccountFixture {
  readonly clock: FakeClock;
  /** Online as bob. It answers no probe by itself: whoever does not make it speak has a ghost. */
  readonly old: RawClient;
}

/** A server on which bob is online. */
function withGhost(
  run: (stage: Stage) => Promise<void>,
  settings: Partial<ServerSettings> = {},
): Promise<void> {
  const clock = new FakeClock();
  return withAccounts({ clock, settings }, async (fixture) => {
    await run({ ...fixture, clock, old: await fixture.server.registered("bob") });
    clock.advance(10_000); // the last moments of those that were closed
  });
}

/** A newcomer who asks to be bob, and whose wait has begun. */
async function newcomer({ server, old }: Stage, more: object = {}): Promise<RawClient> {
  const client = await server.connect();
  await client.send(login("bob", undefined, more));
  assertEquals((await old.frame()).event, "probe");
  return client;
}

const REPLACED = {
  response: 101,
  alert: "You are online from another connection now",
  reason: "replaced",
};

/** All that a connection got until it was closed, without times. */
async function lastWords(client: RawClient): Promise<object[]> {
  const { frames, end } = await client.ended();
  assertEquals(end, "closed");
  return frames.map(({ time: _, ...frame }) => frame);
}

Deno.test("takeover: an account that does not answer the probe of a login within --takeover is replaced", () =>
  withGhost(async (stage) => {
    const { server, clock, old } = stage;
    const eve = await server.online("eve");
    for (const client of [old, eve]) await client.ask({ event: "join", room: "#dev" });
    await old.frame();
    for (const text of ["one", "two"]) assertEquals(await ask(eve, toBob(text)), 200);
    assertEquals(messages(await old.frames(2)), ["one", "two"]);

    const young = await newcomer(stage);
    clock.advance(2_999);
    assertEquals([young.unread, await eve.pending()], [0, []]);
    clock.advance(1);
    assertEquals((await young.frame()).response, 200);
    assertEquals((await eve.frame()).left, "bob");
    assertEquals(await lastWords(old), [REPLACED]);
    // What the dead connection had not confirmed comes as stored mail, and new messages behind it.
    assertEquals(await ask(eve, toBob("three")), 200);
    const got = await young.frames(3);
    assertEquals(got.map(({ message, stored }) => [message, stored]), [
      ["one", 1],
      ["two", 2],
      ["three", undefined],
    ]);
    assertEquals(server.server.counts.online, 2);
    assertEquals(server.log.of("replaced").length, 1);
  }));

Deno.test("takeover: any byte within --takeover keeps the account's connection: 409 at once", () =>
  withGhost(async (stage) => {
    const { server, clock, old } = stage;
    for (const byte of ["{", '"event":"probe"}\n']) {
      const young = await newcomer(stage);
      clock.advance(2_999);
      await old.sendText(byte);
      assertEquals((await young.frame()).response, 409);
      assertEquals((await young.ask({ event: "probe" })).response, 200, "it goes on");
    }
    assertEquals((await old.frame()).response, 200);
    clock.advance(10_000);
    assertEquals(await old.pending(), []);
    assertEquals(server.server.counts.online, 1);
  }));

Deno.test("takeover: what came before the probe proves nothing", () =>
  withGhost(async (stage) => {
    const { clock, old } = stage;
    await old.ask({ event: "probe" });
    const young = await newcomer(stage);
    clock.advance(3_000);
    assertEquals((await young.frame()).response, 200);
  }));

Deno.test("takeover: with takeover a connection that lives is replaced, too, at once and unasked", () =>
  withGhost(async ({ server, clock, old }) => {
    const eve = await server.online("eve");
    assertEquals(await ask(eve, toBob("hi")), 200);
    assertEquals((await old.frame()).message, "hi");
    const young = await server.connect();
    assertEquals(await ask(young, login("bob", undefined, { takeover: true })), 200);
    assertEquals(await lastWords(old), [REPLACED]);
    assertEquals((await young.frame()).message, "hi");
    assertEquals(clock.monotonicMs(), 0);
    assertEquals(
      await ask(young, login("bob", undefined, { takeover: true })),
      200,
      "its own name",
    );
  }));

Deno.test("takeover: false is as if it were not there; a wrong password takes nothing over", () =>
  withGhost(async (stage) => {
    const young = await newcomer(stage, { takeover: false });
    await stage.old.ask({ event: "probe" });
    assertEquals((await young.frame()).response, 409);
    assertEquals(await ask(young, login("bob", "wrong horse", { takeover: true })), 402);
    assertEquals(await stage.old.pending(), []);
  }));

Deno.test("takeover: of many newcomers at once the first wins, the others get 409; the ghost is probed once", () =>
  withGhost(async (stage) => {
    const { server, clock, old } = stage;
    const first = await newcomer(stage);
    const others: RawClient[] = [];
    for (let n = 0; n < 5; n++) {
      clock.advance(500);
      const other = await server.connect();
      await other.send({ event: "probe" }, login("bob"));
      assertEquals((await other.frame()).response, 200);
      others.push(other);
    }
    for (let n = 0; n < 20; n++) await settle();
    clock.advance(500);
    assertEquals((await first.frame()).response, 200);
    for (const other of others) assertEquals((await other.frame()).response, 409);
    assertEquals(await lastWords(old), [REPLACED], "one probe, which `newcomer` took");
    assertEquals(await first.pending(), [], "nobody has asked the new one");
    // Who tries again asks the new one.
    await others[0]!.send(login("bob"));
    assertEquals((await first.frame()).event, "probe");
    await first.ask({ event: "probe" });
    assertEquals((await others[0]!.frame()).response, 409);
  }));

Deno.test("takeover: who waits gets 409 when another one takes the name over meanwhile", () =>
  withGhost(async (stage) => {
    const young = await newcomer(stage);
    const winner = await stage.server.connect();
    assertEquals(await ask(winner, login("bob", undefined, { takeover: true })), 200);
    assertEquals((await young.frame()).response, 409);
    assertEquals(await winner.pending(), []);
  }));

const GOES: Record<string, (client: RawClient) => void> = {
  "a reset": (client) => client.reset(),
  "a close": (client) => client.close(),
};
for (const [how, go] of Object.entries(GOES)) {
  Deno.test(`takeover: a newcomer that goes away with ${how} while it waits changes nothing`, () =>
    withGhost(async (stage) => {
      const { server, clock, old } = stage;
      const young = await newcomer(stage);
      go(young);
      await server.settlesAt({ connections: 1 });
      clock.advance(3_000);
      assertEquals(await old.pending(), []);
      assertEquals(server.server.counts.online, 1);
    }));
}

Deno.test("takeover: a newcomer that closes its sending side is answered, 409", () =>
  withGhost(async (stage) => {
    const young = await newcomer(stage);
    young.finish();
    const { frames } = await young.ended();
    assertEquals(frames.map(({ response }) => response), [409]);
    assertEquals(await stage.old.pending(), []);
  }));

Deno.test("takeover: a name that becomes free meanwhile is the newcomer's at once", () =>
  withGhost(async (stage) => {
    const young = await newcomer(stage);
    assertEquals(await ask(stage.old, { event: "quit" }), 200);
    assertEquals((await young.frame()).response, 200);
  }));

Deno.test("takeover: requests behind the login wait for it and are served after it", () =>
  withGhost(async (stage) => {
    const young = await newcomer(stage);
    await young.send({ event: "who", id: 7 });
    stage.clock.advance(3_000);
    assertEquals((await young.frames(2)).map(({ response, id }) => [response, id]), [
      [200, undefined],
      [200, 7],
    ]);
  }));

Deno.test("takeover: a connection whose queue is full cannot be probed and is replaced after the wait; nothing is lost", () =>
  withGhost(async ({ server, clock, old }) => {
    const eve = await server.online("eve");
    const accepted = await stall(old, "bob", eve);
    const young = await server.connect();
    await young.ask({ event: "probe" });
    const timers = clock.pending;
    await young.send(login("bob"));
    await eventually(() => clock.pending > timers, () => "the wait");
    clock.advance(3_000);
    assertEquals((await young.frame()).response, 200);
    const ids = (await young.frames(accepted)).map(({ id }) => id);
    assertEquals(ids, Array.from({ length: accepted }, (_, id) => id));
    clock.advance(1_000); // the old one's time to take its last word
    await server.settlesAt({ connections: 2 });
  }, { rate: 0, maxQueue: 300_000 }));

Deno.test("takeover: a connection that is read slowly lives while it has unread bytes, or sends some", () =>
  withGhost(async (stage) => {
    const { server, clock, old } = stage;
    await old.send(...Array(500).fill({ event: "probe", id: "x".repeat(60) }));
    await old.frames(1);
    await settle();
    const young = await server.connect();
    await young.send(login("bob"));
    assertEquals((await young.frame()).response, 409);
    assertEquals(clock.monotonicMs(), 0, "without a wait");
  }, { rate: 1 }));

Deno.test("takeover: a connection that is served slowly is heard while it is not read", () =>
  withGhost(async (stage) => {
    const { server, clock, old } = stage;
    await old.send(...Array(5).fill({ event: "probe" }));
    for (let n = 0; n < 20; n++) await settle();
    const young = await server.connect();
    await young.send(login("bob"));
    while ((await old.frame()).event !== "probe");
    clock.advance(100);
    assertEquals(young.unread, 0);
    await old.send({ event: "presence", user: { account_name: "bob" } });
    assertEquals((await young.frame()).response, 409);
    clock.advance(60_000);
  }, { rate: 0.5 }));

Deno.test("takeover: the login timeout does not hit who waits", () =>
  withGhost(async (stage) => {
    const young = await newcomer(stage);
    for (let n = 0; n < 29; n++) stage.clock.advance(100);
    assertEquals(young.unread, 0);
    stage.clock.advance(100);
    assertEquals((await young.frame()).response, 200);
  }, { loginTimeout: 1 }));

Deno.test("takeover: who is blocked while the newcomer waits stays out", () =>
  withGhost(async (stage) => {
    const { store, clock } = stage;
    const find = store.findAccount.bind(store);
    const young = await newcomer(stage);
    store.findAccount = async (folded) => {
      const account = await find(folded);
      return account && { ...account, blocked: "spam" };
    };
    clock.advance(3_000);
    assertEquals(
      (await lastWords(young)).map((frame) => (frame as { response: number }).response),
      [
        403,
      ],
    );
    assertEquals(await stage.old.pending(), []);
  }));

Deno.test("takeover: a guest's name is not taken over", () =>
  withAccounts({}, async ({ server }) => {
    const eve = await server.online("eve");
    const young = await server.connect();
    for (const request of [presence("eve"), { ...presence("eve"), takeover: true }]) {
      assertEquals(await ask(young, request), 409);
    }
    const register = login("eve", undefined, { register: true, takeover: true });
    assertEquals(await ask(young, register), 409);
    assertEquals(await eve.pending(), []);
  }));

Deno.test("takeover: the server's end is not held up by who waits", () =>
  withGhost(async (stage) => {
    const young = await newcomer(stage);
    const ending = stage.server.server.shutdown();
    const frames = await lastWords(young);
    assertEquals(frames.at(-1), {
      response: 101,
      alert: "The server is shutting down",
      reason: "shutdown",
    });
    for (const client of [young, stage.old]) client.close();
    await ending;
  }));

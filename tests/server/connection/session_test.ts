import { assert, assertEquals } from "@std/assert";

import { assemble } from "../../../server/assembly.ts";
import { Session } from "../../../server/connection/session.ts";
import { BATCH_LINES } from "../../../common/wire/lines.ts";
import type { Turns } from "../../../server/connection/turns.ts";
import type { ServerContext } from "../../../server/context.ts";
import type { ServerSettings } from "../../../server/flags.ts";
import { User } from "../../../server/people/user.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import type { Store, StoreOutcome } from "../../../server/store/store.ts";
import { admitted } from "../../support/admitted.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { withDeadline } from "../../support/raw_client.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import { eventually } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";
import { storeWith } from "../../support/store_with.ts";

interface Stage {
  context: ServerContext;
  turns: Turns;
  clock: FakeClock;
  log: RecordingLog;
  /** A session that runs, and the two ends of it. */
  open(): { conn: FakeConn; session: Session; run: Promise<void> };
  /** The same, online. */
  online(name: string): Promise<{ conn: FakeConn; session: Session; run: Promise<void> }>;
}

/** Sessions on fake connections; at the end all must have left nothing. */
async function onStage(
  settings: Partial<ServerSettings>,
  play: (stage: Stage) => Promise<void>,
  replaced: Partial<Store> = {},
): Promise<void> {
  // The test's clock stands still: nothing is too old for the store.
  await using real = openSqliteStore(":memory:", { mailDays: 36_500 });
  const store = storeWith(real, replaced);
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const { context, plumbing, service } = assemble({ store, clock, settings, log });
  using _ = plumbing;
  const conns: FakeConn[] = [];
  const runs: Promise<void>[] = [];
  const open: Stage["open"] = () => {
    const conn = new FakeConn();
    const session = new Session(plumbing, service, admitted(plumbing, conn));
    const run = session.run();
    conns.push(conn);
    runs.push(run);
    return { conn, session, run };
  };
  const online: Stage["online"] = async (name) => {
    const opened = open();
    opened.conn.feedFrames({ event: "presence", user: { account_name: name } });
    await settle();
    assertEquals(opened.conn.frames.map(({ response }) => response), [200]);
    opened.conn.writes.length = 0;
    return opened;
  };
  await play({ context, turns: plumbing.turns, clock, log, open, online });
  for (const conn of conns) {
    conn.takes = true;
    conn.end();
  }
  await withDeadline(Promise.all(runs), () => "the end of all sessions");
  assertEquals(conns.map(({ isClosed }) => isClosed), conns.map(() => true));
  await context.lastOnline.close();
  assertEquals([context.registry.size, context.rooms.size, clock.pending], [0, 0, 0]);
}

const PROBE = { event: "probe" };

Deno.test("Session: the end of input lets it answer all, then closes the connection", () =>
  onStage({}, async ({ open }) => {
    const { conn, run } = open();
    conn.feedFrames(PROBE, PROBE);
    conn.feed('{"event":"probe","id":3}');
    conn.end();
    await run;
    assertEquals(conn.frames.map(({ response, id }) => [response, id]), [
      [200, undefined],
      [200, undefined],
      [200, 3],
    ]);
    assertEquals(conn.isClosed, true);
  }));

Deno.test("Session: a reset ends it, without an answer to half a line", () =>
  onStage({}, async ({ context, online, log }) => {
    const { conn, run } = await online("eve");
    conn.feed('{"event":"quit"}'); // no line end: it may be the half of something else
    await settle();
    conn.reset();
    await run;
    assertEquals([conn.frames, context.registry.size], [[], 0]);
    assertEquals(log.of("connection lost").length, 1);
  }));

Deno.test("Session: a write that fails ends it", () =>
  onStage({}, async ({ context, online }) => {
    const { conn, run } = await online("eve");
    conn.write = () => Promise.reject(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
    conn.feedFrames(PROBE);
    await run;
    assertEquals(context.registry.size, 0);
  }));

Deno.test("Session: a message that holds U+FFFD, escaped, is rescued like those around it", () =>
  onStage({}, async ({ context, online }) => {
    const [bob, eve] = [await online("Bob"), await online("eve")];
    await context.store.createAccount("bob", "Bob", "");
    bob.session.user!.becomeAccount(context.delivery.openMailbox(bob.session.user!));
    bob.conn.takes = false;
    for (const text of ["before", String.raw`\ufffd`, "after"]) {
      eve.conn.feed(`{"event":"msg","to":"bob","message":"${text}","id":"${text}"}\n`);
    }
    await settle();
    bob.conn.reset();
    await bob.run;
    const letters = await context.store.listLetters("bob", 0, 10);
    const texts = ["before", "\ufffd", "after"];
    assertEquals(letters.map(({ message, id }) => [message, id]), texts.map((it) => [it, it]));
    assertEquals(eve.conn.frames.map(({ response }) => response), [200, 200, 200]);
  }));

Deno.test("Session: what was sent before a message does not confirm it, though it is read later", () =>
  onStage({}, async ({ clock, context, online }) => {
    for (const asksAgain of [false, true]) {
      const names = asksAgain ? ["Ann", "kim"] : ["Bob", "eve"];
      const [bob, eve] = [await online(names[0]!), await online(names[1]!)];
      const to = names[0]!.toLowerCase();
      await context.store.createAccount(to, names[0]!, "");
      bob.session.user!.becomeAccount(context.delivery.openMailbox(bob.session.user!));
      // One more than the rate allows at once, and one behind them that nobody reads yet.
      bob.conn.feedFrames(...Array<object>(101).fill(PROBE));
      bob.conn.feedFrames(PROBE);
      const answered = (): number =>
        bob.conn.frames.filter(({ response }) => response === 200).length;
      await eventually(() => answered() === 99, () => `answered: ${answered()}`);
      eve.conn.feedFrames({ event: "msg", to, message: "hi" });
      await eventually(() => eve.conn.frames.length === 1, () => "delivered");
      clock.advance(1_000);
      await eventually(() => answered() === 102, () => `answered: ${answered()}`);
      if (asksAgain) bob.conn.feedFrames(PROBE);
      await eventually(() => answered() === (asksAgain ? 103 : 102), () => "the last answer");
      bob.conn.reset();
      await bob.run;
      const letters = await context.store.listLetters(to, 0, 10);
      assertEquals(letters.map(({ message }) => message), asksAgain ? [] : ["hi"]);
    }
  }));

Deno.test("Session: what was read with requests before a message does not confirm it, however late it is served", () =>
  onStage({ rate: 0 }, async ({ context, online }) => {
    const [bob, eve] = [await online("Bob"), await online("eve")];
    await context.store.createAccount("bob", "Bob", "");
    bob.session.user!.becomeAccount(context.delivery.openMailbox(bob.session.user!));
    // Several batches of one read: eve has her turn between them.
    bob.conn.feedFrames(...Array<object>(5 * BATCH_LINES).fill(PROBE));
    eve.conn.feedFrames({ event: "msg", to: "bob", message: "hi" });
    const answered = (): number =>
      bob.conn.frames.filter(({ response }) => response === 200).length;
    await eventually(() => answered() === 5 * BATCH_LINES, () => `answered: ${answered()}`);
    const message = bob.conn.frames.findIndex(({ event }) => event === "msg");
    assert(message < 3 * BATCH_LINES, `the message was frame ${message}`);
    bob.conn.reset();
    await bob.run;
    const letters = await context.store.listLetters("bob", 0, 10);
    assertEquals(letters.map(({ message }) => message), ["hi"]);
  }));

Deno.test("Session: a single byte answers a probe, even without a line end", () =>
  onStage({}, async ({ clock, online }) => {
    const { conn } = await online("eve");
    clock.advance(60_000);
    await settle();
    assertEquals(conn.frames.map(({ event }) => event), ["probe"]);
    clock.advance(29_999);
    conn.feed(" ");
    await settle();
    clock.advance(59_999);
    await settle();
    assertEquals(conn.frames.length, 1, "neither closed nor asked again");
    clock.advance(1);
    await settle();
    assertEquals(conn.frames.length, 2);
  }));

Deno.test("Session: one timer while it is quiet, none after it", () =>
  onStage({}, async ({ context, clock, online }) => {
    const before = clock.pending;
    const { conn, run } = await online("eve");
    for (let i = 0; i < 50; i++) conn.feedFrames(PROBE);
    await settle();
    assertEquals(clock.pending, before + 1);
    conn.end();
    await run;
    await context.lastOnline.close();
    assertEquals(clock.pending, before);
  }));

Deno.test("Session: silence while the server itself does not read is nobody's fault", () =>
  onStage({ rate: 1 }, async ({ clock, online }) => {
    const { conn } = await online("eve");
    for (let i = 0; i < 200; i++) conn.feedFrames(PROBE); // served at one a second
    await settle();
    for (let second = 1; second < 200; second++) {
      clock.advance(1_000);
      await settle();
    }
    assertEquals(conn.frames.filter(({ event }) => event === "probe"), []);
    assertEquals(conn.isClosed, false);
    assertEquals(conn.frames.length, 200);
  }));

Deno.test("Session: --max-queue bytes may wait, not one more; after --write-timeout it is closed", () =>
  onStage({ maxQueue: 100, writeTimeout: 30 }, async ({ clock, online, context, log }) => {
    const { conn, session, run } = await online("eve");
    conn.takes = false;
    assertEquals(session.outlet.send("x".repeat(59) + "\n"), true);
    assertEquals(session.outlet.send("y".repeat(39) + "\n"), true, "100 bytes are not over 100");
    const timers = clock.pending;
    assertEquals(session.outlet.send("\n"), false);
    assertEquals(session.outlet.send("\n"), false);
    assertEquals(clock.pending, timers + 1, "one timer, not one for each frame");
    clock.advance(29_999);
    assertEquals(context.registry.size, 1);
    clock.advance(1);
    await run;
    assertEquals([conn.isClosed, context.registry.size], [true, 0]);
    assertEquals(log.of("too slow, closed").length, 1);
  }));

Deno.test("Session: who takes the queued frames in time stays", () =>
  onStage({ maxQueue: 100, writeTimeout: 30 }, async ({ clock, online }) => {
    const { conn, session } = await online("eve");
    conn.takes = false;
    session.outlet.send("x".repeat(99) + "\n");
    assertEquals(session.outlet.send("\n"), false);
    await settle();
    clock.advance(29_999);
    conn.takes = true;
    await settle();
    clock.advance(1);
    assertEquals([conn.isClosed, session.outlet.send("y\n")], [false, true]);
  }));

Deno.test("Session: an exception in a handler is 500 with a reference; the stack is logged, nothing of it sent", () =>
  onStage({}, async ({ context, online, log }) => {
    const { conn } = await online("eve");
    context.rooms.find = () => {
      throw new TypeError("secret detail");
    };
    conn.feedFrames({ event: "join", room: "#dev", id: 1 }, { event: "probe", id: 2 });
    await settle();
    assertEquals(conn.frames.map(({ response, id }) => [response, id]), [[500, 1], [200, 2]]);
    const [record, ...others] = log.of("request failed");
    assertEquals(others, []);
    const { reference, stack, name } = record!.fields;
    const error = String(conn.frames[0]!.error);
    assert(error.includes(String(reference)) && !error.includes("secret"), error);
    assert(String(stack).includes("TypeError: secret detail\n    at "), String(stack));
    assertEquals(name, "eve");
  }));

Deno.test("Session: a slow trickle of bytes does not put off the login timeout", () =>
  onStage({}, async ({ clock, open }) => {
    const { conn, run } = open();
    for (let second = 0; second < 30; second++) {
      conn.feed(" ");
      await settle();
      clock.advance(1_000);
    }
    await settle();
    assertEquals(conn.frames.map(({ response }) => response), [101]);
    conn.end();
    await run;
  }));

Deno.test("Session: close says its last word once, behind what is queued, and serves nothing more", () =>
  onStage({}, async ({ online, context, clock }) => {
    const { conn, session, run } = await online("eve");
    conn.takes = false;
    session.outlet.send('{"a":1}\n');
    const closing = session.close("Goodbye", "shutdown");
    assertEquals(context.registry.size, 0, "the name is free at once");
    session.close("Again", "shutdown");
    assertEquals(session.outlet.send('{"b":1}\n'), false);
    conn.feedFrames(PROBE);
    conn.takes = true;
    await closing;
    assertEquals(conn.frames.map(({ a, alert }) => a ?? alert), [1, "Goodbye"]);
    assertEquals(
      [conn.isWriteClosed, conn.isClosed],
      [true, false],
      "the peer may still be reading",
    );
    clock.advance(500);
    await run;
    assertEquals(conn.isClosed, true);
    session.abort();
  }));

Deno.test("Session: a peer that takes nothing is not waited for when it is closed", () =>
  onStage({}, async ({ online, clock }) => {
    const { conn, session, run } = await online("eve");
    conn.takes = false;
    session.outlet.send("x\n");
    session.close("Goodbye", "shutdown");
    await settle();
    clock.advance(1_000);
    await settle();
    clock.advance(500);
    await run;
    assertEquals(conn.isClosed, true);
  }));

Deno.test("Session: an answer that waits for its turn is given up with the connection", () =>
  onStage({ rate: 0.001 }, async ({ online }) => {
    const { conn, session, run } = await online("eve");
    conn.feedFrames(PROBE, PROBE);
    await settle();
    assertEquals(conn.frames, [], "the burst is one, and presence was that");
    session.abort();
    await run;
  }));

Deno.test("Session: who has much to say lets others speak in between", () =>
  onStage({ rate: 0 }, async ({ clock, online }) => {
    const [eve, bob] = [await online("eve"), await online("bob")];
    // Each look at the clock takes a millisecond: so does each request. Bob comes when some are served.
    let now = clock.monotonicMs();
    let looks = 0;
    clock.monotonicMs = () => {
      if (++looks === 8) bob.conn.feedFrames({ event: "msg", to: "eve", message: "hi" });
      return now++;
    };
    eve.conn.feedFrames(...Array.from({ length: 100 }, () => PROBE));
    while (eve.conn.frames.length < 101) await settle();
    const at = eve.conn.frames.findIndex(({ event }) => event === "msg");
    assert(at > 0 && at < 50, `the message came as number ${at}, between the answers`);
  }));

Deno.test("Session: one long answer in a turn, whoever asks; others speak in between", () =>
  onStage({ rate: 0 }, async ({ context, turns, online }) => {
    const [eve, bob, carol] = [await online("eve"), await online("bob"), await online("carol")];
    // 64 KiB of names: nobody is behind them.
    for (let n = 0; n < 1_000; n++) {
      const user = new User(`user${n}`, eve.session.outlet);
      user.status = "x".repeat(100);
      context.registry.add(user);
    }
    const sizes: number[] = [];
    const { worked } = turns;
    turns.worked = (bytes) => {
      sizes.push(bytes);
      assertEquals(turns.hasWorked, false, "nobody had one in this turn");
      worked.call(turns, bytes);
    };
    for (const { conn } of [eve, bob]) conn.feedFrames({ event: "who" }, { event: "who" }, PROBE);
    carol.conn.feedFrames(...Array.from({ length: 20 }, () => PROBE));
    await eventually(() => sizes.length === 4, () => "four lists");
    await eventually(() => bob.conn.frames.length === 3, () => "all answers");
    assertEquals(Math.min(...sizes) > 65_536, true);
    for (const user of [...context.registry.values()]) {
      if (user.name.startsWith("user")) context.registry.remove(user);
    }
  }));

Deno.test("Session: what an answer took beside the event loop is paid for, too", () =>
  onStage({ rate: 0, work: 1 }, async ({ clock, online }) => {
    const { conn } = await online("eve");
    const search = { event: "search", text: "word" };
    conn.feedFrames(search, search);
    const answers = (): number => conn.frames.length;
    await eventually(() => answers() === 1, () => "the first answer");
    // 10 ms are 40 KiB; the burst was 10 KiB.
    clock.advance(29_000);
    await settle();
    assertEquals(answers(), 1);
    clock.advance(2_000);
    await eventually(() => answers() === 2, () => "the second answer");
  }, { search: () => Promise.resolve({ messages: [], more: false, ms: 10 }) }));

Deno.test("Session: closed while others have their turn, it serves nothing more", () =>
  onStage({ rate: 0 }, async ({ turns, online }) => {
    const { conn, session, run } = await online("eve");
    turns.others = () => {
      session.close("Time to go", "shutdown");
      return Promise.resolve();
    };
    conn.feedFrames(...Array.from({ length: 300 }, () => PROBE));
    conn.end();
    await run;
    const codes = conn.frames.map(({ response }) => response);
    assert(codes.length < 300, "others had their turn in between");
    assertEquals(codes, [...Array.from({ length: codes.length - 1 }, () => 200), 101]);
  }));

const LETTER = { event: "msg", to: "carol", message: "later", store: true };

/** A store in which carol has an account and letters wait until the test says so. */
function slowLetters(): { store: Partial<Store>; onDisk: PromiseWithResolvers<StoreOutcome> } {
  const onDisk = Promise.withResolvers<StoreOutcome>();
  return {
    store: {
      findAccount: () =>
        Promise.resolve({ folded: "carol", name: "Carol", passwordHash: "", blocked: undefined }),
      storeLetter: () => onDisk.promise,
    },
    onDisk,
  };
}

Deno.test("Session: messages go on behind one that waits for the disk; all else waits for it; answers keep their order", async () => {
  const { store, onDisk } = slowLetters();
  await onStage({}, async ({ context, online }) => {
    const [eve, bob] = [await online("eve"), await online("bob")];
    eve.conn.feedFrames(
      { ...LETTER, id: 1 },
      { event: "msg", to: "bob", message: "hi", id: 2 },
      { event: "nonsense", id: 3 },
      { event: "join", room: "#dev", id: 4 },
      { event: "msg", to: "#dev", message: "hi", id: 5 },
    );
    await settle();
    assertEquals(bob.conn.frames.map(({ message }) => message), ["hi"]);
    assertEquals([eve.conn.frames, context.rooms.size], [[], 0]);
    onDisk.resolve("stored");
    await settle();
    assertEquals(
      eve.conn.frames.map(({ response, id }) => [response, id]),
      [[202, 1], [200, 2], [400, 3], [201, 4], [200, 5]],
    );
  }, store);
});

for (const end of ["close", "abort"] as const) {
  Deno.test(`Session: what waited for its turn is not served after ${end}`, async () => {
    const { store, onDisk } = slowLetters();
    const remembered: string[] = [];
    store.rememberName = (folded) => Promise.resolve(remembered.push(folded) > 0);
    await onStage({}, async ({ context, online }) => {
      const { conn, session } = await online("eve");
      conn.feedFrames(LETTER, { event: "join", room: "#dev" });
      await settle();
      session[end]("Time to go", "shutdown");
      onDisk.resolve("stored");
      await settle();
      const codes = conn.frames.map(({ response }) => response);
      assertEquals(codes, end === "close" ? [202, 101] : []);
      assertEquals([context.rooms.size, remembered], [0, ["eve"]]);
    }, store);
  });
}

Deno.test("Session: the last word does not wait for the disk for longer than half of its time", async () => {
  const { store, onDisk } = slowLetters();
  await onStage({}, async ({ clock, online }) => {
    const { conn, session } = await online("eve");
    conn.feedFrames(LETTER);
    await settle();
    session.close("Time to go", "shutdown");
    clock.advance(499);
    await settle();
    assertEquals(conn.frames, []);
    clock.advance(1);
    await settle();
    assertEquals(conn.frames.map(({ response }) => response), [101]);
    onDisk.resolve("stored");
  }, store);
});

Deno.test("Session: a peer that has closed its half is told the last word, too", async () => {
  const { store, onDisk } = slowLetters();
  await onStage({}, async ({ online }) => {
    const { conn, session, run } = await online("eve");
    conn.feedFrames(LETTER);
    conn.end();
    await settle();
    session.close("Time to go", "shutdown");
    onDisk.resolve("stored");
    await run;
    assertEquals(conn.frames.map(({ response }) => response), [202, 101]);
  }, store);
});

Deno.test("Session: a peer that takes nothing is closed in time, and what it was not written is rescued", () =>
  onStage({}, async ({ clock, context, online }) => {
    const [bob, eve] = [await online("Bob"), await online("eve")];
    await context.store.createAccount("bob", "Bob", "");
    bob.session.user!.becomeAccount(context.delivery.openMailbox(bob.session.user!));
    bob.conn.takes = false;
    for (const message of ["1", "2"]) {
      eve.conn.feedFrames({ event: "msg", to: "bob", message });
      await settle();
    }
    bob.session.close("You did not answer", "shutdown");
    clock.advance(1_000);
    await bob.run;
    assertEquals(bob.conn.isClosed, true);
    const letters = await context.store.listLetters("bob", 0, 10);
    assertEquals(letters.map(({ message }) => message), ["1", "2"]);
  }));

Deno.test("Session: whoever resets the connection while a long answer is waited for gives up the place", async () => {
  const given: unknown[] = [];
  await onStage({}, async ({ online, log }) => {
    for (const end of ["reset", "closed by the server"]) {
      const { conn, session, run } = await online("eve");
      conn.feedFrames({ event: "search", text: "word" });
      await settle();
      if (end === "reset") conn.reset();
      else session.abort();
      await withDeadline(run, () => "the end of the session");
      assertEquals(given.splice(0), ["AbortError"], end);
      assertEquals(conn.frames, []);
    }
    assertEquals(log.records.filter(({ message }) => message === "request failed"), []);
  }, {
    // As the archive does while others have their turns.
    search: ({ signal }) =>
      new Promise((_, reject) => {
        signal!.addEventListener("abort", () => {
          given.push(signal!.reason.name);
          reject(signal!.reason);
        });
      }),
  });
});

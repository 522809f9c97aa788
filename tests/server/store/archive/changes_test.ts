import { assert, assertEquals, assertRejects } from "@std/assert";

import { MessageChanges } from "../../../../server/store/archive/changes.ts";
import { MAILBOX_LIMITS } from "../../../../server/store/mailbox_limits.ts";
import type {
  ChangeOutcome,
  MessageChange,
} from "../../../../server/store/sqlite/message_changes.ts";
import { StoreError, StoreFullError } from "../../../../server/store/store.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { settle } from "../../../support/settle.ts";

const LOCKED = "Database failed: another program keeps it locked; end that one";

interface Fixture {
  readonly changes: MessageChanges;
  readonly clock: FakeClock;
  /** What happened, in order. */
  readonly events: string[];
  /** Changes of one step. */
  limit: number;
  /** What a step fails with. */
  fault: string | undefined;
  outcome: (change: MessageChange) => ChangeOutcome;
}

function make(): Fixture {
  const [clock, events] = [new FakeClock(), [] as string[]];
  const changes = new MessageChanges({
    inTurn: async (prepare) => {
      await settle();
      const work = prepare();
      await settle();
      return await work();
    },
    apply: (some) => {
      if (fixture.fault !== undefined) {
        events.push("fault");
        return Promise.reject(new StoreError(fixture.fault));
      }
      const done = some.slice(0, fixture.limit);
      events.push(`step ${done.map(({ seq }) => seq).join(" ")}`);
      return Promise.resolve(done.map(fixture.outcome));
    },
    before: ({ seq }) => events.push(`before ${seq}`),
    terms: () => ({ mailbox: MAILBOX_LIMITS, room: 7 }),
    onFull: () => events.push("full"),
    lockTimeoutMs: 100,
    clock,
  });
  const outcome = (): ChangeOutcome => ({ to: "bob", from: "ann" });
  const fixture: Fixture = { changes, clock, events, limit: 2, fault: undefined, outcome };
  return fixture;
}

const change = (seq: number): MessageChange => ({
  ...{ conversation: 1, seq, by: "moderator", time: 0 },
});

Deno.test("what gathers is handed over together, what a step leaves is for the next; each is prepared first", async () => {
  const { changes, events } = make();
  const first = changes.change(change(1));
  const rest = [2, 3].map((seq) => changes.change(change(seq)));
  await Promise.all([first, ...rest]);
  assertEquals(events, ["before 1", "before 2", "before 3", "step 1 2", "before 3", "step 3"]);
  await changes.change(change(4));
  assertEquals(events.slice(-2), ["before 4", "step 4"]);
});

Deno.test("a refusal is the answer; a text for which there is no room is an error, and said", async () => {
  const fixture = make();
  const { changes, events } = fixture;
  fixture.outcome = ({ seq }) => seq === 1 ? "not-own" : "full";
  const [refused, full] = [changes.change(change(1)), changes.change(change(2))];
  assertEquals(await refused, "not-own");
  await assertRejects(() => full, StoreFullError, "--max-db");
  assertEquals(events.at(-1), "full");
});

Deno.test("a step that fails fails all of its changes, and the next ones go on", async () => {
  const fixture = make();
  fixture.fault = "Database failed: the disk is full; make room";
  const failed = [1, 2].map((seq) => fixture.changes.change(change(seq)));
  for (const one of failed) await assertRejects(() => one, StoreError, "the disk is full");
  fixture.fault = undefined;
  await fixture.changes.change(change(3));
  assertEquals(fixture.events.at(-1), "step 3");
});

Deno.test("while another program holds the file changes wait, and not for ever", async () => {
  const fixture = make();
  const { changes, clock, events } = fixture;
  fixture.fault = LOCKED;
  let isDone = false;
  const waiting = changes.change(change(1)).finally(() => isDone = true);
  for (let n = 0; n < 3; n++) {
    for (let turn = 0; turn < 4; turn++) await settle();
    clock.advance(30);
  }
  assert(!isDone && events.filter((event) => event === "fault").length === 3, `${events}`);
  fixture.fault = undefined;
  await waiting;
  assertEquals(events.at(-1), "step 1");
  fixture.fault = LOCKED;
  const late = assertRejects(() => changes.change(change(2)), StoreError, "keeps it locked");
  for (let n = 0; n < 5; n++) {
    for (let turn = 0; turn < 4; turn++) await settle();
    clock.advance(30);
  }
  await late;
  assertEquals(clock.pending, 0);
});

Deno.test("the end waits for what was taken, and nothing more is", async () => {
  const { changes, events } = make();
  const taken = [1, 2, 3].map((seq) => changes.change(change(seq)));
  await changes.close();
  assertEquals(events.at(-1), "step 3");
  await Promise.all(taken);
  await assertRejects(() => changes.change(change(4)), StoreError, "Database is closed");
});

import { assert, assertEquals, assertRejects } from "@std/assert";

import { Beats, type BeatsOptions } from "../../../../server/cluster/nats/beats.ts";
import type { NodeEntry } from "../../../../server/cluster/nats/node_table.ts";
import { FENCE_MS, LONE_FENCE_MS } from "../../../../server/cluster/nats/liveness.ts";
import { UnavailableError } from "../../../../server/cluster/operation_log.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { RecordingLog } from "../../../support/recording_log.ts";
import { settle } from "../../../support/settle.ts";

const SELF = "0000000000000001", OTHER = "0000000000000002";

/** A node whose beats only it hears, and whose table does what a test says. */
function beats(table: Partial<BeatsOptions["table"]>, known: readonly NodeEntry[] = []) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const events: string[] = [];
  const published: [subject: string, text: string][] = [];
  const callbacks = new Map<string, (error: null, message: { string(): string }) => void>();
  const hear = (subject: string, text: string): void =>
    callbacks.get(subject)?.(null, { string: () => text });
  const nc = {
    publish(subject: string, text: string) {
      published.push([subject, text]);
      hear(subject, text);
    },
    subscribe(subject: string, { callback }: { callback: () => void }) {
      callbacks.set(subject, callback);
      return { unsubscribe: () => callbacks.delete(subject) };
    },
  } as unknown as BeatsOptions["nc"];
  const node = new Beats({
    ...{ nc, clock, log, self: SELF, since: 0, prefix: "p", revision: 7 },
    about: { address: "a", started: 0 },
    table: {
      enter: () => Promise.reject(new UnavailableError("no")),
      find: () => Promise.reject(new UnavailableError("no")),
      end: () => Promise.reject(new UnavailableError("no")),
      ...table,
    },
    report: () => ({ told: 0, position: 0, users: 0, address: "a" }),
    listener: {
      came: ({ node }) => events.push(`came ${node}`),
      beat: () => {},
      gone: (node, state) => events.push(`${state} ${node}`),
      fenced: (reason) => events.push(`fenced: ${reason}`),
    },
  }, known);
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await settle();
    }
  };
  return { node, clock, log, events, published, callbacks, hear, pass };
}

/** Whether a node has told others of itself. */
async function isIntroduced(node: Beats): Promise<boolean> {
  let is = false;
  node.introduced.then(() => is = true);
  await settle();
  return is;
}

function found(state: "alive" | "dead", revision = 9) {
  return { node: SELF, address: "a", started: 0, state, revision };
}

Deno.test("a node renews its entry, each time by the revision before, and lives by that", async () => {
  const revisions: number[] = [];
  const { node, events, pass, clock } = beats({
    enter: (_, __, revision) => {
      revisions.push(revision);
      return Promise.resolve(revision + 2);
    },
  });
  await pass(30_000);
  assert(revisions.length >= 30);
  assertEquals(revisions.slice(0, 3), [7, 9, 11]);
  assertEquals(events, []);
  node.stop();
  assertEquals(clock.pending, 0);
});

Deno.test("an answer to a read is no acknowledgement: only what is written counts", async () => {
  const { events, pass, clock, callbacks } = beats({ find: () => Promise.resolve(found("alive")) });
  await pass(LONE_FENCE_MS + 500);
  assertEquals(events, ["fenced: no answer from JetStream for 12.0 s"]);
  assertEquals([clock.pending, callbacks.size], [0, 0]);
});

Deno.test("a renewal without an answer was done after all: the next one goes on from there", async () => {
  let revision = 7;
  let isSilent = true;
  const { events, pass, node } = beats({
    enter: (_, __, expected) => {
      if (expected !== revision) return Promise.resolve(undefined);
      revision++;
      isSilent = !isSilent;
      return isSilent
        ? Promise.resolve(revision)
        : Promise.reject(new UnavailableError("no answer"));
    },
    find: () => Promise.resolve(found("alive", revision)),
  });
  await pass(60_000);
  assertEquals(events, []);
  node.stop();
});

Deno.test("whoever finds its entry ended has ended", async () => {
  for (const entry of [found("dead"), undefined]) {
    const { events, pass, node } = beats({
      enter: () => Promise.resolve(undefined),
      find: () => Promise.resolve(entry),
    });
    await pass(500);
    assertEquals(events, ["fenced: the others took it for dead"]);
    assert(!node.isAlive());
  }
});

Deno.test("a word that a node has ended is looked up, and believed only then", async () => {
  let state: "alive" | "dead" = "alive";
  const { events, hear, pass, node } = beats({
    enter: (_, __, revision) => Promise.resolve(revision + 1),
    find: () => Promise.resolve(found(state)),
  });
  await pass(500);
  const beat = { node: OTHER, number: 1, heard: {}, told: 0, position: 0, users: 0, address: "b" };
  hear("p.beat", JSON.stringify(beat));
  for (const text of ["", "x", OTHER, SELF]) hear("p.ended", text);
  await settle();
  assertEquals(events, [`came ${OTHER}`]);
  state = "dead";
  hear("p.ended", OTHER);
  await settle();
  assertEquals(events, [`came ${OTHER}`, `dead ${OTHER}`]);
  assertEquals([await node.stateOf(OTHER), await node.stateOf("x")], ["dead", undefined]);
  node.stop();
});

Deno.test("whoever is silent is ended, tried with each beat, and the others are told", async () => {
  let tries = 0;
  const { events, hear, pass, node, published } = beats({
    enter: (_, __, revision) => Promise.resolve(revision + 1),
    end: (_, state) =>
      ++tries < 3 ? Promise.reject(new UnavailableError("")) : Promise.resolve(state),
  });
  await pass(500);
  const heard = { [SELF]: 1 };
  const beat = { node: OTHER, number: 1, heard, told: 0, position: 0, users: 0, address: "b" };
  hear("p.beat", JSON.stringify(beat));
  await pass(8_000);
  assertEquals([tries, events.length], [1, 1]);
  await pass(1_000);
  assertEquals([tries, events.at(-1)], [3, `dead ${OTHER}`]);
  assert(published.some(([subject, text]) => subject === "p.ended" && text === OTHER));
  hear("p.beat", JSON.stringify({ ...beat, number: 2 }));
  assertEquals(events.length, 2, "it does not come back");
  node.stop();
});

Deno.test("a node of which nothing is known and nothing can be read is not said to have ended", async () => {
  const { node, pass, events } = beats({});
  await assertRejects(() => node.stateOf(OTHER), UnavailableError);
  await pass(FENCE_MS);
  assertEquals(events, []);
  node.stop();
});

Deno.test("a node is introduced when a beat of its own says that it has heard another one", async () => {
  const { node, hear, published, pass } = beats({}, [{ ...found("alive"), node: OTHER }]);
  await pass(500);
  assertEquals(await isIntroduced(node), false);
  const beat = { node: OTHER, number: 5, heard: {}, told: 0, position: 0, users: 0, address: "b" };
  hear("p.beat", JSON.stringify(beat));
  assertEquals(JSON.parse(published.at(-1)![1]).heard, { [OTHER]: 5 });
  assertEquals(await isIntroduced(node), true);
  node.stop();
});

Deno.test("a node that is alone, has ended, or hears nobody waits for no introduction", async () => {
  const alone = beats({});
  assertEquals(await isIntroduced(alone.node), true);
  alone.node.stop();
  const stopped = beats({}, [{ ...found("alive"), node: OTHER }]);
  stopped.node.stop();
  assertEquals(await isIntroduced(stopped.node), true);
  const { node, pass } = beats({}, [{ ...found("alive"), node: OTHER }]);
  await pass(500);
  assertEquals(await isIntroduced(node), false);
  await pass(1_000);
  assertEquals(await isIntroduced(node), true);
  node.stop();
});

import { assert, assertEquals } from "@std/assert";

import {
  BEAT_MS,
  DEAD_MS,
  DEAF_MS,
  FENCE_MS,
  Liveness,
  LONE_FENCE_MS,
  type Pulse,
  STRANGER_DEAD_MS,
  UNWRITTEN_FENCE_MS,
} from "../../../../server/cluster/nats/liveness.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { LivenessWorld } from "../../../support/liveness_world.ts";

/** A life with nobody around it: what it concludes, and what it sends. */
function life() {
  const clock = new FakeClock();
  const said: string[] = [];
  const node = new Liveness("me", 0, clock, {
    gone: (node, state) => said.push(`${node} ${state}`),
    silent: (node) => said.push(`${node} silent`),
    fenced: (reason) => said.push(`fenced: ${reason}`),
  });
  /** Beats for so long; each beat is heard by the node itself, and what it was given is done after it. */
  const pass = (ms: number, then: (pulse: Pulse) => void = () => {}, echo = true): void => {
    for (let passed = 0; passed < ms; passed += BEAT_MS) {
      clock.advance(BEAT_MS);
      const pulse = node.tick();
      if (pulse === undefined) return;
      if (echo) node.heard(pulse);
      then(pulse);
    }
  };
  return { node, clock, said, pass };
}

function beat(node: string, number: number, heard: Record<string, number> = {}): Pulse {
  return { node, number, heard };
}

Deno.test("a node that hears of nobody and nothing ends its life after 6 s", () => {
  const { node, said, pass } = life();
  node.heard(beat("a", 1));
  pass(FENCE_MS - BEAT_MS);
  assertEquals(said, []);
  pass(BEAT_MS);
  assertEquals(said, [
    "fenced: neither another node nor JetStream has confirmed this one for 6.0 s",
  ]);
  assert(node.isFenced);
});

Deno.test("the only node that there is waits 12 s for JetStream", () => {
  const { said, pass } = life();
  pass(LONE_FENCE_MS - BEAT_MS);
  assertEquals(said, []);
  pass(BEAT_MS);
  assertEquals(said, ["fenced: no answer from JetStream for 12.0 s"]);
});

Deno.test("another node's confirmation keeps a node alive, and so does JetStream's", () => {
  for (
    const [confirm, ms] of [["peer", UNWRITTEN_FENCE_MS - BEAT_MS], ["JetStream", 60_000]] as const
  ) {
    const { node, said, pass } = life();
    node.heard(beat("a", 1));
    pass(ms, ({ number }) => {
      if (confirm === "peer") node.heard(beat("a", number + 1, { me: number }));
      else {
        node.heard(beat("a", number + 1));
        node.acknowledged(number);
      }
    });
    assertEquals([confirm, ...said], [confirm]);
  }
});

Deno.test("others keep no node alive of which JetStream has written nothing for 20 s: they may all be cut off", () => {
  const { node, said, pass } = life();
  pass(10_000, ({ number }) => node.acknowledged(number));
  pass(UNWRITTEN_FENCE_MS - BEAT_MS, ({ number }) => {
    node.heard(beat("a", number, { me: number }));
  });
  assertEquals(said, []);
  pass(BEAT_MS);
  assertEquals(said, ["fenced: JetStream has written nothing for 20 s"]);
});

Deno.test("a confirmation counts from when the beat was sent, however long it was under way", () => {
  const { node, said, pass, clock } = life();
  node.heard(beat("a", 1));
  pass(5_000);
  node.heard(beat("a", 2, { me: 2 })); // of what was sent 4 s ago
  pass(FENCE_MS - 4_000 - BEAT_MS);
  assertEquals(said, []);
  clock.advance(BEAT_MS);
  assert(!node.check());
});

Deno.test("a peer that goes on listing an old beat confirms nothing", () => {
  const { node, pass } = life();
  pass(FENCE_MS + BEAT_MS, ({ number }) => node.heard(beat("a", number, { me: 1 })));
  assert(node.isFenced);
});

Deno.test("a node that was stopped for 20 s notices before it hears what has piled up", () => {
  for (const first of ["tick", "beat", "answer", "question"]) {
    const { node, said, pass, clock } = life();
    pass(2_000, ({ number }) => node.heard(beat("a", number, { me: number })));
    clock.leap(20_000);
    if (first === "tick") assertEquals(node.tick(), undefined);
    if (first === "beat") assert(!node.heard(beat("a", 5, { me: 4 })));
    if (first === "answer") node.acknowledged(4);
    if (first === "question") assert(!node.check());
    assertEquals([first, said.length, node.isFenced], [first, 1, true]);
  }
});

Deno.test("a node that is silent for 8 s is to be entered as dead, until it is", () => {
  const { node, said, pass } = life();
  const confirm = ({ number }: Pulse): void => node.acknowledged(number);
  assert(node.heard(beat("a", 1, { me: 0 })));
  assert(!node.heard(beat("a", 2, { me: 0 })));
  pass(DEAD_MS - BEAT_MS, confirm);
  assertEquals(said, []);
  pass(2 * BEAT_MS, confirm);
  assertEquals(said, ["a silent", "a silent"]);
  node.recorded("a", "dead");
  pass(2 * BEAT_MS, confirm);
  assertEquals(said.slice(2), ["a dead"]);
  assertEquals([node.stateOf("a"), node.heard(beat("a", 3))], ["dead", false]);
});

Deno.test("one that does not know this node may think that it is alone, and gets 14 s", () => {
  for (const isHeard of [false, true]) {
    const { node, said, pass } = life();
    const confirm = ({ number }: Pulse): void => node.acknowledged(number);
    node.recorded("a", "alive");
    if (isHeard) node.heard(beat("a", 1));
    pass(STRANGER_DEAD_MS - BEAT_MS, confirm);
    assertEquals([isHeard, ...said], [isHeard]);
    pass(BEAT_MS, confirm);
    assertEquals(said, ["a silent"]);
  }
});

Deno.test("who is heard by a third node is not silent", () => {
  const { node, said, pass } = life();
  node.heard(beat("a", 1, { me: 0 }));
  pass(30_000, ({ number }) => {
    node.acknowledged(number);
    node.heard(beat("b", number, { a: number }));
  });
  assertEquals(said, []);
});

Deno.test("a node that was deaf counts others' silence anew", () => {
  const { node, said, pass } = life();
  const confirm = ({ number }: Pulse): void => node.acknowledged(number);
  node.heard(beat("a", 1, { me: 0 }));
  pass(6_000, confirm);
  pass(DEAF_MS + BEAT_MS, confirm, false);
  pass(DEAD_MS - BEAT_MS, confirm);
  assertEquals(said, []);
  pass(2 * BEAT_MS, confirm);
  assertEquals(said[0], "a silent");
});

Deno.test("a node that leaves has gone at once; one that nobody knew makes no noise", () => {
  const { node, said } = life();
  node.heard(beat("a", 1));
  node.recorded("a", "left");
  node.recorded("b", "dead");
  assertEquals(said, ["a left"]);
  assertEquals(["a", "b", "c"].map((name) => node.stateOf(name)), ["left", "dead", undefined]);
});

Deno.test("a node that is entered as dead, or not at all any more, ends at once and for good", () => {
  for (const state of ["dead", undefined] as const) {
    const { node, said, clock } = life();
    node.tick();
    node.recorded("me", "alive");
    node.recorded("me", state);
    assertEquals(said, ["fenced: the others took it for dead"]);
    node.recorded("me", "alive");
    node.acknowledged(1);
    node.recorded("a", "alive");
    node.recorded("a", "dead");
    clock.advance(20_000);
    assertEquals([node.heard(beat("a", 1)), node.tick(), node.check()], [false, undefined, false]);
    assertEquals([said.length, node.stateOf("me")], [1, "dead"]);
  }
});

Deno.test("beats list the others that live, with the newest beat of each", () => {
  const { node } = life();
  node.heard(beat("a", 7));
  node.heard(beat("b", 3, { a: 9 }));
  node.heard(beat("c", 1));
  node.recorded("c", "left");
  node.recorded("d", "alive");
  assertEquals(node.tick(), { node: "me", number: 1, heard: { a: 9, b: 3 } });
});

/** Nothing breaks. */
class Calm extends LivenessWorld {
  override trouble(): void {}
}

Deno.test("whatever breaks, no two nodes believe to hold the same name, and no life goes on after its end", () => {
  const total = { fenced: 0, dead: 0, takenOver: 0, held: 0 };
  for (let seed = 1; seed <= 24; seed++) {
    const world = new LivenessWorld(seed, 2 + seed % 3);
    world.trouble(9_000, () => world.hasLeader = false, () => world.hasLeader = true);
    for (let passed = 0; passed < 200_000; passed += 50) {
      world.clock.advance(50);
      world.check();
    }
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += world.count[key];
  }
  // Else the troubles are too small to show anything.
  assert(total.fenced > 100 && total.dead > 50 && total.takenOver > 100, JSON.stringify(total));
});

Deno.test("without troubles nobody ends", () => {
  const calm = new Calm(7, 4);
  calm.clock.advance(120_000);
  assertEquals([calm.count.fenced, calm.count.dead], [0, 0]);
});

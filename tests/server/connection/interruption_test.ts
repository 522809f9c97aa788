import { assertEquals } from "@std/assert";

import { Interruption } from "../../../server/connection/interruption.ts";
import { Plumbing } from "../../../server/connection/plumbing.ts";
import { DEFAULT_SETTINGS } from "../../../server/flags.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RecordingLog } from "../../support/recording_log.ts";

/** An interruption of a session, which ends with it. */
function interrupt(maxMemory = 512) {
  const clock = new FakeClock();
  const settings = { ...DEFAULT_SETTINGS, grace: 30, maxMemory };
  const plumbing = new Plumbing({ clock, settings, log: new RecordingLog() });
  const ends: number[] = [];
  const lost = { address: "192.0.2.1:1", network: "192.0.2.1", key: "action" } as const;
  const interruption = new Interruption(plumbing, lost, () => {
    ends.push(clock.monotonicMs());
    interruption.leave();
  });
  return { clock, plumbing, interruption, ends };
}

Deno.test("Interruption: stands for a connection that takes nothing and answers nobody", async () => {
  const { interruption, plumbing } = interrupt();
  const { address, key, isConnected, capacity } = interruption;
  assertEquals([address, key, isConnected, capacity], ["192.0.2.1:1", "action", false, 1_048_576]);
  interruption.probe();
  interruption.sendAgain();
  assertEquals([interruption.send(), await interruption.isThere()], [false, false]);
  assertEquals(await interruption.roomy(), false);
  interruption.leave();
  plumbing[Symbol.dispose]();
});

Deno.test("Interruption: the session ends once, after --grace, and not if it has a connection again", () => {
  const first = interrupt();
  first.clock.advance(29_999);
  assertEquals(first.ends.length, 0);
  first.clock.advance(1);
  first.interruption.abort();
  assertEquals([first.ends.length, first.clock.pending], [1, 0]);
  const second = interrupt();
  second.interruption.leave();
  second.interruption.close();
  second.clock.advance(60_000);
  assertEquals([second.ends.length, second.clock.pending], [0, 0]);
});

Deno.test("Interruption: another one takes the whole time, and holds nothing of the first", () => {
  const { clock, plumbing, interruption, ends } = interrupt();
  interruption.hold(1_000);
  clock.advance(20_000);
  interruption.leave();
  const next = interruption.interruption(() => ends.push(clock.monotonicMs()));
  assertEquals([next.address, next.key, plumbing.memory.total], ["192.0.2.1:1", "action", 0]);
  clock.advance(29_999);
  assertEquals(ends, []);
  clock.advance(1);
  assertEquals(ends.length, 1);
});

Deno.test("Interruption: what it holds counts until it is left, and is given up where memory is short", async () => {
  const { interruption, plumbing: { memory }, ends } = interrupt(1);
  interruption.hold(1_000);
  assertEquals([interruption.heldBytes, memory.total], [1_000, 1_000]);
  interruption.hold(1_048_576);
  await undefined;
  assertEquals([ends.length, memory.total], [1, 0]);
  interruption.hold(5);
  assertEquals(memory.total, 0);
});

Deno.test("Interruption: too much to keep ends the session, but not at once", async () => {
  const { interruption, ends } = interrupt();
  interruption.setOverdue(false);
  interruption.setOverdue(true);
  assertEquals(ends.length, 0, "somebody may be on the way through a room's members");
  await undefined;
  assertEquals(ends.length, 1);
});

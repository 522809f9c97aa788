import { assertEquals } from "@std/assert";

import { SilenceWatch } from "../../../client/library/silence_watch.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** A watch that writes down what it does and when, in seconds. */
function watch(state = { isReading: true, isAwaitingAnswer: false }): {
  watch: SilenceWatch;
  clock: FakeClock;
  log: string[];
} {
  const clock = new FakeClock();
  const log: string[] = [];
  const at = (): string => String(clock.monotonicMs() / 1000);
  const watch = new SilenceWatch({
    clock,
    intervalMs: 8_000,
    timeoutMs: 5_000,
    isReading: () => state.isReading,
    isAwaitingAnswer: () => state.isAwaitingAnswer,
    probe: () => log.push(`probe ${at()}`),
    onSilence: (idleMs) => log.push(`silent ${at()} ${idleMs}`),
  });
  watch.start();
  return { watch, clock, log };
}

Deno.test("a silent server is probed, then given up", () => {
  const { clock, log } = watch();
  clock.advance(60_000);
  assertEquals(log, ["probe 8", "silent 13 13000"]);
});

Deno.test("any byte puts the probe off, and answers one", () => {
  const { watch: silence, clock, log } = watch();
  clock.advance(6_000);
  silence.heard();
  clock.advance(7_999);
  assertEquals(log, []);
  clock.advance(1);
  assertEquals(log, ["probe 14"]);
  silence.heard();
  clock.advance(60_000);
  assertEquals(log, ["probe 14", "probe 22", "silent 27 13000"]);
});

Deno.test("a watch that was stopped leaves no timer", () => {
  const { watch: silence, clock, log } = watch();
  silence.stop();
  clock.advance(60_000);
  assertEquals([log, clock.pending], [[], 0]);
});

Deno.test("a request that waits for its answer takes the place of the probe", () => {
  const { clock, log } = watch({ isReading: true, isAwaitingAnswer: true });
  clock.advance(60_000);
  assertEquals(log, ["silent 13 13000"]);
});

Deno.test("a server that is not read is probed, and never called silent", () => {
  const { clock, log } = watch({ isReading: false, isAwaitingAnswer: false });
  clock.advance(24_000);
  assertEquals(log, ["probe 8", "probe 16", "probe 24"]);
});

Deno.test("who was stopped in the middle of a probe asks once more before it calls the server silent", () => {
  const { watch: silence, clock, log } = watch();
  clock.advance(9_000);
  clock.leap(300_000);
  assertEquals(log, ["probe 8", "probe 309"]);
  clock.advance(4_999);
  assertEquals(log.length, 2);
  clock.advance(1);
  assertEquals(log.slice(2), ["silent 314 314000"]);
  silence.stop();
  const asleep = watch();
  asleep.clock.leap(300_000);
  assertEquals(asleep.log, ["probe 300"]);
  asleep.watch.heard();
  asleep.clock.advance(12_999);
  assertEquals(asleep.log.length, 2);
});

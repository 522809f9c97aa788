import { assertEquals } from "@std/assert";

import { Deliveries } from "../../../server/metrics/deliveries.ts";
import type { Histogram } from "../../../server/metrics/histogram.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { eventually, TestServer } from "../../support/server_fixture.ts";
import { storeWith } from "../../support/store_with.ts";

/** How many durations there are, and milliseconds in all. */
function measured({ counts, sum }: Histogram): [count: number, ms: number] {
  return [counts.reduce((all, count) => all + count), Math.round(sum * 1_000)];
}

Deno.test("each message of a turn counts, from the turn in which it was read to the end of this one", () => {
  const clock = new FakeClock();
  const deliveries = new Deliveries(clock);
  const { durations } = deliveries;
  deliveries.turnEnded();
  assertEquals(measured(durations), [0, 0]);
  clock.advance(1_000);
  for (const sinceMs of [1_000, 1_000, 970, 970, 1_000]) deliveries.answered(sinceMs);
  clock.advance(4);
  deliveries.turnEnded();
  assertEquals(measured(durations), [5, 3 * 4 + 2 * 34]);
  assertEquals(durations.counts[durations.bounds.indexOf(0.005)], 3);
  assertEquals(durations.counts[durations.bounds.indexOf(0.05)], 2);
  clock.advance(500);
  deliveries.turnEnded();
  assertEquals(measured(durations)[0], 5, "none counts twice");
});

Deno.test("a message that is kept takes until it is on disk; one that is refused does not count", async () => {
  const clock = new FakeClock();
  const deliveries = new Deliveries(clock);
  await using real = openSqliteStore(":memory:");
  const disk = Promise.withResolvers<void>();
  let isKeeping = false;
  const store = storeWith(real, {
    keepMessage: async (message) => {
      isKeeping = true;
      await disk.promise;
      return await real.keepMessage(message);
    },
  });
  await using server = new TestServer({ clock, store, deliveries });
  const [eve, bob] = [await server.registered("eve"), await server.registered("bob")];
  assertEquals((await eve.ask({ event: "msg", to: "nobody", message: "hi" })).response, 404);
  clock.advance(1_000);
  const answer = eve.ask({ event: "msg", to: "bob", message: "hi" });
  assertEquals((await bob.frame()).message, "hi");
  await eventually(() => isKeeping, () => "the message is on its way to the disk");
  assertEquals(measured(deliveries.durations), [0, 0]);
  clock.advance(300);
  disk.resolve();
  assertEquals((await answer).response, 200);
  assertEquals(measured(deliveries.durations), [1, 300]);
});

Deno.test("the time for which a sender is held up by its rate is not the server's", async () => {
  const clock = new FakeClock();
  const deliveries = new Deliveries(clock);
  await using server = new TestServer({ clock, deliveries, settings: { rate: 1 } });
  const eve = await server.online("eve");
  const timers = clock.pending;
  const send = (): Promise<void> => eve.send({ event: "msg", to: "eve", message: "hi" });
  await send();
  await send();
  assertEquals((await eve.response()).response, 200);
  await eventually(() => clock.pending > timers, () => "eve is held up");
  await eventually(() => measured(deliveries.durations)[0] === 1, () => "the turn is over");
  clock.advance(1_000);
  assertEquals((await eve.response()).response, 200);
  await eventually(() => measured(deliveries.durations)[0] === 2, () => "both are measured");
  assertEquals(measured(deliveries.durations), [2, 0]);
});

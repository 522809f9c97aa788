import { assertEquals, assertRejects } from "@std/assert";

import { Scraper } from "../../bench/metered.ts";
import { StartError } from "../../common/errors.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Monitoring's other end: answers with a status, and tells of each question. */
function answering(
  status: () => number,
): AsyncDisposable & { url: string; asked: () => Promise<void> } {
  let asked = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked.resolve();
    return new Response("a 1\n", { status: status() });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/metrics`,
    asked: async () => {
      await asked.promise;
      asked = Promise.withResolvers<void>();
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Waits until the answer was read and the next question waits for its time. */
async function untilWaiting(clock: FakeClock): Promise<void> {
  while (clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("metrics are asked for at once and then each second, until the end", async () => {
  const clock = new FakeClock();
  await using peer = answering(() => 200);
  {
    await using _scraper = await Scraper.start(peer.url, clock);
    await peer.asked();
    for (let n = 0; n < 3; n++) {
      clock.advance(1_000);
      await peer.asked();
      await untilWaiting(clock);
    }
    clock.advance(1_000); // and the end comes before the answer
  }
  assertEquals(clock.pending, 0);
});

Deno.test("metrics that are not there end the measurement", async () => {
  let status = 503;
  const clock = new FakeClock();
  await using peer = answering(() => status);
  const says = `Cannot read the metrics at ${peer.url}: ${status} a 1`;
  await assertRejects(() => Scraper.start(peer.url, clock), StartError, says);
  status = 200;
  const scraper = await Scraper.start(peer.url, clock);
  status = 503;
  clock.advance(1_000);
  await assertRejects(async () => await scraper[Symbol.asyncDispose](), StartError, says);
});

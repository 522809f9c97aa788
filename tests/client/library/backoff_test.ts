import { assert, assertEquals } from "@std/assert";

import { backoffMs } from "../../../client/library/backoff.ts";
import { seededRandom } from "../../support/random.ts";

Deno.test("the wait doubles from half a second up to half a minute", () => {
  const atMost = Array.from({ length: 9 }, (_, i) => backoffMs(i + 1, 1));
  assertEquals(atMost, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assertEquals(backoffMs(1_000_000, 1), 30_000);
});

Deno.test("the jitter takes at most half of the wait away", () => {
  const random = seededRandom(3);
  for (let attempt = 1; attempt <= 12; attempt++) {
    const most = backoffMs(attempt, 1);
    for (let i = 0; i < 20; i++) {
      const wait = backoffMs(attempt, random());
      assert(wait >= most / 2 && wait <= most, `${wait} of ${most}`);
    }
  }
});

Deno.test("the bounds can be set", () => {
  const waits = [1, 2, 3].map((attempt) => backoffMs(attempt, 0, { firstMs: 10, maxMs: 30 }));
  assertEquals(waits, [5, 10, 15]);
});

Deno.test("a server that is restarted is asked again within a second, or a quarter of the time that it is away", () => {
  const bounds = [0, 4_000, 5_500, 40_000, 3_600_000].map((restartMs) =>
    backoffMs(20, 1, { restartMs })
  );
  assertEquals(bounds, [1_000, 1_000, 1_375, 10_000, 30_000]);
  assertEquals(backoffMs(1, 1, { restartMs: 0 }), 500, "the first wait is no longer than ever");
  assertEquals(backoffMs(9, 1, { maxMs: 30, restartMs: 0 }), 30);
});

import { assert, assertEquals } from "@std/assert";

import { TokenBucket } from "../../../server/connection/token_bucket.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** Takes tokens until there is none; how many there were. */
function drain(bucket: TokenBucket): number {
  let count = 0;
  while (bucket.take() === 0) count++;
  return count;
}

Deno.test("TokenBucket starts full, with twice the rate", () => {
  assertEquals(drain(new TokenBucket(50, new FakeClock())), 100);
});

Deno.test("TokenBucket fills by the rate, up to twice the rate", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(50, clock);
  drain(bucket);
  for (const [ms, count] of [[1_000, 50], [20, 1], [19, 0], [1, 1], [1_999, 99], [60_000, 100]]) {
    clock.advance(ms!);
    assertEquals(drain(bucket), count, `after ${ms} ms`);
  }
});

Deno.test("TokenBucket says how long to wait: then there are tokens for a tenth of a burst", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(50, clock);
  drain(bucket);
  const wait = bucket.take();
  assertEquals(wait, 200);
  clock.advance(wait);
  assertEquals(drain(bucket), 10);
});

Deno.test("TokenBucket with less than one token a second lets one through at a time", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(0.1, clock);
  assertEquals(bucket.take(), 0);
  const wait = bucket.take();
  assertEquals(wait, 10_000);
  clock.advance(wait - 1);
  assert(bucket.take() > 0);
  clock.advance(1);
  assertEquals(bucket.take(), 0);
});

Deno.test("TokenBucket keeps the rate in the long run, however it is asked", () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(7, clock);
  let count = drain(bucket);
  for (let i = 0; i < 1_000; i++) {
    clock.advance(1 + (i * 37) % 400);
    count += drain(bucket);
  }
  const seconds = clock.monotonicMs() / 1_000;
  assert(count <= 14 + 7 * seconds && count > 7 * seconds - 1, `${count} in ${seconds} s`);
});

import { assertEquals } from "@std/assert";

import { ConnectError, ConnectionLostError, RefusedError } from "../../../client/library/errors.ts";
import { reconnect, type ReconnectOptions } from "../../../client/library/reconnect.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

const LOST = new Error("lost");

/** Attempts that fail with the given errors, one after the other, and then succeed. */
function failing(...errors: unknown[]): {
  options: ReconnectOptions;
  clock: FakeClock;
  stop: AbortController;
  waits: [string, number, number][];
  attempts: () => number;
} {
  const clock = new FakeClock();
  const stop = new AbortController();
  const waits: [string, number, number][] = [];
  let attempts = 0;
  const options: ReconnectOptions = {
    clock,
    random: () => 0,
    signal: stop.signal,
    onWait: (error, attempt, retryMs) => waits.push([error.message, attempt, retryMs]),
    attempt: () => {
      attempts++;
      const error = errors.shift();
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    },
  };
  return { options, clock, stop, waits, attempts: () => attempts };
}

/** Lets a long time pass, a second at a time. */
async function pass(clock: FakeClock, seconds = 120): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await settle();
    clock.advance(1_000);
  }
}

Deno.test("each wait is announced with the reason for the one before, until an attempt succeeds", async () => {
  const errors = [new ConnectError("refused", "nobody"), "no error at all"];
  const { options, clock, waits, attempts } = failing(...errors);
  const done = reconnect(LOST, options);
  await pass(clock);
  assertEquals(await done, undefined);
  assertEquals(waits, [["lost", 1, 250], ["nobody", 2, 500], ["no error at all", 3, 1000]]);
  assertEquals([attempts(), clock.pending], [3, 0]);
});

Deno.test("a refusal ends the attempts only if waiting cannot mend it", async () => {
  for (const code of [400, 401, 402, 403]) {
    const taken = new RefusedError("login", 409, "online already");
    const final = new RefusedError("login", code, "no");
    const { options, clock, attempts } = failing(taken, final, new Error("too late"));
    const done = reconnect(LOST, options);
    await pass(clock);
    assertEquals([await done, attempts()], [final, 2]);
  }
});

Deno.test("who was replaced, blocked or removed does not try at all; after another 101 they do", async () => {
  for (const announced of ["replaced", "blocked", "removed"]) {
    const lost = new ConnectionLostError("closed", "bye", { announced });
    const { options, clock, waits, attempts } = failing();
    assertEquals([await reconnect(lost, options), waits, attempts()], [lost, [], 0]);
    const later = failing(new Error("once"), lost);
    const done = reconnect(LOST, later.options);
    await pass(later.clock);
    assertEquals([await done, later.attempts(), clock.pending], [lost, 2, 0]);
  }
  for (const announced of ["shutdown", "probe", "slow", "full", "toString", undefined]) {
    const { options, clock, attempts } = failing();
    const done = reconnect(new ConnectionLostError("closed", "bye", { announced }), options);
    await pass(clock);
    assertEquals([await done, attempts()], [undefined, 1]);
  }
});

Deno.test("a client that ends stops waiting at once", async () => {
  const { options, clock, stop, waits, attempts } = failing();
  const done = reconnect(LOST, options);
  await settle();
  stop.abort();
  assertEquals(await done, undefined);
  assertEquals([waits.length, attempts(), clock.pending], [1, 0, 0]);
});

Deno.test("a server that sends too much is not tried again", async () => {
  const lost = new ConnectionLostError("overload", "more than a cap");
  const { options, waits, attempts } = failing();
  assertEquals([await reconnect(lost, options), waits, attempts()], [lost, [], 0]);
});

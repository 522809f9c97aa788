import { assert, assertEquals, assertRejects } from "@std/assert";

import { LoginThrottle, TooManyLoginsError } from "../../../server/accounts/login_throttle.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const wrong = (): Promise<boolean> => Promise.resolve(false);
const right = (): Promise<boolean> => Promise.resolve(true);

/** Lets all that can happen without time passing happen. */
async function settle(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}

interface Counter {
  /** Those whose password was checked. */
  done: number;
  /** Those who would have had to wait behind too many. */
  refused: number;
  add: (attempt: Promise<boolean>) => void;
}

/** Starts attempts and counts how many have been answered. */
function counter(): Counter {
  const state: Counter = {
    done: 0,
    refused: 0,
    add: (attempt) => {
      attempt.then(() => state.done++, (error) => {
        if (!(error instanceof TooManyLoginsError)) throw error;
        state.refused++;
      });
    },
  };
  return state;
}

Deno.test("five failures for a name are answered at once, each further one waits twelve seconds", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  const answered = counter();
  for (let n = 0; n < 8; n++) answered.add(throttle.attempt("eve", `192.0.2.${n}`, wrong));
  await settle();
  assertEquals(answered.done, 5);
  clock.advance(11_000);
  await settle();
  assertEquals(answered.done, 5);
  for (const expected of [6, 7, 8]) {
    clock.advance(12_000);
    await settle();
    assertEquals(answered.done, expected);
  }
  assertEquals(clock.pending, 0);
});

Deno.test("failures of one address count together, whatever the name; another address does not wait", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock() });
  const [here, there] = [counter(), counter()];
  for (let n = 0; n < 8; n++) here.add(throttle.attempt(`name${n}`, "2001:db8:0:0::/64", wrong));
  there.add(throttle.attempt("name0", "192.0.2.1", wrong));
  here.add(throttle.attempt("name9", "2001:db8:0:0::/64", wrong));
  await settle();
  assertEquals([here.done, there.done], [5, 1]);
});

Deno.test("logins that succeed cost nothing", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock() });
  for (let n = 0; n < 50; n++) assert(await throttle.attempt("eve", "192.0.2.1", right));
  const answered = counter();
  for (let n = 0; n < 50; n++) answered.add(throttle.attempt(`name${n}`, "192.0.2.1", right));
  for (let n = 0; n < 20; n++) await settle();
  assertEquals(answered.done, 50);
});

Deno.test("a check that breaks is no failure", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock() });
  for (let n = 0; n < 10; n++) {
    const broken = (): Promise<boolean> => Promise.reject(new Error("disk"));
    await assertRejects(() => throttle.attempt("eve", "192.0.2.1", broken), Error, "disk");
  }
});

Deno.test("those who wait are served in the order of arrival, and who gives up is passed over", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, failuresPerMinute: 1 });
  await throttle.attempt("eve", "192.0.2.1", wrong);
  const order: number[] = [];
  const abort = new AbortController();
  const attempts = [1, 2, 3].map((n) =>
    throttle.attempt(
      "eve",
      `192.0.2.${n + 1}`,
      () => Promise.resolve(order.push(n) < 0),
      n === 2 ? abort.signal : undefined,
    )
  );
  abort.abort();
  await assertRejects(() => attempts[1]!, DOMException);
  for (let n = 0; n < 2; n++) {
    clock.advance(60_000);
    await settle();
  }
  assertEquals(order, [1, 3]);
  assertEquals(clock.pending, 0);
});

Deno.test("a name's owner is locked out neither by strangers nor by neighbours who guess", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  assert(await throttle.attempt("eve", "192.0.2.1", right));
  const strangers = counter();
  for (let n = 0; n < 100; n++) strangers.add(throttle.attempt("eve", `198.51.100.${n}`, wrong));
  await settle();
  assertEquals([strangers.done, strangers.refused], [5, 90]);
  const neighbours = counter();
  for (let n = 0; n < 9; n++) neighbours.add(throttle.attempt(`name${n}`, "192.0.2.1", wrong));
  await settle();
  assertEquals(neighbours.done, 5);
  const owner = counter();
  owner.add(throttle.attempt("eve", "192.0.2.1", right));
  await settle();
  assertEquals(owner.done, 1);
  // That allowance ends, too.
  for (let n = 0; n < 9; n++) owner.add(throttle.attempt("eve", "192.0.2.1", wrong));
  await settle();
  assertEquals(owner.done, 6);
});

Deno.test("memory is bounded: what was quiet for longest is forgotten", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock(), maxKeys: 10 });
  for (let n = 0; n < 100; n++) await throttle.attempt(`name${n}`, `192.0.2.${n}`, wrong);
  assertEquals(throttle.size, 10);
});

Deno.test("only so many wait for time to pass, the latest are refused; giving up makes room", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, maxWaiting: 3 });
  const answered = counter();
  const abort = new AbortController();
  const gaveUp: unknown[] = [];
  for (let n = 0; n < 8; n++) {
    const attempt = throttle.attempt(
      `name${n}`,
      "192.0.2.1",
      wrong,
      n === 6 ? abort.signal : undefined,
    );
    if (n === 6) attempt.catch((error) => gaveUp.push(error));
    else answered.add(attempt);
  }
  for (let n = 0; n < 10; n++) answered.add(throttle.attempt("late", "192.0.2.1", wrong));
  await settle();
  assertEquals([answered.done, answered.refused, throttle.waiting], [5, 10, 3]);
  abort.abort();
  await settle();
  assertEquals([gaveUp.length, throttle.waiting], [1, 2]);
  answered.add(throttle.attempt("in time", "192.0.2.1", wrong));
  answered.add(throttle.attempt("late", "192.0.2.1", wrong));
  await settle();
  assertEquals([answered.done, answered.refused], [5, 11]);
  for (let n = 0; n < 3; n++) {
    clock.advance(12_000);
    await settle();
  }
  assertEquals([answered.done, throttle.waiting, clock.pending], [8, 0, 0]);
});

Deno.test("the number of those who wait is bounded over all names and addresses", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, maxWaitingInAll: 7 });
  const answered = counter();
  for (let network = 0; network < 4; network++) {
    for (let n = 0; n < 9; n++) {
      answered.add(throttle.attempt(`name${network}-${n}`, `192.0.2.${network}`, wrong));
    }
    await settle();
  }
  assertEquals([answered.done, answered.refused, throttle.waiting], [20, 9, 7]);
});

Deno.test("who waits for passwords that are being checked is neither refused nor held up", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock() });
  const gate = Promise.withResolvers<boolean>();
  const answered = counter();
  for (let n = 0; n < 300; n++) {
    answered.add(throttle.attempt(`name${n}`, "192.0.2.1", () => gate.promise));
  }
  await settle();
  assertEquals([throttle.waiting, throttle.isHeldUp("name299", "192.0.2.1")], [295, false]);
  gate.resolve(true);
  for (let n = 0; n < 300; n++) await settle();
  assertEquals([answered.done, answered.refused], [300, 0]);
});

Deno.test("it says who is held up by wrong logins", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, failuresPerMinute: 1 });
  assertEquals(throttle.isHeldUp("eve", "192.0.2.1"), false);
  await throttle.attempt("eve", "192.0.2.1", wrong);
  assertEquals(throttle.isHeldUp("eve", "192.0.2.1"), false, "nobody waits");
  const attempt = throttle.attempt("eve", "192.0.2.2", right);
  await settle();
  assertEquals(throttle.isHeldUp("eve", "192.0.2.2"), true);
  assertEquals(throttle.isHeldUp("bob", "192.0.2.2"), false);
  clock.advance(60_000);
  assert(await attempt);
  assertEquals(throttle.isHeldUp("eve", "192.0.2.2"), false);
});

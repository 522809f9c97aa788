import { assert, assertEquals, assertRejects } from "@std/assert";

import { TooManyLoginsError } from "../../../server/accounts/brake.ts";
import { FairQueue } from "../../../server/fair_queue.ts";
import {
  type Login,
  LoginThrottle,
  type LoginUrgency,
} from "../../../server/accounts/login_throttle.ts";
import { networkKey } from "../../../server/connection/network_key.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle as settleAll } from "../../support/settle.ts";

const wrong = (): Promise<boolean> => Promise.resolve(false);
const right = (): Promise<boolean> => Promise.resolve(true);

/** A login from where its name's owner has not been. */
const from = (name: string, address: string): Login => ({
  name,
  network: networkKey(address),
  isTrusted: false,
});
/** A login from where its name's owner has been. */
const home = (name: string, address: string): Login => ({
  ...from(name, address),
  isTrusted: true,
});

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

Deno.test("sixty failures of strangers at a name are answered at once, then one in two seconds", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  const answered = counter();
  for (let n = 0; n < 63; n++) answered.add(throttle.attempt(from("eve", `192.0.2.${n}`), wrong));
  await settle();
  assertEquals(answered.done, 60);
  clock.advance(1_999);
  await settle();
  assertEquals(answered.done, 60);
  clock.advance(1);
  for (const expected of [61, 62, 63]) {
    await settle();
    assertEquals(answered.done, expected);
    clock.advance(2_000);
  }
  assertEquals([answered.refused, clock.pending], [0, 0]);
});

Deno.test("five failures of a network are answered at once, then one in twelve seconds", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  const answered = counter();
  for (let n = 0; n < 8; n++) answered.add(throttle.attempt(from(`name${n}`, "192.0.2.1"), wrong));
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
  for (let n = 0; n < 8; n++) here.add(throttle.attempt(from(`name${n}`, "2001:db8::1"), wrong));
  there.add(throttle.attempt(from("name0", "192.0.2.1"), wrong));
  here.add(throttle.attempt(from("name9", "2001:db8::ffff"), wrong)); // the same customer's network
  await settle();
  assertEquals([here.done, there.done], [5, 1]);
});

Deno.test("logins that succeed cost nothing", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock() });
  for (let n = 0; n < 50; n++) assert(await throttle.attempt(from("eve", "192.0.2.1"), right));
  const answered = counter();
  for (let n = 0; n < 50; n++) answered.add(throttle.attempt(from(`name${n}`, "192.0.2.1"), right));
  for (let n = 0; n < 20; n++) await settle();
  assertEquals(answered.done, 50);
});

Deno.test("a check that breaks is no failure", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock() });
  for (let n = 0; n < 10; n++) {
    const broken = (): Promise<boolean> => Promise.reject(new Error("disk"));
    await assertRejects(() => throttle.attempt(from("eve", "192.0.2.1"), broken), Error, "disk");
  }
});

Deno.test("a network's logins are served in the order of arrival, and who gives up is passed over", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, networkPace: { burst: 1, refillMs: 60_000 } });
  await throttle.attempt(from("eve", "192.0.2.1"), wrong);
  const order: number[] = [];
  const abort = new AbortController();
  const attempts = [1, 2, 3].map((n) =>
    throttle.attempt(
      from(`name${n}`, "192.0.2.1"),
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
  const strangers = counter();
  for (let n = 0; n < 100; n++) {
    strangers.add(throttle.attempt(from("eve", `198.51.100.${n}`), wrong));
  }
  await settle();
  assertEquals([strangers.done, strangers.refused], [60, 0]);
  const neighbours = counter();
  for (let n = 0; n < 19; n++) neighbours.add(throttle.attempt(from(`n${n}`, "192.0.2.1"), wrong));
  await settle();
  assertEquals([neighbours.done, neighbours.refused], [5, 9]);
  const owner = counter();
  owner.add(throttle.attempt(home("eve", "192.0.2.1"), right));
  await settle();
  assertEquals(owner.done, 1);
});

Deno.test("from a trusted network an owner waits at most two seconds while many neighbours guess without end", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  const eve = home("eve", "192.0.2.1");
  let guesses = 0;
  const stop = new AbortController();
  // Takes as long as a hash does.
  const check = (isRight: boolean) => (): Promise<boolean> =>
    new Promise((resolve) => clock.setTimeout(() => resolve(isRight), 370));
  const guess = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      guesses++;
      await throttle.attempt(eve, check(false), stop.signal)
        .catch((error) => assert(stop.signal.aborted, String(error)));
    }
  };
  const pass = async (untilMs: number): Promise<void> => {
    while (clock.monotonicMs() < untilMs) {
      clock.advance(10);
      await settle();
    }
  };
  const guessing = Array.from({ length: 50 }, guess);
  await pass(10_000);
  for (let n = 0; n < 20; n++) {
    await pass(clock.monotonicMs() + 1_370 + 90 * n);
    const owner = counter();
    let begunAt = Infinity;
    const askedAt = clock.monotonicMs();
    owner.add(throttle.attempt(eve, () => {
      begunAt = clock.monotonicMs();
      return check(true)();
    }));
    await pass(askedAt + 2_500);
    assertEquals([owner.done, owner.refused], [1, 0]);
    assert(begunAt - askedAt <= 2_000, `after ${begunAt - askedAt} ms`);
  }
  // Who waits for the answers gets one in two seconds.
  const seconds = clock.monotonicMs() / 1_000;
  assert(guesses - 50 <= 3 + seconds / 2, `${guesses} guesses in ${seconds} s`);
  stop.abort();
  await pass(clock.monotonicMs() + 1_000);
  await Promise.all(guessing);
  assertEquals([throttle.waiting, clock.pending], [0, 0]);
});

Deno.test("an owner from a new network gets in within ten seconds while fifty networks guess in parallel", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  // One hash at a time, each of 0.37 s, in the classes of a server.
  const hashes = new FairQueue(1, [{}, { fromBothEnds: true }, {}]);
  const check = (network: string, isRight: boolean) => (urgency: LoginUrgency): Promise<boolean> =>
    hashes.run(
      { key: network, rank: urgency === "newcomer" ? 1 : 2 },
      () => new Promise((resolve) => clock.setTimeout(() => resolve(isRight), 370)),
    );
  const stop = new AbortController();
  let refusedOwners = 0;
  const guess = async (address: string, name: string): Promise<void> => {
    const login = from(name, address);
    while (!stop.signal.aborted) {
      try {
        await throttle.attempt(login, check(address, false), stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        assert(error instanceof TooManyLoginsError);
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000));
      }
    }
  };
  const guessing: Promise<void>[] = [];
  let earlyMs = NaN;
  for (let network = 0; network < 50; network++) {
    // One who comes just when they begin: most of them come later.
    if (network === 3) {
      throttle.attempt(from("eve", "203.0.113.99"), check("203.0.113.99", true)).then(() =>
        earlyMs = clock.monotonicMs()
      );
    }
    for (let connection = 0; connection < 10; connection++) {
      // Most guess at the owner's name, some at others.
      const name = connection < 7 ? "eve" : `name${connection}`;
      guessing.push(guess(`198.51.100.${network}`, name));
    }
  }
  const start = clock.monotonicMs();
  const waits: number[] = [];
  // From the first moment to the tenth minute.
  for (const [n, pauseMs] of [0, 1_000, 5_000, 20_000, 60_000, 600_000].entries()) {
    for (let ms = 0; ms < pauseMs; ms += 100) {
      clock.advance(100);
      await settle();
    }
    const begun = clock.monotonicMs();
    const address = `203.0.113.${n}`;
    let isIn = false;
    throttle.attempt(from("eve", address), check(address, true)).then(
      () => isIn = true,
      () => refusedOwners++,
    );
    while (!isIn && clock.monotonicMs() - begun < 60_000) {
      clock.advance(10);
      await settle();
    }
    waits.push(clock.monotonicMs() - begun);
  }
  waits.push(earlyMs - start);
  assert(waits.every((ms) => ms <= 10_000), `waits: ${waits}`);
  assertEquals(refusedOwners, 0);
  stop.abort();
  for (let n = 0; n < 10_000 && clock.pending > 0; n++) {
    clock.advance(100);
    await settle();
  }
  await Promise.all(guessing);
});

Deno.test("at a name networks take turns: who has guessed the least is next, of equals the latest and the earliest in turn", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, namePace: { burst: 1, refillMs: 1_000 } });
  await throttle.attempt(from("eve", "203.0.113.1"), wrong);
  const order: string[] = [];
  const attempts = [
    ["a1", "192.0.2.1"],
    ["a2", "192.0.2.1"],
    ["a3", "192.0.2.1"],
    ["b1", "192.0.2.2"],
    ["b2", "192.0.2.2"],
    ["old", "203.0.113.1"],
    ["new", "192.0.2.3"],
  ].map(([what, address]) =>
    throttle.attempt(from("eve", address!), () => Promise.resolve(order.push(what!) < 0))
  );
  for (let n = 0; n < 7; n++) {
    await settle();
    clock.advance(1_000);
  }
  await Promise.all(attempts);
  assertEquals(order, ["new", "a1", "b2", "a2", "old", "b1", "a3"]);
});

Deno.test("networks of one IPv6 site fall behind together, another site does not", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, namePace: { burst: 3, refillMs: 1_000 } });
  for (let n = 0; n < 3; n++) await throttle.attempt(from("eve", `2001:db8:1:${n}::1`), wrong);
  const order: string[] = [];
  const attempts = ["2001:db8:2:0::1", "192.0.2.1", "2001:db8:1:3::1", "2001:db8:1:4::1"].map((
    address,
  ) => throttle.attempt(from("eve", address), () => Promise.resolve(order.push(address) < 0)));
  for (let n = 0; n < 4; n++) {
    await settle();
    clock.advance(1_000);
  }
  await Promise.all(attempts);
  assertEquals(order.slice(0, 2), ["192.0.2.1", "2001:db8:2:0::1"]);
});

Deno.test("logins from a trusted network are urgent five at once, then one in two seconds", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  const urgencies: LoginUrgency[] = [];
  const logIn = (address: string): Promise<boolean> =>
    throttle.attempt({ ...from("eve", address), isTrusted: true }, (urgency) => {
      urgencies.push(urgency);
      return Promise.resolve(true);
    });
  for (let n = 0; n < 7; n++) await logIn("192.0.2.1");
  await logIn("192.0.2.2");
  clock.advance(2_000);
  for (let n = 0; n < 2; n++) await logIn("192.0.2.1");
  const five = Array<LoginUrgency>(5).fill("trusted");
  assertEquals(urgencies, [...five, "login", "login", "trusted", "trusted", "login"]);
});

Deno.test("it tells a newcomer from a site that has guessed or has a login under way", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  const ask = async (address: string, isRight: boolean): Promise<boolean> => {
    let answer = false;
    await throttle.attempt(from("eve", address), (urgency) => {
      answer = urgency === "newcomer";
      return Promise.resolve(isRight);
    });
    return answer;
  };
  assert(await ask("2001:db8:1::1", true));
  assert(await ask("2001:db8:1::1", false));
  assert(!await ask("2001:db8:1:2::1", true));
  assert(await ask("2001:db8:2::1", true));
  clock.advance(3_600_000);
  assert(await ask("2001:db8:1::1", true), "an hour later");
  const gate = Promise.withResolvers<boolean>();
  const first = throttle.attempt(from("eve", "192.0.2.1"), () => gate.promise);
  await settle();
  assert(!await ask("192.0.2.1", true));
  gate.resolve(true);
  await first;
  assert(await ask("192.0.2.1", true));
});

Deno.test("guesses at a name are bounded in a day, by strangers from any number of networks and by a neighbour", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock });
  const counts = { strangers: 0, neighbour: 0, network: 0 };
  const stop = new AbortController();
  let networks = 0;
  const guess = async (login: () => Login, who: keyof typeof counts): Promise<void> => {
    while (!stop.signal.aborted) {
      const hangUp = new AbortController();
      const check = (): Promise<boolean> => {
        counts[who]++;
        hangUp.abort(); // does not wait for the answer
        return Promise.resolve(false);
      };
      await throttle.attempt(login(), check, AbortSignal.any([stop.signal, hangUp.signal]))
        .catch(() => {});
    }
  };
  const all = Promise.all([
    ...Array.from(
      { length: 4 },
      () => guess(() => from("eve", `2001:db8:${++networks % 60_000}::`), "strangers"),
    ),
    ...Array.from({ length: 4 }, () => guess(() => home("bob", "192.0.2.1"), "neighbour")),
    guess(() => from(`name${++networks}`, "192.0.2.2"), "network"),
  ]);
  for (let second = 0; second < 3_600; second++) {
    clock.advance(1_000);
    for (let n = 0; n < 5; n++) await settle();
  }
  await settleAll();
  const expected = { strangers: 60 + 1_800, neighbour: 3 + 3_600, network: 5 + 300 };
  for (const who of ["strangers", "neighbour", "network"] as const) {
    // Fractions of a token may be a hair short of a whole one.
    const short = expected[who] - counts[who];
    assert(short === 0 || short === 1, `${who}: ${counts[who]}`);
  }
  stop.abort();
  await all;
});

Deno.test("memory is bounded: what was quiet for longest is forgotten, what went well is not kept", async () => {
  const throttle = new LoginThrottle({ clock: new FakeClock(), maxKeys: 10 });
  for (let n = 0; n < 100; n++) await throttle.attempt(from(`name${n}`, `192.0.2.${n}`), wrong);
  assertEquals(throttle.size, 20);
  for (let n = 0; n < 100; n++) await throttle.attempt(from(`other${n}`, `192.0.3.${n}`), right);
  const abort = new AbortController();
  abort.abort();
  for (let n = 0; n < 100; n++) {
    const broken = (): Promise<boolean> => Promise.reject(abort.signal.reason);
    await assertRejects(() => throttle.attempt(from(`third${n}`, `192.0.4.${n}`), broken));
  }
  await throttle.attempt(from("name99", "192.0.2.99"), right);
  assertEquals(throttle.size, 20);
});

Deno.test("only so many wait for time to pass, the latest are refused; giving up makes room", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, maxWaiting: 3 });
  const answered = counter();
  const abort = new AbortController();
  const gaveUp: unknown[] = [];
  for (let n = 0; n < 8; n++) {
    const attempt = throttle.attempt(
      from(`name${n}`, "192.0.2.1"),
      wrong,
      n === 6 ? abort.signal : undefined,
    );
    if (n === 6) attempt.catch((error) => gaveUp.push(error));
    else answered.add(attempt);
  }
  for (let n = 0; n < 10; n++) answered.add(throttle.attempt(from("late", "192.0.2.1"), wrong));
  await settle();
  assertEquals([answered.done, answered.refused, throttle.waiting], [5, 10, 3]);
  abort.abort();
  await settle();
  assertEquals([gaveUp.length, throttle.waiting], [1, 2]);
  answered.add(throttle.attempt(from("in time", "192.0.2.1"), wrong));
  answered.add(throttle.attempt(from("late", "192.0.2.1"), wrong));
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
      answered.add(throttle.attempt(from(`name${network}-${n}`, `192.0.2.${network}`), wrong));
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
    answered.add(throttle.attempt(from(`name${n}`, "192.0.2.1"), () => gate.promise));
  }
  await settle();
  assertEquals([throttle.waiting, throttle.isHeldUp(from("name299", "192.0.2.1"))], [295, false]);
  gate.resolve(true);
  for (let n = 0; n < 300; n++) await settle();
  assertEquals([answered.done, answered.refused], [300, 0]);
});

Deno.test("it says who is held up by wrong logins", async () => {
  const clock = new FakeClock();
  const throttle = new LoginThrottle({ clock, namePace: { burst: 1, refillMs: 60_000 } });
  assertEquals(throttle.isHeldUp(from("eve", "192.0.2.1")), false);
  await throttle.attempt(from("eve", "192.0.2.1"), wrong);
  assertEquals(throttle.isHeldUp(from("eve", "192.0.2.1")), false, "nobody waits");
  const attempt = throttle.attempt(from("eve", "192.0.2.2"), right);
  await settle();
  assertEquals(throttle.isHeldUp(from("eve", "192.0.2.2")), true);
  assertEquals(throttle.isHeldUp(from("bob", "192.0.2.2")), false);
  assertEquals(throttle.isHeldUp(home("eve", "192.0.2.2")), false);
  clock.advance(60_000);
  assert(await attempt);
  assertEquals(throttle.isHeldUp(from("eve", "192.0.2.2")), false);
});

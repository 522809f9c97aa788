import { assert, assertEquals } from "@std/assert";

import { Brake, type Lane, TooManyLoginsError } from "../../../server/accounts/brake.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

Deno.test("only failures use up the allowance, which refills with time", async () => {
  const clock = new FakeClock();
  const brake = new Brake({ burst: 2, refillMs: 1_000 }, clock);
  assert(brake.isBlank);
  for (let n = 0; n < 9; n++) (await brake.take())(false);
  for (let n = 0; n < 2; n++) (await brake.take())(true);
  assert(brake.isIdle && !brake.isBlank);
  const taken = brake.take();
  assertEquals([brake.waiting, brake.isHeldUp], [1, true]);
  clock.advance(1_000);
  const end = await taken;
  assertEquals([brake.waiting, brake.isHeldUp, brake.isIdle], [0, false, false]);
  const next = brake.take();
  assertEquals(brake.isHeldUp, false, "the first may turn out right");
  end(false);
  (await next)(true);
  clock.advance(2_000);
  assert(brake.isBlank);
  assertEquals(clock.pending, 0);
});

Deno.test("lanes decide who is next; of equals it is the latest first", async () => {
  const clock = new FakeClock();
  const brake = new Brake({ burst: 1, refillMs: 1_000 }, clock);
  (await brake.take())(true);
  const events: string[] = [];
  const lane = (name: string, rank: number): Lane => ({
    rank: () => rank,
    begin: () => void events.push(`${name} begins`),
    forgive: () => void events.push(`${name} is right`),
  });
  const lanes = [lane("a", 1), lane("b", 0), lane("c", 0), lane("d", 2)];
  for (const each of lanes) brake.take(undefined, each).then((end) => end(each === lanes[2]));
  for (let n = 0; n < 2; n++) {
    clock.advance(1_000);
    await settle();
  }
  assertEquals(events, [
    "c begins",
    ...["b begins", "b is right", "a begins", "a is right", "d begins", "d is right"],
  ]);
});

Deno.test("who is out of patience goes behind those who are not, and the latest of them first", async () => {
  const clock = new FakeClock();
  const brake = new Brake({ burst: 1, refillMs: 1_000, patienceMs: 2_000 }, clock);
  (await brake.take())(true);
  const order: string[] = [];
  const add = (name: string): void =>
    void brake.take().then((end) => {
      order.push(name);
      end(true);
    });
  for (const name of ["a", "b", "c", "d", "e"]) add(name);
  for (let n = 0; n < 6; n++) {
    clock.advance(1_000);
    await settle();
    if (n === 2) add("f");
  }
  assertEquals(order, ["a", "b", "e", "f", "d", "c"]);
});

Deno.test("a full waiting room refuses the latest, once nothing is under way", async () => {
  const clock = new FakeClock();
  const room = { maxHere: 2, maxInAll: 3, inAll: 0 };
  const [here, there] = [0, 1].map(() => new Brake({ burst: 1, refillMs: 1_000, room }, clock));
  const ends = [await here!.take(), await there!.take()];
  const abort = new AbortController();
  const outcomes: string[] = [];
  const wait = (brake: Brake, name: string): void => {
    brake.take(abort.signal).catch((error) =>
      outcomes.push(`${name} ${error instanceof TooManyLoginsError ? "refused" : error.name}`)
    );
  };
  for (const name of ["h1", "h2", "h3"]) wait(here!, name);
  ends[0]!(true);
  await settle();
  assertEquals(outcomes, ["h3 refused"]);
  for (const name of ["t1", "t2"]) wait(there!, name);
  assertEquals(room.inAll, 2, "those at the other brake may be let in by what is under way");
  ends[1]!(true);
  await settle();
  assertEquals(outcomes.slice(1), ["t2 refused"]);
  wait(here!, "h4");
  assertEquals([room.inAll, here!.waiting, there!.waiting], [3, 2, 1]);
  abort.abort();
  wait(here!, "too late");
  await settle();
  assertEquals(outcomes.slice(2), [
    "h4 refused",
    ...["h1", "h2", "t1", "too late"].map((name) => `${name} AbortError`),
  ]);
  assertEquals([room.inAll, clock.pending], [0, 0]);
});

import { assertEquals } from "@std/assert";

import { Deadlines, type Due, NOWHERE } from "../../../server/connection/deadlines.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { seededRandom } from "../../support/random.ts";

/** Something that tells when it is due. */
class Waiter implements Due {
  place = NOWHERE;
  readonly #tell: (name: string) => void;

  constructor(readonly name: string, tell: (name: string) => void) {
    this.#tell = tell;
  }

  onDue(): void {
    this.#tell(this.name);
  }
}

/** Deadlines from second 0 on, and who was due, with the millisecond. */
function stage(): {
  clock: FakeClock;
  deadlines: Deadlines;
  told: string[];
  waiter: (name: string) => Waiter;
} {
  const clock = new FakeClock();
  const told: string[] = [];
  const waiter = (name: string): Waiter =>
    new Waiter(name, (name) => told.push(`${clock.monotonicMs()} ${name}`));
  return { clock, deadlines: new Deadlines(clock), told, waiter };
}

Deno.test("Deadlines: everybody is due once, in time, and nothing is left waiting", () => {
  const { clock, deadlines, told, waiter } = stage();
  for (const ms of [50, 10, 40, 20, 30]) deadlines.set(waiter("a"), ms);
  assertEquals(clock.pending, 1);
  clock.advance(1_000);
  assertEquals([told, clock.pending], [["10 a", "20 a", "30 a", "40 a", "50 a"], 0]);
});

Deno.test("Deadlines: one that is set anew is due then only, earlier or later", () => {
  const { clock, deadlines, told, waiter } = stage();
  const [a, b, c] = [waiter("a"), waiter("b"), waiter("c")];
  for (const each of [a, b, c]) deadlines.set(each, 100);
  deadlines.set(b, 200);
  deadlines.set(c, 50);
  clock.advance(1_000);
  assertEquals(told, ["50 c", "100 a", "200 b"]);
});

Deno.test("Deadlines: what is deleted is never due; the last one takes the timer with it", () => {
  const { clock, deadlines, told, waiter } = stage();
  const [a, b] = [waiter("a"), waiter("b")];
  deadlines.set(a, 10);
  deadlines.set(b, 20);
  deadlines.delete(a);
  deadlines.delete(a);
  clock.advance(15);
  assertEquals([told, clock.pending], [[], 1]);
  deadlines.delete(b);
  assertEquals(clock.pending, 0);
});

Deno.test("Deadlines: a time that has passed is due in a moment, fractions are never early", () => {
  const { clock, deadlines, told, waiter } = stage();
  clock.advance(100);
  deadlines.set(waiter("a"), 5);
  assertEquals(told, []);
  clock.advance(1);
  deadlines.set(waiter("b"), 110.25);
  clock.advance(9.5);
  assertEquals(told, ["101 a"]);
  clock.advance(1);
  assertEquals(told, ["101 a", "111 b"]);
});

Deno.test("Deadlines: who is due may set and delete others, and themselves", () => {
  const { clock, deadlines, told } = stage();
  const tell = (name: string): void => void told.push(`${clock.monotonicMs()} ${name}`);
  const victim = new Waiter("victim", tell);
  const again: Waiter = new Waiter("again", (name) => {
    tell(name);
    if (told.length < 4) deadlines.set(again, clock.monotonicMs() + 10);
  });
  const killer = new Waiter("killer", (name) => {
    tell(name);
    deadlines.delete(victim);
  });
  deadlines.set(killer, 10);
  deadlines.set(victim, 10);
  deadlines.set(again, 10);
  clock.advance(1_000);
  assertEquals(told.toSorted(), ["10 again", "10 killer", "20 again", "30 again"]);
  assertEquals(clock.pending, 0);
});

for (const seed of [1, 2, 3]) {
  Deno.test(`Deadlines: as a list that is searched whole does it, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const { clock, deadlines, told, waiter } = stage();
    const waiters = Array.from({ length: 40 }, (_, index) => waiter(String(index)));
    const model = new Map<string, number>();
    for (let step = 0; step < 3_000; step++) {
      const now = clock.monotonicMs();
      const one = waiters[below(waiters.length)]!;
      if (below(4) === 0) {
        deadlines.delete(one);
        model.delete(one.name);
      } else if (below(3) > 0) {
        const at = now + 1 + below(200);
        deadlines.set(one, at);
        model.set(one.name, at);
      } else {
        const until = now + below(20);
        clock.advance(until - now);
        const due = [...model].filter(([, at]) => at <= until);
        for (const [name] of due) model.delete(name);
        const byTime = due.map(([name, at]) => `${at} ${name}`).sort();
        assertEquals(told.splice(0).sort(), byTime);
      }
      assertEquals(clock.pending, Math.min(1, model.size));
    }
  });
}

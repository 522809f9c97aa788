import { assert, assertEquals } from "@std/assert";

import { ChangeQueue, type WaitingChange } from "../../../../server/store/archive/change_queue.ts";

const waiting = (asker: string, seq: number, message = ""): WaitingChange<never> => ({
  change: {
    ...{ conversation: 1, seq, asker, message, by: { account: asker, session: "" } },
    ...{ time: 0, since: 0 },
  },
  resolve: () => {},
  reject: () => {},
});

const namesOf = (some: readonly WaitingChange<never>[]): string[] =>
  some.map(({ change: { asker, seq } }) => `${asker}${seq}`);

Deno.test("each asker has one change in turn, in their order; who was served waits for the others", () => {
  const queue = new ChangeQueue<never>();
  assert(queue.isEmpty);
  for (let seq = 1; seq <= 4; seq++) queue.add(waiting("a", seq));
  queue.add(waiting("b", 1));
  queue.add(waiting("b", 2));
  const next = queue.next();
  assertEquals(namesOf(next), ["a1", "b1", "a2", "b2", "a3", "a4"]);
  assertEquals(queue.next(), next, "they go on waiting");
  queue.remove(next.slice(0, 1));
  queue.add(waiting("c", 1));
  assertEquals(namesOf(queue.next()), ["b1", "a2", "c1", "b2", "a3", "a4"]);
  queue.remove(queue.next().slice(0, 5));
  assertEquals(namesOf(queue.next()), ["a4"]);
  queue.remove(queue.next());
  assert(queue.isEmpty);
  assertEquals(queue.next(), []);
});

Deno.test("no more are handed over at once than a thread is quick with", () => {
  const queue = new ChangeQueue<never>();
  for (let seq = 1; seq <= 1_000; seq++) queue.add(waiting("a", seq));
  assertEquals(queue.next().length, 64);
  const long = new ChangeQueue<never>();
  for (let seq = 1; seq <= 100; seq++) long.add(waiting("a", seq, "x".repeat(4_096)));
  assertEquals(long.next().length, 5);
  const longest = new ChangeQueue<never>();
  longest.add(waiting("a", 1, "x".repeat(100_000)));
  assertEquals(longest.next().length, 1);
});

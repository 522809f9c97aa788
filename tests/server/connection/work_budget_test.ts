import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";

import { WorkBudget } from "../../../server/connection/work_budget.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

function budget(bytesPerSecond: number): { clock: FakeClock; work: WorkBudget } {
  const clock = new FakeClock();
  const turns = { others: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  return { clock, work: new WorkBudget({ bytesPerSecond, clock, turns }) };
}

Deno.test("WorkBudget: a burst of ten seconds, the last answer on credit, then nothing until that is paid", () => {
  const { clock, work } = budget(100);
  work.spend(999);
  assertEquals(work.isOpen, true);
  work.spend(500);
  assertEquals(work.isOpen, false);
  clock.advance(4_990);
  assertEquals(work.isOpen, false);
  clock.advance(10);
  assertEquals([work.isOpen, work.isFull], [true, false]);
  clock.advance(10_000);
  assertEquals(work.isFull, true);
});

Deno.test("WorkBudget: those who wait go on in their order, as far as it reaches, one in a turn", async () => {
  const { clock, work } = budget(100);
  work.spend(1_100);
  const went: string[] = [];
  const wait = (name: string, bytes: number): void =>
    work.wait(() => {
      went.push(name);
      work.spend(bytes);
    });
  wait("a", 50);
  wait("b", 300);
  wait("c", 1);
  assertEquals(clock.pending, 1);
  clock.advance(1_010);
  assertEquals(went, ["a"], "it is paid for before the next one");
  await settle();
  assertEquals([went, work.isOpen], [["a"], false]);
  clock.advance(500);
  await settle();
  assertEquals(went, ["a", "b"]);
  clock.advance(2_999);
  await settle();
  assertEquals([went, work.isOpen], [["a", "b"], false], "also closed to those who come now");
  clock.advance(20);
  await settle();
  assertEquals([went, clock.pending, work.isOpen], [["a", "b", "c"], 0, true]);
});

Deno.test("WorkBudget: who gives up waiting holds up nobody and leaves no timer", async () => {
  const { clock, work } = budget(100);
  work.spend(1_100);
  const went: string[] = [];
  const [a, b] = ["a", "b"].map((name) => (): void => void went.push(name));
  work.wait(a!);
  work.wait(b!);
  work.forget(a!);
  clock.advance(1_010);
  await settle();
  assertEquals([went, clock.pending], [["b"], 0]);
  work.spend(200);
  work.wait(a!);
  work.forget(a!);
  work.forget(a!);
  assertEquals(clock.pending, 0);
  work.wait(b!);
  clock.advance(10_000);
  await settle();
  assertEquals([went, work.isOpen], [["b", "b"], true]);
});

Deno.test("WorkBudget: sixteen requests are under way at once, since none of them is paid", async () => {
  const { clock, work } = budget(100);
  const answers = Array.from({ length: 16 }, () => Promise.withResolvers<void>());
  for (const { promise } of answers.slice(1)) work.follow(promise);
  assertEquals(work.isOpen, true);
  work.follow(answers[0]!.promise);
  assertEquals([work.isOpen, work.isFull], [false, false]);
  const went: string[] = [];
  for (const name of ["a", "b", "c"]) work.wait(() => went.push(name));
  await settle();
  clock.advance(60_000);
  assertEquals([went, clock.pending], [[], 0], "time alone changes nothing");
  answers[0]!.reject(new Error("no answer"));
  work.follow(new Promise(() => {})); // somebody was quicker
  await settle();
  assertEquals(went, []);
  answers[1]!.resolve();
  for (let turn = 0; turn < 3; turn++) await settle();
  assertEquals([went, work.isOpen], [["a", "b", "c"], true]);
  for (const { resolve } of answers) resolve();
});

Deno.test("WorkBudget: what was under way is paid before the next request goes on", async () => {
  const { clock, work } = budget(100);
  const answer = Promise.withResolvers<void>();
  const paid = answer.promise.then(() => work.spend(1_100));
  for (let n = 0; n < 15; n++) work.follow(new Promise(() => {}));
  work.follow(answer.promise);
  const went: string[] = [];
  work.wait(() => went.push("a"));
  answer.resolve();
  await paid;
  await settle();
  assertEquals([went, clock.pending], [[], 1]);
  clock.advance(1_010);
  await settle();
  assertEquals(went, ["a"]);
});

Deno.test("WorkBudget: 0 is no limit", () => {
  const { work } = budget(0);
  work.spend(1e12);
  for (let n = 0; n < 100; n++) work.follow(new Promise(() => {}));
  assertEquals([work.isOpen, work.isFull], [true, true]);
});

import { assertEquals } from "@std/assert";

import { Barrier } from "../../../server/cluster/barrier.ts";
import { settle } from "../../support/settle.ts";

Deno.test("who comes while the log is asked shares the next question, which is asked when that one is answered", async () => {
  const answers: ((seq: number) => void)[] = [];
  const log = { last: () => new Promise<number>((resolve) => answers.push(resolve)) };
  const reached: number[] = [];
  const barrier = new Barrier(log, (seq) => Promise.resolve(void reached.push(seq)));
  const passed: string[] = [];
  const pass = (name: string): void => void barrier.pass().then(() => passed.push(name));
  pass("first");
  await settle();
  for (const name of ["second", "third"]) pass(name);
  await settle();
  assertEquals(answers.length, 1);
  answers[0]!(5);
  await settle();
  assertEquals([passed, answers.length], [["first"], 2]);
  pass("fourth");
  answers[1]!(7);
  await settle();
  assertEquals([passed, reached], [["first", "second", "third"], [5, 7, 7]]);
  answers[2]!(9);
  await settle();
  assertEquals(passed.at(-1), "fourth");
});

Deno.test("a question that fails does not keep the next one back", async () => {
  let fails = true;
  const last = (): Promise<number> =>
    fails ? Promise.reject(new Error("no log")) : Promise.resolve(1);
  const barrier = new Barrier({ last }, () => Promise.resolve());
  const first = barrier.pass().catch(({ message }) => message);
  await settle();
  fails = false;
  assertEquals([await first, await barrier.pass()], ["no log", undefined]);
});

import { assertEquals, assertRejects } from "@std/assert";

import { type Asker, Questions } from "../../../../server/cluster/nats/questions.ts";
import { UnavailableError } from "../../../../server/cluster/operation_log.ts";
import { FakeClock } from "../../../support/fake_clock.ts";

/** Asks what has one answer. */
function ask(
  questions: Questions,
  node: string,
  seconds: number,
): { number: number; answer: Promise<unknown> } {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const take = (answer: unknown): boolean => (resolve(answer), false);
  return { number: questions.add(node, seconds, { take, fail: reject }), answer: promise };
}

Deno.test("each answer goes to its question, if it is of the node that was asked", async () => {
  const clock = new FakeClock();
  const questions = new Questions(clock);
  const [one, two] = [ask(questions, "a", 5), ask(questions, "b", 5)];
  questions.answer("a", two.number, "of another node");
  questions.answer("b", two.number, 2);
  questions.answer("b", two.number, "again");
  questions.answer("a", 99, "never asked");
  questions.answer("a", one.number, null);
  assertEquals([await one.answer, await two.answer], [null, 2]);
  assertEquals(clock.pending, 0);
});

Deno.test("without an answer a question fails, once", async () => {
  const clock = new FakeClock();
  const questions = new Questions(clock);
  const asked = ["a", "a", "b", "c"].map((node, i) => ask(questions, node, 1 + i));
  const failed = asked.map(({ answer }) => assertRejects(() => answer, UnavailableError));
  clock.advance(1_000);
  questions.fail("a", asked[1]!.number);
  questions.abandon("b has gone", "b");
  questions.abandon("the end");
  assertEquals((await Promise.all(failed)).map(({ message }) => message), [
    "node a did not answer within 1 s",
    "node a failed to answer",
    "b has gone",
    "the end",
  ]);
  assertEquals(clock.pending, 0);
});

Deno.test("what is answered in parts is waited for until the last of them, or fails for all that is missing", () => {
  const clock = new FakeClock();
  const questions = new Questions(clock);
  const heard: unknown[] = [];
  const asker = (left: number): Asker => ({
    take: (answer) => (heard.push(answer), --left > 0),
    fail: ({ message }) => heard.push(message),
  });
  const [one, two] = [questions.add("a", 5, asker(2)), questions.add("a", 5, asker(2))];
  questions.answer("a", one, "1 of one");
  questions.answer("a", two, "1 of two");
  questions.answer("a", one, "2 of one");
  questions.answer("a", one, "too many");
  clock.advance(5_000);
  questions.answer("a", two, "too late");
  assertEquals(heard, [
    ...["1 of one", "1 of two", "2 of one"],
    "node a did not answer within 5 s",
  ]);
  assertEquals(clock.pending, 0);
});

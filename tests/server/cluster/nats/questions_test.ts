import { assertEquals, assertRejects } from "@std/assert";

import { Questions } from "../../../../server/cluster/nats/questions.ts";
import { UnavailableError } from "../../../../server/cluster/operation_log.ts";
import { FakeClock } from "../../../support/fake_clock.ts";

Deno.test("each answer goes to its question, if it is of the node that was asked", async () => {
  const clock = new FakeClock();
  const questions = new Questions(clock);
  const [one, two] = [questions.add("a", 5), questions.add("b", 5)];
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
  const asked = ["a", "a", "b", "c"].map((node, i) => questions.add(node, 1 + i));
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

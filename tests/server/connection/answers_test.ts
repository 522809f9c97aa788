import { assertEquals } from "@std/assert";

import { type Answer, answer, type Commit } from "../../../server/answer.ts";
import { Answers } from "../../../server/connection/answers.ts";
import { settle } from "../../support/settle.ts";

const OK = answer(200, "ok");
const FAILED = answer(500, "failed");

/** Answers that note what is put out; errors named "given up" are nobody's. */
function noted(
  afterwards?: Promise<void>,
): { answers: Answers; out: [number, unknown][]; held(): number } {
  const out: [number, unknown][] = [];
  let held = 0;
  const answers = new Answers({
    put: ({ code }, id) => {
      out.push([code, id]);
      return afterwards;
    },
    failed: (error) => (error as Error).message === "given up" ? undefined : FAILED,
    hold: (bytes) => void (held += bytes),
  });
  return { answers, out, held: () => held };
}

Deno.test("Answers: what is known goes out at once where nothing waits", () => {
  const { answers, out } = noted();
  assertEquals(answers.now(OK, 1), undefined);
  assertEquals([out, answers.isEmpty], [[[200, 1]], true]);
});

Deno.test("Answers: what was asked, and when, goes with each answer, however late it is known", async () => {
  const asked: [string, number][] = [];
  const put = (_answer: Answer, _id: unknown, event: string, sinceMs: number): undefined =>
    void asked.push([event, sinceMs]);
  const answers = new Answers({ put, failed: () => FAILED, hold: () => {} });
  answers.now(OK, 1, "who", 5);
  answers.later(Promise.resolve(OK), 2, 10, "msg", 6);
  answers.later(Promise.reject(new Error("disk")), 3, 10, "ack", 7);
  answers.now(OK, 4, "msg", 8);
  answers.now(OK, undefined);
  await answers.settled();
  assertEquals(asked, [["who", 5], ["msg", 6], ["ack", 7], ["msg", 8], ["invalid", 0]]);
});

Deno.test("Answers: in the order of the requests, whichever is known first", async () => {
  const { answers, out } = noted();
  const first = Promise.withResolvers<Answer>();
  const third = Promise.withResolvers<Answer | Commit>();
  answers.later(first.promise, 1, 10);
  assertEquals(answers.now(OK, 2), undefined);
  answers.later(third.promise, 3, 10);
  answers.now(OK, 4);
  third.resolve(OK);
  await settle();
  assertEquals(out, []);
  first.resolve(OK);
  await answers.settled();
  assertEquals(out, [[200, 1], [200, 2], [200, 3], [200, 4]]);
  answers.now(OK, 5);
  assertEquals(out.length, 5);
});

Deno.test("Answers: a commit is carried out when its answer goes out, not before", async () => {
  const { answers, out } = noted();
  const first = Promise.withResolvers<Answer>();
  const committed: number[] = [];
  answers.later(first.promise, 1, 0);
  answers.later(
    Promise.resolve(() => {
      committed.push(out.length);
      return OK;
    }),
    2,
    0,
  );
  await settle();
  assertEquals(committed, []);
  first.resolve(OK);
  await answers.settled();
  assertEquals([committed, out], [[1], [[200, 1], [200, 2]]]);
});

Deno.test("Answers: a handler or a commit that fails is answered in its place, one that was given up is not", async () => {
  const { answers, out } = noted();
  const fail = (message: string): never => {
    throw new Error(message);
  };
  answers.later(Promise.resolve().then(() => fail("broken")), 1, 0);
  answers.later(Promise.resolve().then(() => fail("given up")), 2, 0);
  answers.later(Promise.resolve((): Answer => fail("broken commit")), 3, 0);
  answers.later(Promise.resolve(OK), 4, 0);
  await answers.settled();
  assertEquals(out, [[500, 1], [500, 3], [200, 4]]);
});

Deno.test("Answers: 64 requests or 64 Ki units of text may wait, and roomy tells when there are less", async () => {
  for (const [count, units] of [[64, 0], [2, 32_768]] as const) {
    const { answers, out, held } = noted();
    const waiting = Array.from({ length: count }, () => Promise.withResolvers<Answer>());
    for (const { promise } of waiting) {
      assertEquals(answers.isFull, false);
      answers.later(promise, undefined, units);
    }
    assertEquals([answers.isFull, held()], [true, count * units]);
    let isRoomy = false;
    answers.roomy().then(() => isRoomy = true);
    waiting[1]!.resolve(OK);
    await settle();
    assertEquals([isRoomy, out.length], [false, 0]);
    waiting[0]!.resolve(OK);
    await settle();
    assertEquals([isRoomy, out.length, answers.isFull], [true, 2, false]);
    for (const { resolve } of waiting) resolve(OK);
    await answers.settled();
    assertEquals([out.length, held()], [count, 0]);
  }
});

Deno.test("Answers: settled waits for what belongs to the last answer", async () => {
  const mail = Promise.withResolvers<void>();
  const { answers, out } = noted(mail.promise);
  answers.later(Promise.resolve(OK), 1, 0);
  let isSettled = false;
  const settled = answers.settled().then(() => isSettled = true);
  await settle();
  assertEquals([out, isSettled], [[[200, 1]], false]);
  mail.resolve();
  await settled;
});

Deno.test("Answers: known answers that wait for others count, too", async () => {
  const { answers, out } = noted();
  const first = Promise.withResolvers<Answer>();
  answers.later(first.promise, 0, 0);
  for (let id = 1; id < 63; id++) assertEquals(answers.now(OK, id), undefined);
  const roomy = answers.now(OK, 63);
  assertEquals([roomy instanceof Promise, answers.isFull], [true, true]);
  first.resolve(OK);
  await roomy;
  assertEquals([out.length, answers.isEmpty], [64, true]);
});

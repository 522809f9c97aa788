import { assertEquals, assertRejects } from "@std/assert";

import { Later } from "../../server/later.ts";

/** What a waiter is told. */
function heardOf<T>(later: Later<T>): unknown[] {
  const heard: unknown[] = [];
  later.tell({
    settled: (value) => heard.push(value),
    failed: (error) => heard.push((error as Error).message),
  });
  return heard;
}

Deno.test("Later: who waits is told in the very moment, before it is known or after", () => {
  for (const isEarly of [true, false]) {
    const [value, none, nothing] = [new Later<number>(), new Later<number>(), new Later<void>()];
    const know = (): void => {
      value.settle(7);
      none.fail(new Error("no"));
      nothing.settle();
    };
    if (!isEarly) know();
    const heard = [value, none, nothing].map((later) => heardOf<unknown>(later));
    if (isEarly) {
      assertEquals(heard, [[], [], []]);
      know();
    }
    assertEquals(heard, [[7], ["no"], [undefined]]);
  }
});

Deno.test("Later: what is made of it comes in its place, and what throws then is the error", () => {
  const later = (): Later<number>[] => [new Later<number>(), new Later<number>()];
  const [value, none] = later();
  const doubled = [value!, none!].map((it) => heardOf(it.map((n) => n * 2)));
  const [faulty] = later();
  const thrown = heardOf(faulty!.map(() => {
    throw new Error("no number");
  }));
  const [fine, mended] = later();
  const recovered = [fine!, mended!].map((it) => heardOf(it.recover(() => 0)));
  const [broken] = later();
  const worse = heardOf(broken!.recover((error) => {
    throw new Error(`worse than ${(error as Error).message}`);
  }));
  for (const it of [value!, faulty!, fine!]) it.settle(4);
  for (const it of [none!, mended!, broken!]) it.fail(new Error("no"));
  assertEquals([doubled, thrown, recovered, worse], [
    [[8], ["no"]],
    ["no number"],
    [[4], [0]],
    ["worse than no"],
  ]);
});

Deno.test("Later: it can be awaited like a promise", async () => {
  const later = new Later<number>();
  queueMicrotask(() => later.settle(7));
  assertEquals(await later, 7);
  const failing = new Later<number>();
  failing.fail(new Error("no"));
  await assertRejects(async () => await failing, Error, "no");
  const known = new Later<number>();
  known.settle(1);
  assertEquals(await known.then((n) => n + 1, () => 0), 2);
});

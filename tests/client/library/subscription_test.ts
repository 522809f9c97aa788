import { assertEquals, assertRejects } from "@std/assert";

import { Subscription } from "../../../client/library/subscription.ts";

/** A stream of numbers that are handed out as texts. */
function stream(
  options?: ConstructorParameters<typeof Subscription<number, string>>[1],
): Subscription<number, string> {
  return new Subscription((source) => String(source), options);
}

Deno.test("what is pushed before and after the consumer comes is handed out in order, then it ends", async () => {
  const numbers = stream();
  numbers.push({ source: 1 });
  assertEquals(numbers.queued, 1);
  assertEquals((await numbers.next()).value, "1");
  const waiting = [numbers.next(), numbers.next()];
  numbers.push({ source: 2 });
  numbers.push({ source: 3 });
  assertEquals((await Promise.all(waiting)).map(({ value }) => value), ["2", "3"]);
  numbers.push({ source: 4 });
  numbers.end();
  numbers.push({ source: 5 });
  const rest = [];
  for await (const text of numbers) rest.push(text);
  assertEquals(rest, ["4"]);
});

Deno.test("an error is thrown once, after the last item, at one consumer", async () => {
  const numbers = stream();
  numbers.push({ source: 1 });
  numbers.end(new Error("over"));
  assertEquals((await numbers.next()).value, "1");
  await assertRejects(() => numbers.next(), Error, "over");
  assertEquals((await numbers.next()).done, true);

  const others = stream();
  const [first, second] = [others.next(), others.next()];
  others.end(new Error("over"));
  await assertRejects(() => first, Error, "over");
  assertEquals((await second).done, true);
});

Deno.test("an item is dealt with when its consumer comes for the next one", async () => {
  const handled: number[] = [];
  const numbers = stream();
  for (const source of [1, 2]) {
    numbers.push({ source, onHandled: () => handled.push(source) });
  }
  await numbers.next();
  assertEquals(handled, []);
  await numbers.next();
  assertEquals(handled, [1]);
  numbers.next();
  assertEquals(handled, [1, 2]);
});

Deno.test("a consumer that leaves says what it had in hand and what it never took", async () => {
  const left: unknown[] = [];
  const numbers = stream({
    onLeave: (inHand, untaken) => left.push(inHand?.source, untaken.map(({ source }) => source)),
  });
  for (const source of [1, 2, 3]) numbers.push({ source });
  for await (const _ of numbers) break;
  assertEquals(left, [1, [2, 3]]);
  assertEquals([numbers.queued, (await numbers.next()).done], [0, true]);
});

Deno.test("a long queue keeps its order while it is taken and filled", async () => {
  const numbers = stream();
  let pushed = 0;
  for (; pushed < 1_000; pushed++) numbers.push({ source: pushed });
  for (let taken = 0; taken < 2_000; taken++) {
    assertEquals((await numbers.next()).value, String(taken));
    if (pushed < 2_000) numbers.push({ source: pushed++ });
  }
  assertEquals(numbers.queued, 0);
});

Deno.test("how much waits is known, in numbers and in size", async () => {
  const numbers = stream();
  for (const source of [1, 2, 3]) numbers.push({ source, size: source * 10 });
  numbers.push({ source: 4 });
  assertEquals([numbers.queued, numbers.queuedSize], [4, 60]);
  await numbers.next();
  assertEquals([numbers.queued, numbers.queuedSize], [3, 50]);
  await numbers.return();
  assertEquals([numbers.queued, numbers.queuedSize], [0, 0]);
  const waited = stream();
  const next = waited.next();
  waited.push({ source: 1, size: 10 });
  assertEquals([(await next).value, waited.queuedSize], ["1", 0]);
});

import { assert, assertEquals, assertThrows } from "@std/assert";

import {
  type Ends,
  isAsyncGenerator,
  isGenerator,
  watch,
  watchAsync,
} from "../../../logs/calls/generator_watch.ts";

/** Keeps how generators ended. */
class Told implements Ends {
  readonly ends: unknown[] = [];

  returned(value: unknown, { yielded }: { yielded: number }): void {
    this.ends.push(["returned", value, yielded]);
  }

  threw(error: unknown, { yielded }: { yielded: number }): void {
    this.ends.push(["threw", (error as Error).message, yielded]);
  }

  closed({ yielded }: { yielded: number }): void {
    this.ends.push(["closed", yielded]);
  }
}

function* count(to: number): Generator<number, string, unknown> {
  for (let n = 1; n <= to; n++) yield n;
  return "done";
}

async function* countLater(to: number): AsyncGenerator<number> {
  for (let n = 1; n <= to; n++) yield await Promise.resolve(n);
  throw new Error("no more");
}

Deno.test("a generator's end is told once: returned, thrown or given up", () => {
  const told = new Told();
  assertEquals([...watch(count(3), told)], [1, 2, 3]);
  for (const value of watch(count(3), told)) if (value === 2) break;
  const thrown = watch(count(3), told);
  thrown.next();
  assertThrows(() => thrown.throw(new Error("stop")), Error, "stop");
  assertEquals(thrown.next(), { value: undefined, done: true });
  assertEquals(told.ends, [["returned", "done", 3], ["closed", 2], ["threw", "stop", 1]]);
});

Deno.test("an async generator's end is told once", async () => {
  const told = new Told();
  for await (const value of watchAsync(countLater(3), told)) if (value === 1) break;
  const all: unknown[] = [];
  try {
    for await (const value of watchAsync(countLater(2), told)) all.push(value);
  } catch (error) {
    all.push((error as Error).message);
  }
  assertEquals(all, [1, 2, "no more"]);
  assertEquals(told.ends, [["closed", 1], ["threw", "no more", 2]]);
});

Deno.test("generators are told from everything else that iterates", () => {
  assert(isGenerator(count(1)) && !isAsyncGenerator(count(1)));
  assert(isAsyncGenerator(countLater(1)) && !isGenerator(countLater(1)));
  for (const other of [[1], new Map().values(), count, null, undefined, "text"]) {
    assert(!isGenerator(other) && !isAsyncGenerator(other));
  }
});

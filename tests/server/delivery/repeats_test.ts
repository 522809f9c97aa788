import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";

import { fingerprintOf, Repeats } from "../../../server/delivery/repeats.ts";

Deno.test("fingerprintOf: each part of a request counts, a lone surrogate too; only a text is an id", () => {
  const parts = { from: "eve", to: "bob", id: "1", textJson: '"hi"' };
  const first = fingerprintOf(parts);
  assertEquals(fingerprintOf({ ...parts }), first);
  const others = [
    { from: "ev", to: "ebob" },
    { to: "bo" },
    { id: "2" },
    { textJson: JSON.stringify("\ud800") },
    { textJson: JSON.stringify("\ud801") },
  ].map((other) => fingerprintOf({ ...parts, ...other }));
  assertEquals(new Set([first, ...others]).size, 6);
  assertEquals(fingerprintOf({ ...parts, id: 1 }), undefined);
  assertEquals(fingerprintOf({ ...parts, id: undefined }), undefined);
  assertNotEquals(first, undefined);
});

Deno.test("Repeats: the same is done once while it is under way, and again afterwards, also if it fails", async () => {
  const repeats = new Repeats<number>();
  const work: PromiseWithResolvers<number>[] = [];
  const ask = (fingerprint?: string): Promise<number> =>
    repeats.once(fingerprint, () => {
      work.push(Promise.withResolvers());
      return work.at(-1)!.promise;
    });
  const both = Promise.all([ask("a"), ask("a")]);
  const other = ask("b");
  const free = [ask(), ask()];
  assertEquals(work.length, 4);
  work.forEach(({ resolve }, n) => resolve(n));
  assertEquals([await both, await other, await Promise.all(free)], [[0, 0], 1, [2, 3]]);
  const failing = [ask("a"), ask("a")];
  work.at(-1)!.reject(new Error("no disk"));
  for (const one of failing) await assertRejects(() => one, Error, "no disk");
  ask("a");
  assertEquals(work.length, 6);
});

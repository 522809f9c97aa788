import { assertEquals } from "@std/assert";

import { BoundedMap } from "../../../client/library/bounded_map.ts";
import { seededRandom } from "../../support/random.ts";

Deno.test("a map forgets its oldest entries, by their number and by the length of their keys", () => {
  const map = new BoundedMap<number>({ entries: 3, units: 10 });
  for (const [value, key] of ["a", "b", "c", "d"].entries()) map.set(key, value);
  map.set("b", 7);
  assertEquals([...map.entries()], [["b", 7], ["c", 2], ["d", 3]]);
  assertEquals([map.size, map.has("a"), map.get("a"), map.get("d")], [3, false, undefined, 3]);
  map.set("123456789", 8);
  assertEquals([...map.values()], [3, 8]);
  map.delete("d");
  map.delete("never there");
  map.set("x", 9);
  assertEquals([...map.values()], [8, 9], "the key that was deleted no longer counts");
  map.set("longer than all", 0);
  assertEquals(map.size, 0);
  map.set("y", 1);
  map.clear();
  map.set("0123456789", 2);
  assertEquals([...map.values()], [2]);
});

Deno.test("a map that forgets does what a list of its entries does, in any order of calls", () => {
  const random = seededRandom(11);
  const map = new BoundedMap<number>({ entries: 20, units: 60 });
  let list: [string, number][] = [];
  const units = (): number => list.reduce((sum, [key]) => sum + key.length, 0);
  for (let step = 0; step < 20_000; step++) {
    const key = "k".repeat(Math.floor(random() * 3)) + Math.floor(random() * 60);
    if (random() < 0.001) {
      map.clear();
      list = [];
    } else if (random() < 0.2) {
      map.delete(key);
      list = list.filter(([other]) => other !== key);
    } else {
      map.set(key, step);
      const known = list.find(([other]) => other === key);
      if (known === undefined) list.push([key, step]);
      else known[1] = step;
      while (list.length > 20 || units() > 60) list.shift();
    }
    // As text, since comparing 20 000 lists value by value takes a second.
    assertEquals(JSON.stringify([...map.entries()]), JSON.stringify(list), `step ${step}`);
  }
});

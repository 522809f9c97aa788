import { assertEquals } from "@std/assert";

import { OwnNumbers } from "../../../../server/cluster/nats/own_numbers.ts";

function numbers() {
  const differ: [acknowledged: number, read: number][] = [];
  return { own: new OwnNumbers((...pair) => differ.push(pair)), differ };
}

Deno.test("an entry that is read under the number that was acknowledged is as it should be, whichever comes first", () => {
  const { own, differ } = numbers();
  own.expect("a-1");
  own.acknowledged("a-1", 7);
  own.read("a-1", 7);
  own.expect("a-2");
  own.read("a-2", 8);
  own.acknowledged("a-2", 8);
  assertEquals(differ, []);
});

Deno.test("an entry with two numbers is told of once, whichever comes first", () => {
  const { own, differ } = numbers();
  own.expect("a-1");
  own.acknowledged("a-1", 7);
  own.read("a-1", 8);
  own.read("a-1", 9);
  own.expect("a-2");
  own.read("a-2", 10);
  own.acknowledged("a-2", 9);
  assertEquals(differ, [[7, 8], [9, 10]]);
});

Deno.test("entries of other nodes, and what was never read, are no concern", () => {
  const { own, differ } = numbers();
  own.read("b-1", 1);
  own.acknowledged("b-1", 2);
  own.expect("a-0");
  for (let i = 1; i <= 10_000; i++) own.expect(`a-${i}`);
  own.acknowledged("a-0", 1);
  own.read("a-0", 2);
  own.acknowledged("a-1", 3);
  own.read("a-1", 4);
  assertEquals(differ, [[3, 4]]);
});

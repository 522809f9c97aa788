import { assertEquals } from "@std/assert";

import { ConversationNumbers } from "../../../client/chat/conversation_numbers.ts";

function numbersOf(...names: string[]): ConversationNumbers {
  const numbers = new ConversationNumbers();
  for (const name of names) numbers.add(name);
  return numbers;
}

Deno.test("a conversation keeps its number; one that is over leaves it to the next", () => {
  const numbers = numbersOf("#dev", "bob", "анна", "BOB");
  numbers.remove("Bob");
  numbers.remove("nobody");
  assertEquals([numbers.of("АННА"), numbers.of("bob"), numbers.at(2)], [3, undefined, undefined]);
  numbers.add("zoe");
  numbers.add("kim");
  assertEquals(numbers.all.map(({ number, name }) => `${number}:${name}`), [
    "1:#dev",
    "2:zoe",
    "3:анна",
    "4:kim",
  ]);
});

Deno.test("the next one and the one before go round, over what is missing", () => {
  const numbers = numbersOf("a", "b", "c");
  numbers.remove("b");
  assertEquals(["a", "C", undefined, "b"].map((name) => numbers.neighbour(name, 1)), [
    "c",
    "a",
    "a",
    "a",
  ]);
  assertEquals(["a", "c", undefined].map((name) => numbers.neighbour(name, -1)), ["c", "a", "c"]);
  assertEquals(numbersOf("a").neighbour("a", 1), undefined);
  assertEquals(numbersOf().neighbour(undefined, -1), undefined);
});

Deno.test("there are 99 numbers, whoever writes", () => {
  const numbers = numbersOf(...Array.from({ length: 200 }, (_, i) => `user${i}`));
  assertEquals([numbers.all.length, numbers.of("user98"), numbers.of("user99")], [
    99,
    99,
    undefined,
  ]);
});

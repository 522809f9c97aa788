import { assertEquals } from "@std/assert";

import { wordAfter, wordBefore } from "../../../client/terminal/words.ts";

/** The cursor's way through a text. */
function way(text: string, step: (text: string, cursor: number) => number, from: number): number[] {
  const places: number[] = [];
  for (let at = step(text, from); at !== places.at(-1) && at !== from; at = step(text, at)) {
    places.push(at);
  }
  return places;
}

Deno.test("words are of any script; what stands between them goes with them, a line break by itself", () => {
  const text = "see #Чай, 日本 e\u0301té\n\n  x";
  assertEquals(way(text, wordBefore, text.length), [21, 19, 18, 17, 13, 10, 8, 5, 4, 0]);
  assertEquals(way(text, wordAfter, 0), [3, 5, 8, 9, 12, 17, 18, 19, 22]);
  assertEquals([wordBefore("", 0), wordAfter("a", 1)], [0, 1]);
});

Deno.test("a word without an end is gone through in pieces", () => {
  assertEquals(wordBefore("x".repeat(1_500), 1_500), 500);
  assertEquals(wordAfter("x".repeat(1_500), 0), 1_000);
});

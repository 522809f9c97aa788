import { assertEquals } from "@std/assert";

import { durationInWords } from "../../common/duration.ts";

Deno.test("durationInWords: the two largest units, never less than it is, at least a second", () => {
  const cases: [seconds: number, words: string][] = [
    [-5, "1 s"],
    [0, "1 s"],
    [0.2, "1 s"],
    [1, "1 s"],
    [1.01, "2 s"],
    [59, "59 s"],
    [59.5, "1 min"],
    [60, "1 min"],
    [61, "1 min 1 s"],
    [3_599, "59 min 59 s"],
    [3_599.5, "1 h"],
    [3_601, "1 h 1 min"],
    [7_140, "1 h 59 min"],
    [7_199, "2 h"],
    [86_399, "1 d"],
    [86_400, "1 d"],
    [90_001, "1 d 2 h"],
    [86_400 * 2 - 1, "2 d"],
    [315_360_000, "3650 d"],
  ];
  for (const [seconds, words] of cases) assertEquals(durationInWords(seconds), words, `${seconds}`);
});

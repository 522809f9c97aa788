import { assertEquals } from "@std/assert";

import { durationWords, remainingWords } from "../../../client/texts/duration_words.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

const [en, ru] = [speakerOf("en"), speakerOf("ru")];

Deno.test("a duration is said exactly, with as many units as it has", () => {
  const cases: [seconds: number, english: string, russian: string][] = [
    [0, "0 s", "0 с"],
    [0.2, "1 s", "1 с"],
    [10, "10 s", "10 с"],
    [90, "1 min 30 s", "1 мин 30 с"],
    [600, "10 min", "10 мин"],
    [5_400, "1 h 30 min", "1 ч 30 мин"],
    [86_400, "1 day", "1 день"],
    [176_400, "2 days 1 h", "2 дня 1 ч"],
    [604_800, "7 days", "7 дней"],
  ];
  for (const [seconds, english, russian] of cases) {
    assertEquals([durationWords(seconds, en), durationWords(seconds, ru)], [english, russian]);
  }
});

Deno.test("what is left is said no more exactly than one wants to know, rounded up", () => {
  const cases: [seconds: number, words: string][] = [
    [1, "1 s"],
    [59.5, "1 min"],
    [60, "1 min"],
    [61, "1 min"],
    [62, "2 min"],
    [239, "4 min"],
    [7_199, "2 h"],
    [5_342, "1 h 30 min"],
    [86_399, "1 day"],
    [90_000, "1 day 1 h"],
    [90_002, "1 day 2 h"],
  ];
  for (const [seconds, words] of cases) assertEquals(remainingWords(seconds, en), words);
});

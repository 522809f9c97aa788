import { assertEquals } from "@std/assert";

import { readDuration } from "../../../client/chat/read_duration.ts";
import { LIMITS } from "../../../common/limits.ts";

/** Seconds and what is left of the text, or what it is instead. */
function read(text: string, max: number = LIMITS.maxSanctionSeconds): string {
  const duration = readDuration(text, max);
  switch (duration.kind) {
    case "some":
      return `${duration.seconds}|${duration.rest}`;
    case "none":
      return "none";
    case "wrong":
      return `wrong ${duration.word}`;
  }
}

Deno.test("durations are read as people write them, in Latin and in Russian letters", () => {
  const cases: [text: string, read: string][] = [
    ["90s", "90|"],
    ["10m", "600|"],
    ["10min", "600|"],
    ["2h", "7200|"],
    ["3d", "259200|"],
    ["1w", "604800|"],
    ["1h30m", "5400|"],
    ["1d2h3m4s", "93784|"],
    ["2H spam", "7200|spam"],
    ["  2h   spam  and more ", "7200|spam  and more "],
    ["90с", "90|"],
    ["10м", "600|"],
    ["10мин реклама", "600|реклама"],
    ["2ч", "7200|"],
    ["3д", "259200|"],
    ["1н", "604800|"],
    ["1ч30м", "5400|"],
    ["2 hours", "7200|"],
    ["1 hour of peace", "3600|of peace"],
    ["30 min", "1800|"],
    ["2 weeks off", "1209600|off"],
    ["2 часа", "7200|"],
    ["5 минут тишины", "300|тишины"],
    ["1 неделю", "604800|"],
    ["7 дней", "604800|"],
    ["10 секунд", "10|"],
  ];
  for (const [text, expected] of cases) assertEquals([text, read(text)], [text, expected]);
});

Deno.test("what begins with a digit and is no duration is neither one nor a reason", () => {
  const cases: [text: string, read: string][] = [
    ["2", "wrong 2"],
    ["2 strikes", "wrong 2"],
    ["2x", "wrong 2x"],
    ["2hh", "wrong 2hh"],
    ["2h!", "wrong 2h!"],
    ["2h,", "wrong 2h,"],
    ["1.5h", "wrong 1.5h"],
    ["-2h", "wrong -2h"],
    ["+2h", "wrong +2h"],
    ["0s", "wrong 0s"],
    ["0 days", "wrong 0 days"],
    ["30m1h", "wrong 30m1h"],
    ["1h1h", "wrong 1h1h"],
    ["1h 30m", "wrong 1h 30m"],
    ["1 hour 30 minutes of it", "wrong 1 hour 30 minutes"],
    // "с" is also Russian for "with".
    ["2 с половиной", "wrong 2"],
    ["2 h", "wrong 2"],
    ["2\u00a0", "wrong 2"],
    ["٢h", "wrong ٢h"],
    ["11y", "wrong 11y"],
    ["3650d", "315360000|"],
    ["3651d", "wrong 3651d"],
    ["9999999999999s", "wrong 9999999999999s"],
    ["1e3s", "wrong 1e3s"],
    ["0x10s", "wrong 0x10s"],
  ];
  for (const [text, expected] of cases) assertEquals([text, read(text)], [text, expected]);
  assertEquals([read("1h", 3_600), read("61m", 3_600)], ["3600|", "wrong 61m"]);
});

Deno.test("other words are no duration", () => {
  const texts = ["", "  ", "spam", "h2", "для всех", "#dev 2h", "hour", "(2h)"];
  for (const text of texts) assertEquals([text, read(text)], [text, "none"]);
});

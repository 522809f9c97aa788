import { assertEquals } from "@std/assert";

import { HistorySearch } from "../../../client/terminal/history_search.ts";

const HISTORY = ["чат #Ёлка", "who", "message bob Hi", "ещё раз", "message eve hi\nthere"];

/** What is shown after each key; `^r` is with Ctrl. */
function press(search: HistorySearch, ...keys: string[]): string[] {
  return keys.map((key) => {
    const step = key.startsWith("^")
      ? search.press(undefined, { name: key.slice(1), ctrl: true })
      : search.press([...key].length === 1 ? key : undefined, { name: key });
    const { hit, isFailing, query } = search;
    const shown = hit && `${hit.text.slice(0, hit.cursor)}|${hit.text.slice(hit.cursor)}`;
    return step === "stays" ? `${isFailing ? "!" : ""}${query}: ${shown ?? ""}` : step;
  });
}

Deno.test("each character narrows it; Ctrl-R goes to older entries, Ctrl-S to newer ones", () => {
  const search = new HistorySearch(HISTORY);
  assertEquals(press(search, "M", "h", "backspace", " ", "^r", "^r", "^s", "^s"), [
    "M: |message bob Hi",
    "!Mh: message bob Hi|",
    "M: |message bob Hi",
    "!M : message bob Hi|",
    "!M : message bob Hi|",
    "!M : message bob Hi|",
    "!M : message bob Hi|",
    "!M : message bob Hi|",
  ]);
  assertEquals(press(search, "^u", "h", "i", "^r", "^r", "^s", "^s", "up", "down"), [
    ": ",
    "h: w|ho",
    "hi: message bob |Hi",
    "hi: message eve |hi\nthere",
    "!hi: message eve |hi\nthere",
    "hi: message bob |Hi",
    "!hi: message bob |Hi",
    "hi: message eve |hi\nthere",
    "hi: message bob |Hi",
  ]);
});

Deno.test("case and the dots of ё do not matter", () => {
  assertEquals(press(new HistorySearch(HISTORY), "е", "Щ", "е"), [
    "е: чат #|Ёлка",
    "еЩ: |ещё раз",
    "еЩе: |ещё раз",
  ]);
});

Deno.test("Ctrl-R alone looks once more for what was looked for before", () => {
  assertEquals(press(new HistorySearch(HISTORY, "bob"), "^r", "backspace"), [
    "bob: message |bob Hi",
    "bo: message |bob Hi",
  ]);
  assertEquals(press(new HistorySearch(HISTORY), "^r"), [": "]);
});

Deno.test("some keys take what was found, some leave the input as it was", () => {
  for (
    const [key, step] of [
      ["return", "takes"],
      ["newline", "takes"],
      ["left", "takes and presses"],
      ["^a", "takes and presses"],
      ["tab", "takes and presses"],
      ["pageup", "takes and presses"],
      ["escape", "leaves"],
      ["^g", "leaves"],
      ["^c", "leaves"],
    ] as const
  ) {
    assertEquals([key, ...press(new HistorySearch(HISTORY), "w", key)], [key, "w: |who", step]);
  }
});

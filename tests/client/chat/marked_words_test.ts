import { assertEquals } from "@std/assert";

import { markWords } from "../../../client/chat/marked_words.ts";

/** The text with marks as `[word]`. */
function marked(text: string, query: string): string {
  return markWords(text, query)
    .map((piece) => piece.isMarked ? `[${piece.text}]` : piece.text).join("");
}

Deno.test("words are marked as a server finds them: whole, but for case, accents, ё and a *", () => {
  const cases: [text: string, query: string, marked: string][] = [
    ["Lunch at five, lunches at six", "lunch", "[Lunch] at five, lunches at six"],
    ["Lunch at five, lunches at six", "lunch*", "[Lunch] at five, [lunches] at six"],
    ["Ёлка и елка", "елка", "[Ёлка] и [елка]"],
    ["café CAFE\u0301", "cafe", "[café] [CAFE\u0301]"],
    ["one two three", '"two three" one', "[one] [two] [three]"],
    ["a\nb\t c", "b", "a [b] c"],
    ["nothing", "***", "nothing"],
    ["", "x", ""],
  ];
  for (const [text, query, expected] of cases) assertEquals(marked(text, query), expected);
});

Deno.test("of a long text the part around the first word is shown, broken between words", () => {
  const text = `${"before ".repeat(100)}lunch ${"after ".repeat(100)}`;
  const shown = marked(text, "lunch");
  assertEquals(/^… (before ){5,}\[lunch\] (after )+after …$/.test(shown), true, shown);
  assertEquals(shown.length < 220, true);
});

Deno.test("of a text that is no message only the beginning is looked at", () => {
  const pieces = markWords("a ".repeat(2_000_000) + "lunch", "lunch");
  assertEquals(pieces.map(({ isMarked }) => isMarked), [false, false]);
});

Deno.test("no character is torn where a text is cut", () => {
  for (let i = 0; i < 4; i++) {
    const pieces = markWords(
      "x".repeat(i) + "🚀".repeat(300) + " lunch " + "🚀".repeat(300),
      "lunch",
    );
    for (const { text } of pieces) assertEquals(text.isWellFormed(), true);
  }
});

import { assert, assertEquals } from "@std/assert";
import stringWidth from "string-width";

import { type Line, line, paint, span } from "../../../client/chat/styled_line.ts";
import { nameColour, themeOf } from "../../../client/chat/theme.ts";
import { wrapLine } from "../../../client/terminal/wrap.ts";
import { seededRandom } from "../../support/random.ts";

const BAR = "           │ ";

function message(text: string, from = "bob"): Line {
  const spans = [span("[12:43:00] ", "faint"), span(from, "name"), span(": "), span(text)];
  return { kind: "message", spans, indent: BAR };
}

function rows(line: Line, columns: number): string[] {
  return wrapLine(line, columns).map((row) => paint(row));
}

Deno.test("words are kept whole, further rows begin with the indent", () => {
  assertEquals(
    rows(message("one two three four five six"), 31),
    [
      "[12:43:00] bob: one two three",
      `${BAR}four five six`,
    ].map((row, index) => index === 0 ? `${row} ` : row),
  );
  assertEquals(rows(line("info", "  who  who is there now"), 19), [
    "  who  who is ",
    "      there now",
  ]);
  assertEquals(rows(line("info", "short"), 17), ["short"]);
});

Deno.test("padding brings no text to where a sender stands", () => {
  assertEquals(
    rows(message(" ".repeat(58) + "[12:44:00] eve: I quit"), 80),
    [
      "[12:43:00] bob: " + " ".repeat(58),
      `${BAR}[12:44:00] eve: I quit`,
    ].map((row, index) => index === 0 ? row + "" : row),
  );
});

Deno.test("a word that is longer than a row is broken, with the indent; so are words without spaces", () => {
  assertEquals(rows(message("a".repeat(40)), 31), [
    "[12:43:00] bob: " + "a".repeat(14),
    BAR + "a".repeat(17),
    BAR + "a".repeat(9),
  ]);
  assertEquals(rows(message("日本語日本語日本語"), 31), [
    "[12:43:00] bob: 日本語日本語日",
    `${BAR}本語`,
  ]);
});

Deno.test("a character counts as wide as the terminal that knows least shows it", () => {
  for (const char of ["👨‍👩‍👧", "\u3164", "\u00ad", "❤️"]) {
    const [first] = rows(message(char.repeat(40)), 40);
    const shown = first!.slice("[12:43:00] bob: ".length);
    const width = { "👨‍👩‍👧": 6, "\u3164": 2, "\u00ad": 1, "❤️": 2 }[char]!;
    assertEquals([char, shown], [char, char.repeat(Math.floor(23 / width))]);
  }
  const endless = rows(message("👨\u200d".repeat(40)), 40);
  assertEquals(endless[0], "[12:43:00] bob: " + "👨\u200d".repeat(11));
});

Deno.test("a name has one colour, also if it is broken", () => {
  const theme = themeOf("auto")!;
  const painted = wrapLine(message("hi", "a".repeat(20)), 15)
    .map((row) => paint(row, theme)).join("");
  const colours = [...painted.matchAll(/\[(38;5;\d+)m/g)].map(([, colour]) => colour);
  assert(colours.length > 1);
  assertEquals(new Set(colours), new Set([nameColour("a".repeat(20), theme)]));
});

Deno.test("a listing is broken anywhere, and keeps its spaces", () => {
  const code = { ...message("if a:      return b"), isCode: true };
  assertEquals(rows(code, 30), ["[12:43:00] bob: if a:      re", `${BAR}turn b`]);
  const wide = { ...message("日本語日本語日本語    x"), isCode: true };
  assertEquals(
    rows(wide, 31).join("").replaceAll(BAR, ""),
    "[12:43:00] bob: 日本語日本語日本語    x",
  );
});

Deno.test("an address that fits into a row is kept whole; the parts of a longer one know what they are", () => {
  const linksOf = (text: string, columns: number): (string | undefined)[] =>
    wrapLine(message(text), columns)
      .flatMap(({ spans }) => spans.filter(({ text }) => text.includes("x")))
      .map(({ link }) => link);
  assertEquals(rows(message("see http://a.org/xxxx"), 33), [
    "[12:43:00] bob: see ",
    `${BAR}http://a.org/xxxx`,
  ]);
  assertEquals(linksOf("see http://a.org/xxxx", 33), [undefined]);
  const address = `https://a.org/${"x".repeat(40)}?q=(x)`;
  for (const [before, behind] of [["", ""], ["(", ")."], ["🙂", ","], ["«", "»"]]) {
    const links = linksOf(`see ${before}${address}${behind} now`, 40);
    const [first] = links;
    assert(links.length > 1 && links.every((link) => link === first));
    assertEquals(first?.replace(/\)$/, ""), address.replace(/\)$/, ""));
  }
  assertEquals(linksOf("x".repeat(90), 40).every((link) => link === undefined), true);
  const hostile = "https://a.org/x\u{202e}".padEnd(60, "x\x1b");
  assert(linksOf(hostile, 30).every((link) => /^[!-~]*$/.test(link ?? "")));
});

Deno.test("a line that is to be one row is cut", () => {
  const text = "日本語 and 👨‍👩‍👧 and more";
  const cut = (columns: number): string =>
    rows({ ...line("info", text), isOneRow: true }, columns).join("|");
  assertEquals([80, 20, 15, 8, 3].map(cut), [
    text,
    "日本語 and 👨‍👩‍👧 …",
    "日本語 and …",
    "日本語…",
    "…",
  ]);
});

Deno.test("at every width all is shown, no row is too wide, and only the first begins at the edge", () => {
  const random = seededRandom(10);
  const parts = ["a", "word", " ", "   ", "日本", "🚀", "👨‍👩‍👧", "e\u0301", "x".repeat(30), ":"];
  for (let round = 0; round < 500; round++) {
    const text = Array.from(
      { length: Math.floor(random() * 40) },
      () => parts[Math.floor(random() * parts.length)]!,
    ).join("");
    const columns = 7 + Math.floor(random() * 80);
    const wrapped = rows(message(text), columns);
    assert(wrapped.every((row) => stringWidth(row) < columns));
    assert(
      wrapped.slice(1).every((row) => row.startsWith("           │ ") || row.startsWith("│ ")),
    );
    const dense = (text: string): string => text.replace(/[ │]/g, "");
    assertEquals(dense(wrapped.join("")), dense(`[12:43:00] bob: ${text}`));
  }
});

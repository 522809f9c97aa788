import { assert, assertEquals, assertNotEquals } from "@std/assert";

import { hasTerms, parseQuery, tokenize } from "../../../server/store/search_text.ts";
import { seededRandom } from "../../support/random.ts";

/** Texts and their words. */
const EXAMPLES: Record<string, string> = {
  // Russian and its neighbours: ё is е, й is no и.
  "Ёлка, ёж и ЙОД": "елка еж и йод",
  "пои\u0306ма\u0301й": "поймай",
  "Їжак — у лісі": "іжак у лісі",
  "«Кавычки» и – тире": "кавычки и тире",
  // Latin letters with all that hangs on them.
  "Café déjà-vu, naïve": "cafe deja vu naive",
  "Straße STRASSE ẞ ﬁn": "strasse strasse ss fin",
  "Łódź, København, Đà Nẵng": "lodz kobenhavn da nang",
  "İstanbul ISPARTA ısparta": "istanbul isparta isparta",
  "x² Ⅳ ① ｆｕｌｌ": "x2 iv 1 full",
  "don't co\u00adoperate": "don t cooperate",
  // Greek: three sigmas are one.
  "Ὀδυσσεύς ΟΔΥΣΣΕΎΣ": "οδυσσευσ οδυσσευσ",
  // Hebrew and Arabic: no points, no stretching.
  "שָׁלוֹם": "שלום",
  "أَهْلًا مـرحـبا": "اهلا مرحبا",
  // In Devanagari marks are vowels.
  "हिन्दी में": "हिन्दी में",
  // Written without spaces: a word each. Voicing is kept, also that of halfwidth forms.
  "東京タワーに行く": "東 京 タ ワ ー に 行 く",
  "ｶﾞ が か": "ガ が か",
  "한국어": "한 국 어",
  "iPhone手机": "iphone 手 机",
  "สวัสดี": "ส ว ั ส ด ี",
  "ខ្មែរ": "ខ ្ ម ែ រ",
  // Emoji, whatever modifies and joins them.
  "👍🏽 ❤️ 👨‍👩‍👧 🇷🇺 1️⃣": "👍 ❤ 👨 👩 👧 🇷🇺 1",
  // What is found by its parts.
  "https://example.org/a_b?c=d#e": "https example org a b c d e",
  "#tag @name foo.bar foo-bar foo_bar": "tag name foo bar foo bar foo bar",
  "2026-03-01 3.14 ٣": "2026 03 01 3 14 ٣",
  "a\u200bb": "a b",
  // Nothing to find.
  "": "",
  "?! \ud800 \0 \u3164": "",
};

/** Queries and what is looked for: terms with `|` between, words with `+`, a star behind a prefix. */
const QUERIES: Record<string, string | undefined> = {
  "Кот  Ёж": "кот|еж",
  "foo.bar": "foo+bar",
  "https://example.org/": "https+example+org",
  "@name #tag": "name|tag",
  "東京": "東+京",
  "пой*": "пой*",
  "foo.ba*": "foo+ba*",
  "foo-*": "foo*",
  "f*o": "f+o",
  "*foo": "foo",
  "foo *": "foo",
  '"in order" x': "in+order|x",
  '"in ord"*': "in+ord*",
  '"in ord*"': "in+ord",
  'x "not closed': "x|not+closed",
  '"not clos*': "not+clos*",
  'a"b c"d': "a|b+c|d",
  '"" a """': "a",
  "＂ａ ｂ＂ ｃ＊": "a+b|c*",
  "pizza 🍕": "pizza|🍕",
  'x" OR words: NOT (y) ^z + - {a} : NEAR(b, 2)': "x|or+words+not+y+z+a+near+b+2",
  "twice Twice twi* twi*": "twice|twi*",
  "": undefined,
  "***": undefined,
  '"': undefined,
  "🍕": undefined,
  "- _ .": undefined,
};

function notation(text: string): string | undefined {
  return parseQuery(text)?.map(({ words, isPrefix }) => words.join("+") + (isPrefix ? "*" : ""))
    .join("|");
}

Deno.test("the words of texts in many languages", () => {
  for (const [text, words] of Object.entries(EXAMPLES)) {
    assertEquals(tokenize(text).join(" "), words, text);
  }
});

Deno.test("what queries look for", () => {
  for (const [text, terms] of Object.entries(QUERIES)) assertEquals(notation(text), terms, text);
});

Deno.test("й is a letter of its own", () => {
  assertNotEquals(tokenize("мой"), tokenize("мои"));
  assertEquals(tokenize("МОИ\u0306"), tokenize("мой"));
});

Deno.test("a word of any length is found whole and by its beginning", () => {
  const long = "x".repeat(4_096);
  const words = tokenize(long);
  assert(words.every((word) => word.length <= 64));
  assertEquals(words.join(""), long);
  assertEquals(
    parseQuery(long.slice(0, 200))?.[0]?.words,
    words.slice(0, 4).with(3, "x".repeat(8)),
  );
});

Deno.test("a query has at most 16 words, and a term that was cut is no prefix", () => {
  const words = Array.from({ length: 100 }, (_, n) => `w${n}`);
  assertEquals(parseQuery(words.join(" "))?.length, 16);
  assertEquals(parseQuery(`${words.join(".")}*`), [
    { words: words.slice(0, 16), isPrefix: false },
  ]);
});

/** A text of the letters and signs of many scripts, and of anything. */
function randomText(random: () => number, length: number): string {
  const alphabets = [
    "abcXYZ019",
    "абвёйЁЙ́̆",
    "αςΣάß",
    "éñıİłø",
    "東京タワーがｶﾞ",
    "สวัด한국",
    "👍🏽❤️‍👩🇷🇺",
    ' \t\n.,-_*"',
    "שָׁأَـ\u200b\u00ad",
    "हिन्",
  ];
  let text = "";
  while (text.length < length) {
    const alphabet = [...alphabets[Math.floor(random() * alphabets.length)]!];
    text += random() < 0.1
      ? String.fromCodePoint(Math.floor(random() * 0x110000))
      : alphabet[Math.floor(random() * alphabet.length)];
  }
  return text;
}

Deno.test("any text has words and is a query or none; its words are plain", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 3_000; round++) {
    const text = randomText(random, random() * 60);
    const words = tokenize(text);
    for (const word of words) assert(/^[^\0-\x2f\x3a-\x60\x7b-\x7f·]+$/.test(word), word);
    const looked = parseQuery(text)?.flatMap((term) => term.words) ?? [];
    assert(looked.length <= 16);
    assertEquals(new Set(looked).difference(new Set(words)).size, 0, text);
  }
});

Deno.test("words that are typed as they stand in a text are among its words, in their order", () => {
  const random = seededRandom(2);
  for (let round = 0; round < 3_000; round++) {
    const parts = randomText(random, 80).split(/[\s"*]+/).filter((part) => part !== "");
    const from = Math.floor(random() * parts.length);
    const typed = parts.slice(from, from + 1 + Math.floor(random() * 3));
    const words = ` ${tokenize(parts.join(" ")).join(" ")} `;
    for (const { words: phrase } of parseQuery(typed.join(" ")) ?? []) {
      assert(words.includes(` ${phrase.join(" ")} `), JSON.stringify([parts, typed]));
    }
  }
});

Deno.test("case and accents do not matter, in any normalisation form", () => {
  const random = seededRandom(3);
  const letters = "abcéñöабвёйїαώß가";
  for (let round = 0; round < 1_000; round++) {
    const text = Array.from({ length: 8 }, () => [...letters][Math.floor(random() * 17)]).join("");
    const words = tokenize(text);
    for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) {
      assertEquals(tokenize(text.toUpperCase().normalize(form)), words, text);
      assertEquals(tokenize(text.normalize(form).toUpperCase()), words, text);
    }
  }
});

Deno.test("the short way of plain messages gives what the long one gives", () => {
  const random = seededRandom(4);
  const plain = [...'abz АЯЁёйЙ«»–—.,*"\n019'];
  for (let round = 0; round < 1_000; round++) {
    const text = Array.from({ length: 20 }, () => plain[Math.floor(random() * plain.length)]);
    // A letter that takes the long way, in a word of its own at the end.
    assertEquals(tokenize(text.join("")), tokenize(`${text.join("")} ά`).slice(0, -1));
  }
});

Deno.test("the longest messages are taken apart in reasonable size", () => {
  for (const sign of ["ﷺ", "\u0301", "क\u0301", "ΐ", "東", "🇷"]) {
    assert(tokenize(sign.repeat(4_096)).length <= 4 * 4_096, sign);
  }
});

Deno.test("a text has all terms: words, phrases where they stand, and the last word of a prefix", () => {
  const text = "The quick brown fox, the quick cat; Ёлка";
  const has = (query: string): boolean => hasTerms(text, parseQuery(query)!);
  const yes = ["fox", "FOX the", "елк*", '"quick brown fox"', '"quick c"*', "the.quick.cat", "t*"];
  const no = [
    "qui",
    "fox absent",
    '"brown quick"',
    '"cat елка fox"',
    '"quick f"*',
    "ox*",
    '"q b"*',
  ];
  for (const query of yes) assert(has(query), query);
  for (const query of no) assert(!has(query), query);
  assert(!hasTerms("", parseQuery("a*")!));
});

import { assert, assertEquals } from "@std/assert";

import {
  accountNameFault,
  countChars,
  foldName,
  hasChars,
  hasNameShape,
  hasRoomShape,
  roomNameFault,
  scriptsOf,
} from "../../common/names.ts";
import { seededRandom } from "../support/random.ts";

/** All code points but surrogates, as texts. */
function* allCharacters(): Iterable<string> {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

/** What becomes of the characters that folding changes: looked for once, since there are a million to look at. */
const FOLDED: ReadonlyMap<string, string> = new Map(foldings());

function* foldings(): Iterable<[char: string, folded: string]> {
  for (const char of allCharacters()) {
    const folded = foldName(char);
    if (folded !== char) yield [char, folded];
  }
}

/** How names were folded before there was more to it. */
function foldedBefore(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** Texts of a few characters, of those whose folding is not trivial more often than of others. */
function* randomTexts(count: number): Iterable<string> {
  const random = seededRandom(20_260_101);
  const odd = [
    ...FOLDED.keys(),
    ..."aeioujJIİıςσΣßKkέ·'\u0301\u030c\u0307\u0323\u0345\u1100\u1161\u11a8",
  ];
  const one = (): string =>
    random() < 0.7
      ? odd[Math.floor(random() * odd.length)]!
      : String.fromCodePoint(Math.floor(random() * 0xd800));
  for (let i = 0; i < count; i++) {
    yield Array.from({ length: 2 + Math.floor(random() * 3) }, one).join("");
  }
}

Deno.test("account names: letters, marks and digits of any script, '_', '-', '.'", () => {
  const good = [
    "eve",
    "Ева",
    "日本",
    "a",
    "9lives",
    "a_b-c.d",
    "é",
    "e\u0301",
    "constructor",
    "toString",
  ];
  for (const name of [...good, "x".repeat(25), "я".repeat(25), "𐐷".repeat(25)]) {
    assertEquals([name, accountNameFault(name), hasNameShape(name)], [name, undefined, true]);
  }
  const bad = [
    "",
    " ",
    "a b",
    "_a",
    "-a",
    ".a",
    "#a",
    "\u0301a",
    "a\n",
    "a\u202e",
    "a\u0000",
    "😀",
    "\ud800",
    "½",
  ];
  for (const name of [...bad, "x".repeat(26), "𐐷".repeat(26), "x".repeat(100_000)]) {
    assert(!hasNameShape(name), JSON.stringify(name.slice(0, 30)));
    assertEquals(
      accountNameFault(name),
      "must be 1–25 letters, digits, '_', '-' or '.', beginning with a letter or a digit, received another text",
    );
  }
});

Deno.test("account names are counted after NFC", () => {
  assertEquals(accountNameFault("e\u0301".repeat(25)), undefined, "25 composed letters");
  assert(accountNameFault("e\u0301".repeat(26)) !== undefined);
  assertEquals(accountNameFault("ﬃ".repeat(25)), undefined, "as typed, not as folded");
  assertEquals(accountNameFault("İ".repeat(25)), undefined, "as typed, not as folded");
});

Deno.test("room names: '#' and then a name, 25 code points in all", () => {
  for (const name of ["#dev", "#Ж", "#1", "#" + "x".repeat(24), "#constructor"]) {
    assertEquals([name, roomNameFault(name), hasRoomShape(name)], [name, undefined, true]);
  }
  for (const name of ["#", "dev", "##", "#_a", "# a", "#" + "x".repeat(25)]) {
    assert(!hasRoomShape(name), name);
    assert(roomNameFault(name)?.startsWith("must be '#' and then letters"), name);
  }
});

Deno.test("names that show nothing are refused, alone and inside", () => {
  for (const char of ["\u3164", "\u115f", "\u1160", "\uffa0", "\u{13441}", "\u{13442}"]) {
    for (const name of [char, `${char}a`, `a${char}`, `a${char}b`, `${char}${char}`]) {
      assert(accountNameFault(name)?.startsWith("must be of characters that show"), name);
      assert(roomNameFault(`#${name}`)?.startsWith("must be of characters that show"), name);
    }
  }
  assertEquals(
    accountNameFault("e\u034fve"),
    "must be of characters that show, received U+034F, which shows nothing",
  );
});

Deno.test("the letters that are not looked at closer are of one script and their own NFKC", () => {
  for (let code = 0x400; code <= 0x45f; code++) {
    const char = String.fromCodePoint(code);
    assert(/\p{L}/u.test(char), escaped(char));
    assertEquals([char.normalize("NFKC"), scriptsOf(foldName(char))], [char, ["Cyrillic"]]);
  }
  assert(accountNameFault("яx") !== undefined && accountNameFault("xя") !== undefined);
});

Deno.test("no ignorable code point may stand in a name, or in what folding makes of one", () => {
  for (const char of allCharacters()) {
    const isHidden = /\p{Default_Ignorable_Code_Point}/u.test(char + (FOLDED.get(char) ?? ""));
    if (isHidden) assert(accountNameFault(`a${char}`) !== undefined, escaped(char));
  }
});

Deno.test("names whose folded form has a space or begins with a mark are refused", () => {
  for (const name of ["ﷺ", "aﷺ", "\u037a", "a\u037a", "ﹰ", "ำ", "ﾞ", "ﾞa"]) {
    assert(accountNameFault(name)?.includes("compatibility form (NFKC)"), escaped(name));
  }
  for (const name of ["น้ำ", "ｶﾞ", "coŀlega", "ﬁn", "ª", "𝕬𝖓𝖓𝖆", "ｅｖｅ"]) {
    assertEquals(accountNameFault(name), undefined, name);
  }
});

/** Names with the scripts that look alike in them. */
const MIXTURES: readonly (readonly [name: string, received: string])[] = [
  ["pаypal", "Latin and Cyrillic"], // the second letter is Cyrillic
  ["аpple", "Latin and Cyrillic"],
  ["Ivan_Иван", "Latin and Cyrillic"], // the whole name is one word
  ["ivan-Иван", "Latin and Cyrillic"],
  ["a.б", "Latin and Cyrillic"],
  ["αlpha", "Latin and Greek"],
  ["µTorrent", "Latin and Greek"], // U+00B5: in NFKC a Greek letter
  ["10kΩ", "Latin and Greek"], // U+2126
  ["𝛼x", "Latin and Greek"],
  ["ℓя", "Latin and Cyrillic"], // U+2113: in NFKC a Latin letter
  ["Kя", "Latin and Cyrillic"], // U+212A
  ["ᵸn", "Latin and Cyrillic"], // U+1D78, a Cyrillic superscript
  ["ОмΩ", "Cyrillic and Greek"],
  ["aбγ", "Latin, Cyrillic and Greek"],
];

Deno.test("a name has letters of one of Latin, Cyrillic and Greek", () => {
  for (const [name, received] of MIXTURES) {
    const fault =
      `must be free of mixtures of Latin, Cyrillic and Greek letters, received ${received} ones`;
    assertEquals([name, accountNameFault(name)], [name, fault]);
    assertEquals([name, roomNameFault(`#${name}`)], [name, fault]);
  }
});

Deno.test("scripts that do not look alike may be mixed, marks and digits count for no script", () => {
  const names = [
    "аре", // Cyrillic as a whole, though it looks like Latin
    "Иван2-й.",
    "µ", // Greek alone
    "Ω_2",
    "K9",
    "ℓ1",
    "ivan李",
    "toyota東京とうきょうトウキョウ",
    "kim김",
    "zhuㄓㄨ",
    "иван李",
    "dan-דן",
    "عمر2",
    "omarعمر",
    "हिन्दी",
    "q\u0307\u0323",
    "я\u0301",
    "α\u0342",
    "hawaiʼi",
    "миʼкмаʼкь",
    "a٣",
    "я٣",
  ];
  for (const name of names) assertEquals([name, accountNameFault(name)], [name, undefined]);
});

Deno.test("names are the same when NFKC, lower case, NFKC and one sigma make them equal", () => {
  for (const name of ["Eve", "eve", "EVE", "ＥＶＥ", "ｅve"]) assertEquals(foldName(name), "eve");
  assertEquals(foldName("ЕВА"), foldName("ева"));
  assertEquals(foldName("e\u0301"), foldName("É"));
  assert(foldName("ева") !== foldName("eva"), "Cyrillic is not Latin");
});

Deno.test("the table of letters that fold in a way of their own", () => {
  const table: readonly (readonly [string, string])[] = [
    ["ΣΊΣΥΦΟΣ", "σίσυφοσ"], // lower case alone makes a final sigma of the last one
    ["Σίσυφος", "σίσυφοσ"],
    ["σίσυφοσ", "σίσυφοσ"],
    ["ς", "σ"],
    ["ΣΑΣ2", "σασ2"],
    ["J\u030c", "ǰ"], // composed in lower case only
    ["ǰ", "ǰ"],
    ["İ", "i\u0307"],
    ["İ\u0323", "ị\u0307"],
    ["I", "i"],
    ["ı", "ı"], // Turkish dotless i stays another letter
    ["ẞ", "ß"],
    ["ß", "ß"], // and is not ss
    ["ŉ", "ʼn"],
    ["ﬃ", "ffi"],
    ["ſ", "s"],
    ["\u212a", "k"],
    ["Å", "å"],
    ["Ნინო", "ნინო"], // Georgian capitals
    ["Ⴀ", "ⴀ"], // and those of the old alphabet
    ["Ꭰ", "ꭰ"], // Cherokee: its capitals came first
    ["ᏸ", "ᏸ"],
    ["Ᏸ", "ᏸ"],
    ["𐐀", "𐐨"], // Deseret, outside the BMP
    ["ᾼ", "ᾳ"],
    ["constructor", "constructor"],
    ["toString", "tostring"],
  ];
  for (const [name, folded] of table) assertEquals([name, foldName(name)], [name, folded]);
});

Deno.test("folding what is folded changes nothing, for each code point", () => {
  for (const [char, folded] of FOLDED) {
    if (foldName(folded) !== folded) throw new Error(escaped(char));
  }
  // What was folded by the earlier rule becomes what its name becomes: databases hold such keys.
  for (const char of allCharacters()) {
    const before = foldedBefore(char);
    if (before === char) continue;
    if (foldName(before) !== (FOLDED.get(char) ?? char)) throw new Error(escaped(char));
  }
});

Deno.test("equality of folded names is one of classes: any spelling leads to the same", () => {
  for (const text of randomTexts(25_000)) {
    const folded = foldName(text);
    const spellings = [
      folded,
      foldedBefore(text),
      ...["NFC", "NFD", "NFKC", "NFKD"].map((form) => text.normalize(form)),
    ];
    for (const spelling of [...spellings, text.toLowerCase()]) {
      if (foldName(spelling) !== folded) throw new Error(`${escaped(text)} ${escaped(spelling)}`);
    }
  }
});

Deno.test("the rule says the same of all well-formed spellings of a name", () => {
  let judged = 0;
  for (const text of randomTexts(25_000)) {
    const spellings = [text, text.normalize("NFD"), foldName(text)].filter(hasNameShape);
    const faults = new Set(spellings.map((name) => accountNameFault(name) === undefined));
    if (spellings.length > 1) judged++;
    if (faults.size > 1) throw new Error(escaped(text));
  }
  assert(judged > 10_000, `${judged} names`);
});

Deno.test("scripts are those of letters", () => {
  assertEquals(scriptsOf("eve-2"), ["Latin"]);
  assertEquals(scriptsOf("eveЕваεύα"), ["Latin", "Cyrillic", "Greek"]);
  assertEquals(scriptsOf("12_\u0301ʼ東"), []);
});

Deno.test("characters are code points", () => {
  assertEquals(countChars("a😀\ud800b"), 4);
  assertEquals(countChars("\udc00\ud83d"), 2);
  assert(hasChars("😀".repeat(10), 10, 10));
  assert(!hasChars("😀".repeat(11), 10, 10));
  assert(!hasChars("", 1, 5));
  assert(hasChars("", 0, 5));
  assert(!hasChars("x".repeat(11), 1, 10));
});

function escaped(text: string): string {
  return [...text].map((char) => `U+${char.codePointAt(0)!.toString(16)}`).join(" ");
}

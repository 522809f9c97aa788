/**
 * What of a text can be searched for, and what a person who searches is looking for.
 *
 * @module
 */

import process from "node:process";

/**
 * Names the rules by which messages become words in the index. It changes whenever {@linkcode tokenize} or `foldName`
 * gives something else or `SearchIndex` adds something else, and with the runtime's Unicode data: what was indexed by other rules cannot be taken out again.
 */
export const WORD_RULES = `2, Unicode ${process.versions.unicode}`;

/** The longest word, in code points: longer ones are cut into pieces, which are found as a phrase. */
const MAX_WORD = 64;
/** Words of a query that count; the rest is not looked at. Each costs a look into every place that is searched. */
const MAX_QUERY_WORDS = 16;

/** Scripts that are written without spaces. Shared signs belong to them, too, as the `ー` of Japanese. */
const UNSPACED = String.raw`\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}` +
  String.raw`\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}`;
/** A letter of such a script; an emoji; two letters that make a flag; a word of any other script. */
const TOKEN = new RegExp(
  String.raw`[[\p{L}\p{M}\p{N}]&&[${UNSPACED}]]|\p{Extended_Pictographic}|\p{RI}{2}|` +
    String.raw`[[\p{L}\p{N}]--[${UNSPACED}]][[\p{L}\p{M}\p{N}]--[${UNSPACED}]]{0,${MAX_WORD - 1}}`,
  "gv",
);
/** Scripts whose marks are accents and points, which people leave out. Elsewhere marks are vowels. */
const ACCENTED = new RegExp(
  String.raw`([\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Hebrew}\p{sc=Arabic}\p{N}])(\p{M}+)`,
  "gu",
);
/** Letters that no normalisation takes apart. `ı`: upper case and lower case of Turkish and of others meet there. */
const ALIKE: Readonly<Record<string, string>> = {
  "ß": "ss",
  "ς": "σ",
  "ı": "i",
  "ł": "l",
  "ø": "o",
  "đ": "d",
  "\u0640": "", // stretches an Arabic word
  "\u200b": " ", // parts words without showing
};
const HAS_ALIKE = new RegExp(`[${Object.keys(ALIKE).join("")}]`, "gu");
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Nearly all messages, in lower case: they need no Unicode work. */
const PLAIN = /^[\0-\x7fа-яё«»–—]*$/;
const BREVE = "\u0306";
/** What is quoted, maybe with a star behind it, or what stands between spaces. */
const CHUNK = /"(?<quoted>[^"]*)(?:"\*?|$)|[^\s"]+/gu;

/** Words that stand one behind the other. */
export interface Term {
  /** At least one, as {@linkcode tokenize} makes them. */
  readonly words: readonly string[];
  /** Whether the last word may go on. */
  readonly isPrefix: boolean;
}

/**
 * The words of a text in their order, as they are indexed: without case, without accents (`й` is a letter of its own,
 * `ё` is not), in compatibility form. A letter of a script that is written without spaces is a word, and so is an
 * emoji, whatever modifies it. Words consist of ASCII lower case and digits, and of characters beyond ASCII.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tokenize("Ёлка: 東京, foo.bar!"), ["елка", "東", "京", "foo", "bar"]);
 * ```
 */
export function tokenize(text: string): string[] {
  return normalize(text).match(TOKEN) ?? [];
}

/**
 * What a message must contain to be found by this text: all of its words. `"quoted words"` and what is written
 * without a space, as `foo.bar`, are phrases; a star at the end makes a prefix. A quote that nobody closes goes to the
 * end. Only the first 16 words count.
 *
 * @param text Any text; its length is for the caller to limit.
 * @returns At least one term; `undefined` if the text has no letter and no digit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseQuery('Кот "в сапогах" чита*'), [
 *   { words: ["кот"], isPrefix: false },
 *   { words: ["в", "сапогах"], isPrefix: false },
 *   { words: ["чита"], isPrefix: true },
 * ]);
 * ```
 */
export function parseQuery(text: string): Term[] | undefined {
  const normal = normalize(text);
  if (!/[\p{L}\p{N}]/u.test(normal)) return undefined;
  const terms = new Map<string, Term>(); // what is said twice is looked for once
  let room = MAX_QUERY_WORDS;
  for (const { 0: chunk, groups } of normal.matchAll(CHUNK)) {
    const all = (groups?.quoted ?? chunk).match(TOKEN) ?? [];
    const words = all.slice(0, room);
    const isPrefix = chunk.endsWith("*") && words.length === all.length;
    const key = `${words.join(" ")}${isPrefix ? "*" : ""}`;
    if (words.length === 0 || terms.has(key)) continue;
    room -= words.length;
    terms.set(key, { words, isPrefix });
  }
  return terms.size > 0 ? [...terms.values()] : undefined;
}

/**
 * Whether a text has all that is looked for: what the index says of it, without the index.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(hasTerms("The quick brown fox", parseQuery('fox "quick bro"*')!));
 * ```
 */
export function hasTerms(text: string, terms: readonly Term[]): boolean {
  const normal = normalize(text);
  // Words are parts of the text: most texts need no look at where words begin and end, which takes the longest.
  if (!terms.every(({ words }) => words.every((word) => normal.includes(word)))) return false;
  const words = normal.match(TOKEN) ?? [];
  return terms.every((term) => words.some((_, at) => standsAt(words, at, term)));
}

function standsAt(
  words: readonly string[],
  at: number,
  { words: wanted, isPrefix }: Term,
): boolean {
  return wanted.every((word, n) =>
    isPrefix && n === wanted.length - 1
      ? words[at + n]?.startsWith(word) === true
      : words[at + n] === word
  );
}

/** One form for all that counts as the same. */
function normalize(text: string): string {
  const lower = text.toLowerCase();
  if (PLAIN.test(lower)) return lower.replaceAll("ё", "е");
  // Lower case twice: compatibility forms hide capitals, and those of ASCII would come out of the index as small ones.
  return lower.normalize("NFKC").toLowerCase()
    .replace(HAS_ALIKE, (letter) => ALIKE[letter]!)
    .replace(INVISIBLE, "")
    .normalize("NFKD")
    .replace(
      ACCENTED,
      (_, letter: string, marks: string) => letter === "и" && marks.includes(BREVE) ? "й" : letter,
    )
    .normalize("NFC");
}

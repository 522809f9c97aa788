/**
 * Names of accounts and rooms: which are allowed, and when two are the same.
 *
 * @module
 */

import { LIMITS } from "./limits.ts";

/** What an account name may be, in words, for error messages. */
export const ACCOUNT_NAME_RULE: string =
  `1–${LIMITS.maxNameChars} letters, digits, '_', '-' or '.', beginning with a letter or a digit`;

/** What a room name may be, in words, for error messages. */
export const ROOM_NAME_RULE: string = `'#' and then letters, digits, '_', '-' or '.', ` +
  `beginning with a letter or a digit, ${LIMITS.maxNameChars} characters in all`;

// A repetition counts code points because of the flag `u`.
const ACCOUNT = new RegExp(
  String.raw`^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.\-]{0,${LIMITS.maxNameChars - 1}}$`,
  "u",
);
const ROOM = new RegExp(
  String.raw`^#[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.\-]{0,${LIMITS.maxNameChars - 2}}$`,
  "u",
);
/**
 * What folding may leave of a name: of any length, since it spells out `ﬃ`, and with the middle dot of the Catalan
 * letter `ŀ`. Some letters have a space in them, as `ﷺ`, or are marks, as the Thai vowel `ำ` at the beginning.
 */
const FOLDED = /^#?[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.\-·]*$/u;
/** What shows nothing: also two hieroglyphs and a filler that Unicode does not count as ignorable. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u{13441}\u{13442}\u{16fe4}]/u;
/** Scripts whose letters look like each other's. Marks and letters that scripts share have none of them. */
const SCRIPTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
];
/** Nearly all names on the wire: they need no Unicode work. */
const PLAIN = /^[a-z0-9_.#-]+$/;
/** What lower case alone folds, and what deceives in none of the ways that are looked for here. */
const ASCII = /^[ -~]*$/;
/**
 * Names of the letters of western Europe, of Russian and its neighbours, or of Han and Kana: none of these letters is
 * composed of others in NFKC, deceives, or lacks in any version of Unicode that is in use.
 */
const PLAIN_ACCOUNT = new RegExp(
  ["A-Za-zÀ-ÖØ-öø-ÿ", "\\u0400-\\u045f", "\\u3041-\\u3096\\u30a1-\\u30fa\\u4e00-\\u9fef"]
    .map((letters) => `^[${letters}0-9][${letters}0-9_.-]*$`).join("|"),
);
/** Longer text is no name, whatever NFC makes of it: it joins a letter with a few marks at most. */
const MAX_RAW_UNITS = LIMITS.maxNameChars * 8;

/**
 * Why no account may be made with this name and no guest may come with it.
 *
 * @returns What it must be and what it is instead, to stand behind the name of a field: "must be …, received …".
 * Holds no text of the name. `undefined` if the name is allowed.
 */
export function accountNameFault(text: string): string | undefined {
  // Looking closer at every name in each message would be noticed (docs/benchmarks.md).
  if (text.length <= LIMITS.maxNameChars && PLAIN_ACCOUNT.test(text)) return undefined;
  return hasNameShape(text)
    ? deceptionIn(text)
    : `must be ${ACCOUNT_NAME_RULE}, received another text`;
}

/** Why there is no room of this name: see {@linkcode accountNameFault}. */
export function roomNameFault(text: string): string | undefined {
  return hasRoomShape(text)
    ? deceptionIn(text)
    : `must be ${ROOM_NAME_RULE}, received another text`;
}

/**
 * Whether the text consists of what account names consist of (counted after NFC). Accounts that were made when this
 * was the whole rule go on working; a server says of each name what {@linkcode accountNameFault} says, unless there
 * is such an account.
 */
export function hasNameShape(text: string): boolean {
  if (text.length <= LIMITS.maxNameChars && PLAIN_ACCOUNT.test(text)) return true;
  return text.length <= MAX_RAW_UNITS && ACCOUNT.test(text.normalize("NFC"));
}

/** Whether the text consists of what room names consist of (counted after NFC). */
export function hasRoomShape(text: string): boolean {
  return text.length <= MAX_RAW_UNITS && ROOM.test(text.normalize("NFC"));
}

/**
 * The form under which a name is looked up: two names are the same when their folded forms are equal. NFKC (Unicode
 * Standard Annex #15), lower case, NFKC again, since `J̌` is composed only in lower case, and one form of sigma. Folding
 * what is folded changes nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(foldName("ＥＶＥ"), foldName("Eve"));
 * assertEquals(foldName("Οδυσσεύς"), foldName("οδυσσεύσ"));
 * ```
 */
export function foldName(name: string): string {
  if (PLAIN.test(name)) return name;
  if (ASCII.test(name)) return name.toLowerCase();
  return name.normalize("NFKC").toLowerCase().normalize("NFKC").replaceAll("ς", "σ");
}

/**
 * Those of the scripts Latin, Cyrillic and Greek that a text has letters of. As Unicode Technical Standard #39 has it
 * ("moderately restrictive"), no name has letters of two of them: `pаypal` may hold a Cyrillic `а`.
 *
 * @param folded Folded: a sign such as `µ` counts as the letter that it stands for.
 */
export function scriptsOf(folded: string): string[] {
  return SCRIPTS.filter(([, pattern]) => pattern.test(folded)).map(([name]) => name);
}

/** What of a well-formed name does not show, or looks like something else: see {@linkcode accountNameFault}. */
function deceptionIn(text: string): string | undefined {
  if (ASCII.test(text)) return undefined;
  const folded = foldName(text);
  const [hidden] = INVISIBLE.exec(text) ?? INVISIBLE.exec(folded) ?? [];
  if (hidden !== undefined) {
    const code = hidden.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return `must be of characters that show, received U+${code}, which shows nothing`;
  }
  if (!FOLDED.test(folded)) {
    return "must be letters, digits, '_', '-' or '.' also in compatibility form (NFKC), " +
      "received one that begins with a mark or has a space there";
  }
  const scripts = scriptsOf(folded);
  if (scripts.length < 2) return undefined;
  const all = SCRIPTS.map(([name]) => name);
  return `must be free of mixtures of ${list(all)} letters, received ${list(scripts)} ones`;
}

function list(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** How many code points a text has; a lone surrogate counts as one. */
export function countChars(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const isPair = (text.charCodeAt(i) & 0xfc00) === 0xd800 &&
      (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
    if (isPair) {
      count--;
      i++;
    }
  }
  return count;
}

/** Whether a text has between `min` and `max` code points; counts only where the length does not tell. */
export function hasChars(text: string, min: number, max: number): boolean {
  const units = text.length;
  if (units < min || units > 2 * max) return false; // a code point has one or two units
  if (units >= 2 * min && units <= max) return true;
  const count = countChars(text);
  return count >= min && count <= max;
}

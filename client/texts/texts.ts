/**
 * Every sentence that a person reads, in the language of their choice.
 *
 * @module
 */

import { printable } from "../../common/printable.ts";
import { EN } from "./en.ts";
import { type RoomObjection, roomRefusalSentence } from "./room_refusals.ts";
import { RU } from "./ru.ts";

/** The languages that the client speaks. */
export const LANGUAGES = ["en", "ru"] as const;

/** One of {@linkcode LANGUAGES}. */
export type Language = typeof LANGUAGES[number];

/** The name of a sentence. */
export type TextKey = keyof typeof EN;

/** What is filled into a sentence, by the name of its gap. */
export type TextValues = Readonly<Record<string, string | number>>;

/** What a server refused. */
export interface Refusal {
  /** What was asked for, as `RefusedError` names it; `roomMessage` for a message to a room. */
  readonly event: string;
  /** The response's code. */
  readonly code: number;
  /** The server's sentence; not safe to print. */
  readonly sentence: string;
  /** What a room has against it, if the server says so. */
  readonly about?: RoomObjection | undefined;
}

/** Codes of the server that have a sentence of their own. */
const REFUSALS: Readonly<Record<number, TextKey>> = {
  401: "refusal401",
  402: "refusal402",
  404: "refusal404",
  409: "refusal409",
  410: "refusal410",
  500: "refusal500",
};

/** Codes that mean something else, or something more, as the answer to one request. */
const REFUSALS_OF: ReadonlyMap<string, Readonly<Record<number, TextKey>>> = new Map([
  ["register", { 403: "refusalRegister", 409: "refusalRegistered" }],
  ["message", { 403: "refusalBlocked" }],
  ["roomMessage", { 403: "refusalSpeak" }],
  ["block", { 403: "refusalBlock", 404: "refusalNoAccount" }],
  ["join", { 403: "refusalJoin" }],
  ["leave", { 404: "refusalLeave" }],
  ["who", { 403: "refusalNotInRoom" }],
  ["topic", { 403: "refusalOwner" }],
  ["remove", { 403: "refusalOwner" }],
  ["invite", { 403: "refusalTooMany", 404: "refusalNoSuchAccount" }],
  ["kick", { 404: "refusalNobodyIn" }],
  ["ban", { 403: "refusalTooMany", 404: "refusalNeverSeen" }],
  ["mute", { 403: "refusalTooMany", 404: "refusalNeverSeen" }],
  ["grant", { 403: "refusalGrant", 404: "refusalNoSuchAccount" }],
  ["history", { 403: "refusalHistory", 404: "refusalNothingKept" }],
  ["search", { 403: "refusalHistory", 404: "refusalNothingKept" }],
  ["edit", {
    403: "refusalEdit",
    404: "refusalNoMessage",
    410: "refusalNoRoom",
    500: "refusalChanging",
  }],
  ["delete", { 403: "refusalDelete", 404: "refusalNoMessage", 500: "refusalChanging" }],
]);

/** Sentences of the server that say more than their code. */
const REFUSALS_BY_SENTENCE: ReadonlyMap<string, TextKey> = new Map([
  ["There is no account of that name", "refusalNoAccount"],
]);

/**
 * What the server refused and why. What a room has against it, all languages say in their own words. The server speaks
 * English, and knows more than its code says; other languages say what the code means as the answer to that request, and
 * give the server's sentence only if they do not know.
 */
export function refusalSentence(
  { event, code, sentence, about }: Refusal,
  speaker: Speaker,
): string {
  if (about !== undefined) return roomRefusalSentence(about, event, speaker);
  const { language, say } = speaker;
  const known = language === "en" ? undefined : REFUSALS_BY_SENTENCE.get(sentence) ??
    REFUSALS_OF.get(event)?.[code] ?? REFUSALS[code];
  return say(known ?? "refusal", { sentence });
}

/** The same with its code. */
export function refusalWords(refusal: Refusal, speaker: Speaker): string {
  const { code } = refusal;
  return speaker.say("refusedWith", { sentence: refusalSentence(refusal, speaker), code });
}

/** Speaks one language. */
export interface Speaker {
  /** Which one. */
  readonly language: Language;
  /**
   * Gives a sentence.
   *
   * `{gap}` is replaced by the value of that name, made safe to print. `{gap:apple|apples}` is replaced by the
   * form that fits the number: two forms in English (1, else), three in Russian (1, 2–4, else), as
   * `Intl.PluralRules` has it.
   */
  say(key: TextKey, values?: TextValues): string;
}

/** The sentences by language. */
export const TEXTS: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = {
  en: EN,
  ru: RU,
};

/** The order of a word's forms. */
const FORMS: Readonly<Record<Language, readonly Intl.LDMLPluralRule[]>> = {
  en: ["one", "other"],
  ru: ["one", "few", "many"],
};

/** A gap, and the forms of a word that depend on its number. */
const GAP = /\{(\w+)(?::([^}]*))?\}/g;

/**
 * The language that was asked for, else that of the system.
 *
 * @param asked As from `--lang`.
 * @param system As from `navigator.language`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chooseLanguage(undefined, "ru-RU"), "ru");
 * assertEquals(chooseLanguage("en", "ru-RU"), "en");
 * ```
 */
export function chooseLanguage(asked: string | undefined, system: string | undefined): Language {
  const wanted = (asked ?? system ?? "").toLowerCase();
  return LANGUAGES.find((language) => wanted === language || wanted.startsWith(`${language}-`)) ??
    "en";
}

/**
 * Makes a {@linkcode Speaker} of whatever language is wanted at the moment.
 *
 * @param language Asked for each sentence.
 */
export function followingSpeaker(language: () => Language): Speaker {
  const speakers = { en: speakerOf("en"), ru: speakerOf("ru") };
  return {
    get language() {
      return language();
    },
    say: (key, values) => speakers[language()].say(key, values),
  };
}

/**
 * Makes a {@linkcode Speaker}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { say } = speakerOf("ru");
 * assertEquals(say("roomsTotal", { count: 2 }), "2 комнаты");
 * assertEquals(say("roomsTotal", { count: 5 }), "5 комнат");
 * ```
 */
export function speakerOf(language: Language): Speaker {
  const texts = TEXTS[language];
  const rules = new Intl.PluralRules(language);
  return {
    language,
    say: (key, values = {}) =>
      texts[key].replace(GAP, (_, gap: string, forms: string | undefined) => {
        const value = values[gap] ?? "";
        if (forms === undefined) return printable(String(value));
        const words = forms.split("|");
        return words[FORMS[language].indexOf(rules.select(Number(value)))] ?? words.at(-1)!;
      }),
  };
}

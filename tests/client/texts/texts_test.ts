import { assertEquals } from "@std/assert";

import {
  chooseLanguage,
  LANGUAGES,
  refusalWords,
  speakerOf,
  type TextKey,
  TEXTS,
} from "../../../client/texts/texts.ts";

const KEYS = Object.keys(TEXTS.en) as TextKey[];

/** The gaps of a sentence, and how many forms each word has that depends on a number. */
function gaps(text: string): { names: string[]; forms: number[] } {
  const found = [...text.matchAll(/\{(\w+)(?::([^}]*))?\}/g)];
  return {
    names: [...new Set(found.map(([, name]) => name!))].sort(),
    forms: found.flatMap(([, , forms]) => forms === undefined ? [] : [forms.split("|").length]),
  };
}

Deno.test("every language has every sentence, none of them empty", () => {
  for (const language of LANGUAGES) {
    assertEquals(Object.keys(TEXTS[language]).sort(), KEYS.toSorted());
    for (const key of KEYS) assertEquals([key, TEXTS[language][key] === ""], [key, false]);
  }
});

Deno.test("every sentence is said somewhere", async () => {
  const client = new URL("../../../client/", import.meta.url);
  let code = "";
  for (const folder of ["./", "chat/", "chat/commands/", "library/", "terminal/", "texts/"]) {
    for (const { name, isFile } of Deno.readDirSync(new URL(folder, client))) {
      if (isFile && !LANGUAGES.some((language) => name === `${language}.ts`)) {
        code += await Deno.readTextFile(new URL(folder + name, client));
      }
    }
  }
  code += await Deno.readTextFile(new URL("../docs/tables.ts", client));
  code += await Deno.readTextFile(new URL("../client.ts", client));
  assertEquals(KEYS.filter((key) => !code.includes(`"${key}"`)), []);
});

Deno.test("a sentence has the same gaps in all languages, and as many forms as the language needs", () => {
  for (const key of KEYS) {
    const english = gaps(TEXTS.en[key]);
    const russian = gaps(TEXTS.ru[key]);
    assertEquals([key, russian.names], [key, english.names]);
    assertEquals([key, english.forms.every((count) => count === 2)], [key, true]);
    assertEquals([key, russian.forms.every((count) => count === 3)], [key, true]);
  }
});

Deno.test("Russian sentences are Russian", () => {
  for (const key of KEYS) {
    const text = TEXTS.ru[key].replace(/\{\w+\}/g, "");
    if (/\p{L}/u.test(text)) assertEquals([key, /\p{Script=Cyrillic}/u.test(text)], [key, true]);
  }
});

Deno.test("what the server refused is said in Russian by its code, in English as the server said it", () => {
  const words = (language: "en" | "ru", code: number, event = "room"): string =>
    refusalWords({ event, code, sentence: "No\x1b" }, speakerOf(language));
  assertEquals([words("en", 404), words("ru", 404), words("ru", 403)], [
    "No\\u{1b} (404)",
    "такого имени или такой комнаты нет (404)",
    "No\\u{1b} (403)",
  ]);
  assertEquals([words("en", 403, "topic"), words("ru", 403, "topic"), words("ru", 409, "topic")], [
    "No\\u{1b} (403)",
    "это может только владелец комнаты (403)",
    "имя занято (409)",
  ]);
  assertEquals(words("ru", 409, "register"), "у этого имени уже есть учётная запись (409)");
  assertEquals(words("ru", 403, "constructor"), "No\\u{1b} (403)");
});

Deno.test("plural forms follow the number", () => {
  const count = (language: "en" | "ru", n: number): string =>
    speakerOf(language).say("roomsTotal", { count: n });
  assertEquals([0, 1, 2].map((n) => count("en", n)), ["0 rooms", "1 room", "2 rooms"]);
  assertEquals([1, 2, 4, 5, 11, 12, 21, 22, 25, 111].map((n) => count("ru", n).split(" ")[1]), [
    "комната",
    "комнаты",
    "комнаты",
    "комнат",
    "комнат",
    "комнат",
    "комната",
    "комнаты",
    "комнат",
    "комнат",
  ]);
});

Deno.test("what is filled in is made safe to print, and is not taken for a gap", () => {
  const { say } = speakerOf("en");
  assertEquals(
    say("nameTaken", { name: "\x1b[2J{name}" }),
    [
      "\\u{1b}[2J{name} is online already; choose another name.",
    ][0],
  );
});

Deno.test("the language is the one asked for, else the system's, else English", () => {
  assertEquals(chooseLanguage("ru", "en-GB"), "ru");
  assertEquals(chooseLanguage(undefined, "ru-RU"), "ru");
  assertEquals(chooseLanguage(undefined, "ru"), "ru");
  assertEquals(chooseLanguage(undefined, "run-BI"), "en");
  assertEquals(chooseLanguage(undefined, "de-DE"), "en");
  assertEquals(chooseLanguage(undefined, undefined), "en");
});

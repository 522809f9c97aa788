import { assertEquals } from "@std/assert";

import { complete } from "../../../client/terminal/completion.ts";

const SOURCES = {
  commands: ["message", "msg", "help"],
  names: ["Боб", "bob", "Bobby"],
  rooms: ["#dev"],
  inConversation: false,
};

Deno.test("Tab completes commands, names and rooms as far as they agree", () => {
  const cases: [string, string, string[]][] = [
    ["he", "help ", ["help"]],
    ["m", "m", ["message", "msg"]],
    ["/me", "/message ", ["/message"]],
    ["message б", "Боб ", ["Боб"]],
    ["message b", "Bob", ["Bobby", "bob"]],
    ["message BOBB", "Bobby ", ["Bobby"]],
    ["message #", "#dev ", ["#dev"]],
    ["message x", "", []],
  ];
  for (const [before, text, hits] of cases) {
    const completion = complete(before, SOURCES);
    assertEquals([before, completion.text, completion.hits], [before, text, hits]);
  }
});

Deno.test("a name is found under any spelling that is the same name", () => {
  const sources = { ...SOURCES, names: ["Οδυσσεύς", "ǰan", "ＥＶＥ"], rooms: ["#Σίσυφος"] };
  for (
    const [typed, name] of [
      ["ΟΔΥΣΣΕΎς", "Οδυσσεύς"],
      ["οδυσς", "Οδυσσεύς"],
      ["J\u030c", "ǰan"],
      ["ev", "ＥＶＥ"],
      ["#σίσυφος", "#Σίσυφος"],
    ]
  ) {
    assertEquals([typed, complete(`message ${typed}`, sources).hits], [typed, [name]]);
  }
});

Deno.test("in a conversation a first word is a name, unless it begins with '/'", () => {
  const sources = { ...SOURCES, inConversation: true };
  assertEquals(complete("Бо", sources).text, "Боб: ");
  assertEquals(complete("/he", sources).text, "/help ");
  assertEquals(complete("he", sources).hits, []);
});

Deno.test("a word is completed before the cursor only, and in its own place", () => {
  assertEquals(complete("message bob hel", SOURCES).hits, []);
  assertEquals(complete("  he", SOURCES), { replaced: 2, text: "help ", hits: ["help"] });
  assertEquals(complete("message #d", SOURCES), { replaced: 2, text: "#dev ", hits: ["#dev"] });
  assertEquals(complete("", SOURCES).hits, ["help", "message", "msg"]);
});

Deno.test("a space that stands behind the cursor is not doubled", () => {
  const sources = { ...SOURCES, names: ["john"], inConversation: true };
  assertEquals(complete("hi jo", sources, " there").text, "john");
  assertEquals(complete("jo", sources, " there").text, "john:");
  assertEquals(complete("jo", sources, "there").text, "john: ");
  assertEquals(complete("/mes", sources, " bob").text, "/message");
});

Deno.test("a name is completed behind punctuation, and a command only at the very start", () => {
  const sources = { ...SOURCES, names: ["jane"], inConversation: true };
  for (const before of ["(ja", "@ja", "hi,ja", "hi (ja", "«ja"]) {
    assertEquals([before, complete(before, sources)], [before, {
      replaced: 2,
      text: "jane ",
      hits: ["jane"],
    }]);
  }
  assertEquals(complete("see:#de", sources).text, "#dev ");
  assertEquals([complete("hi,", sources).hits, complete(" /he", sources).hits], [[], []]);
});

Deno.test("what a command expects takes the place of names and rooms, but not of commands", () => {
  const expected = (before: string): readonly string[] | undefined =>
    before === "grant bob " ? ["owner", "moderator"] : undefined;
  const sources = { ...SOURCES, expected };
  assertEquals(complete("grant bob mo", sources).text, "moderator ");
  assertEquals(complete("grant bob ", sources).hits, ["moderator", "owner"]);
  assertEquals(complete("grant bob b", sources).hits, []);
  assertEquals(complete("message bobb", sources).text, "Bobby ");
  assertEquals(complete("he", sources).text, "help ");
});

Deno.test("who is meant most likely stands first, whatever the spelling; commands have their own order", () => {
  const sources = {
    ...SOURCES,
    names: ["bab", "beb", "bib", "bob"],
    likely: ["BOB", "beb"],
    inConversation: true,
  };
  assertEquals(complete("hi @b", sources).hits, ["bob", "beb", "bab", "bib"]);
  assertEquals(complete("@bo", sources), { replaced: 2, text: "bob ", hits: ["bob"] });
  assertEquals(complete("/m", { ...sources, likely: ["msg"] }).hits, ["/message", "/msg"]);
});

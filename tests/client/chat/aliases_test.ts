import { assertEquals } from "@std/assert";

import { Aliases } from "../../../client/chat/aliases.ts";
import { Profile } from "../../../client/profile/profile.ts";
import { withKeptChat } from "../../support/start_chat.ts";

const COMMANDS = ["message", "who", "close"];

function aliasesOf(table: Record<string, string>): Aliases {
  const aliases = new Map(Object.entries(table));
  return new Aliases({ table: () => aliases }, (word) => COMMANDS.includes(word));
}

Deno.test("a word becomes a command line, with what stands behind it at its end", () => {
  const aliases = aliasesOf({ gs: "message #dev good night", W: " /who " });
  assertEquals(aliases.expand({ word: "GS", rest: "" }), {
    word: "message",
    rest: "#dev good night",
  });
  assertEquals(
    aliases.expand({ word: "gs", rest: "all  of you" }).rest,
    "#dev good night all  of you",
  );
  assertEquals(aliases.expand({ word: "w", rest: "#dev" }), { word: "who", rest: "#dev" });
  assertEquals(aliases.expand({ word: "x", rest: "y" }), { word: "x", rest: "y" });
});

Deno.test("an alias may begin with another one, and no chain of them is without an end", () => {
  const aliases = aliasesOf({ m: "message", md: "m #dev", a: "b 1", b: "a 2", me: "me too" });
  assertEquals(aliases.expand({ word: "md", rest: "hi" }), { word: "message", rest: "#dev hi" });
  assertEquals(aliases.expand({ word: "a", rest: "" }), { word: "a", rest: "2 1" });
  assertEquals(aliases.expand({ word: "me", rest: "x" }), { word: "me", rest: "too x" });
});

Deno.test("no alias takes the place of a command", () => {
  const aliases = aliasesOf({ Who: "close", gs: "who" });
  assertEquals(aliases.expand({ word: "who", rest: "" }), { word: "who", rest: "" });
  assertEquals([aliases.words, aliases.hidden, aliases.find("WHO")], [["gs"], ["who"], undefined]);
});

function withAliases(
  aliases: Record<string, string>,
  test: Parameters<typeof withKeptChat>[0],
): Promise<void> {
  const command = Object.fromEntries(
    Object.entries(aliases).map(([word, line]) => [`aliases.${word}`, line]),
  );
  const entries = new Map(Object.entries(command).map(([key, value]) => [key, { value, line: 1 }]));
  return withKeptChat(test, { profile: new Profile({ entries }) });
}

Deno.test("an alias is a command where commands are, and never a message", () =>
  withAliases({ gs: "message bob good night", who: "close" }, async ({ chat, ui, enter }) => {
    assertEquals(await enter("gs all"), [
      "In the settings, aliases with the names of commands do nothing: who.",
      "→ bob: good night all · sent",
    ]);
    assertEquals(await enter("help gs"), ["gs = message bob good night"]);
    await enter("chat kim");
    assertEquals((await enter("gs")).at(-1), "→ kim: gs · sent");
    assertEquals((await enter("/gs")).at(-1), "→ bob: good night · sent");
    assertEquals(ui.questions, []);
    assertEquals(chat.isUnderstood("/gs x"), true);
  }));

Deno.test("what stands behind an alias is kept in the input history only if the whole line may be", () =>
  withAliases({ id: "message nickserv identify", hi: "message bob hi" }, ({ chat }) => {
    assertEquals(["id secret", "hi there"].map((line) => chat.isUnderstood(line)), [false, true]);
    return Promise.resolve();
  }));

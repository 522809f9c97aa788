import { assertEquals } from "@std/assert";

import {
  continuesLine,
  type Input,
  isCommandPlace,
  isShownAsMessage,
  mayRemember,
  readInput,
  splitWord,
} from "../../../client/chat/input.ts";

const isCommand = (word: string): boolean => ["who", "close"].includes(word);

/** What lines mean, in short. */
function read(to: string | undefined, ...lines: string[]): string[] {
  const short = (input: Input): string => {
    if (input.kind === "nothing") return "nothing";
    if (input.kind === "command") return `command '${input.word}' '${input.rest}'`;
    return `${input.kind} to ${input.to}: '${input.text}'`;
  };
  return lines.map((line) => short(readInput(line, { to, isCommand })));
}

Deno.test("outside a conversation every line is a command, with or without a slash", () => {
  assertEquals(read(undefined, "who", " /who  #dev  x ", "//who", "hello bob", "/", " \t"), [
    "command 'who' ''",
    "command 'who' '#dev  x '",
    "command '/who' ''",
    "command 'hello' 'bob'",
    "command '' ''",
    "nothing",
  ]);
});

Deno.test("in a conversation only a slash and a known command at the very start is a command", () => {
  assertEquals(
    read("bob", "who", " hi ", "/who #dev", "/ who", "//who", "/whom", " /who", " //x", "/", " "),
    [
      "message to bob: 'who'",
      "message to bob: ' hi '",
      "command 'who' '#dev'",
      "command 'who' ''",
      "message to bob: '/who'",
      "doubtful to bob: '/whom'",
      "doubtful to bob: ' /who'",
      "doubtful to bob: ' //x'",
      "doubtful to bob: '/'",
      "nothing",
    ],
  );
});

Deno.test("what was pasted or continued is one message, whatever its later lines begin with", () => {
  assertEquals(read("bob", "one\n/who"), ["message to bob: 'one\n/who'"]);
});

Deno.test("a line that begins with one slash stays on the screen, others come back as messages", () => {
  const lines = ["hi", "a /b", "//etc", "/who", " /who", " //x"];
  assertEquals(lines.map(isShownAsMessage), [true, true, true, false, false, false]);
});

Deno.test("a command stands first in its line, in a conversation behind a slash", () => {
  assertEquals(
    [["", "wh"], ["", "/wh"], [" ", "/wh"], ["who ", "/wh"]].map(([before, word]) => [
      isCommandPlace(before!, word!, false),
      isCommandPlace(before!, word!, true),
    ]),
    [[true, false], [true, true], [true, false], [false, false]],
  );
});

Deno.test("an odd number of backslashes continues a line", () => {
  const lines = ["a", "a\\", "a\\\\", "a\\\\\\", "\\", "\\a"];
  assertEquals(lines.map(continuesLine), [false, true, false, true, true, false]);
});

Deno.test("a word is split off with the space around it; the rest stays as it is", () => {
  assertEquals(splitWord("  bob  two  spaces \nmore"), {
    word: "bob",
    rest: "two  spaces \nmore",
  });
  assertEquals(splitWord(" "), { word: "", rest: "" });
});

Deno.test("what may hold a password is not remembered, however it is spelt", () => {
  for (
    const line of [
      "login eve secret",
      " /login secret",
      "/lgoin secret",
      "/Register x",
      "//pasword x",
      ...["/identify x", "/auth x", "/pass x", "/signin eve x", "/oper root x", "/nick eve x"],
      ...["/ник eve x"],
      ...["message nickserv identify x", "/msg NickServ  IDENTFY x", "login eve \nx"],
      ...["hi\npass x", "message bob one\ntwo\n /login x", "message nickserv\nidentify x"],
    ]
  ) {
    assertEquals([line, mayRemember(line)], [line, false]);
  }
  for (
    const line of [
      "login",
      "/register",
      "message bob login secret",
      "message bob one\nlogin\n\ntwo",
      "join #dev",
      "выход",
      "open x",
      "nick eve",
    ]
  ) {
    assertEquals([line, mayRemember(line)], [line, true]);
  }
});

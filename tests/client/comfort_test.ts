import { assertEquals } from "@std/assert";

import { closest } from "../../client/chat/closest.ts";
import { complete } from "../../client/terminal/completion.ts";
import { splitText } from "../../client/terminal/paste.ts";
import { mayRemember } from "../../client/chat/input.ts";
import { InputHistory } from "../../client/terminal/input_history.ts";
import { harmlessJson } from "../../client/pipe.ts";
import { printable } from "../../common/printable.ts";

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

Deno.test("in a conversation a first word is a name, unless it begins with '/'", () => {
  const sources = { ...SOURCES, inConversation: true };
  assertEquals(complete("Бо", sources).text, "Боб: ");
  assertEquals(complete("/he", sources).text, "/help ");
  assertEquals(complete("he", sources).hits, []);
});

Deno.test("the closest word is one that may have been meant", () => {
  const words = ["join", "leave", "message", "exit", "m", "сообщение"];
  const meant = ["jion", "joni", "leav", "mesage", "exti", "сообщеине", "xyzzy", "hi", ""];
  assertEquals(meant.map((word) => closest(word, words)), [
    "join",
    "join",
    "leave",
    "message",
    "exit",
    "сообщение",
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("what may hold a password is not remembered, however it is spelt", () => {
  for (
    const line of [
      "login eve secret",
      " /login secret",
      "/lgoin secret",
      "/Register x",
      "//pasword x",
    ]
  ) {
    assertEquals([line, mayRemember(line)], [line, false]);
  }
  for (const line of ["login", "/register", "message bob login secret", "join #dev", "выход"]) {
    assertEquals([line, mayRemember(line)], [line, true]);
  }
});

Deno.test("the input history is kept from one run to the next, for its owner's eyes", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  try {
    const history = (await InputHistory.open(dir, "Ева"))!;
    assertEquals(history.lines, []);
    history.save(["who", "message bob hi"]);
    history.save(["exit", "who", "message bob hi"]);
    await history.flush();
    assertEquals((await InputHistory.open(dir, "ева"))?.lines, ["exit", "who", "message bob hi"]);
    const [file] = [...Deno.readDirSync(dir)];
    assertEquals(Deno.statSync(`${dir}/${file!.name}`).mode! & 0o777, 0o600);
    assertEquals((await InputHistory.open(dir, "eve"))?.lines, []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a long text is broken between lines, and nothing is lost", () => {
  assertEquals(splitText("a\nb\nc", 4), ["a\nb", "c"]);
  assertEquals(splitText("a\nb\nc", 5), ["a\nb\nc"]);
  assertEquals(splitText("too long\nb", 4), ["too long", "b"]);
  assertEquals(splitText("🚀\n🚀", 3), ["🚀\n🚀"]);
});

Deno.test("a frame that is printed on a terminal is the same value, and steers nothing", () => {
  const value = { message: "\x1b[2J\u009b2J\u202e\u{e0041} 🚀 é \\u0041 日本" };
  const json = JSON.stringify(value);
  const harmless = harmlessJson(json);
  assertEquals(JSON.parse(harmless), value);
  assertEquals(printable(harmless), harmless);
  assertEquals(harmlessJson('{"message":"привет 🚀"}'), '{"message":"привет 🚀"}');
});

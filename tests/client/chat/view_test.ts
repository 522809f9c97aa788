import { assertEquals } from "@std/assert";

import type { ViewChoice } from "../../../client/chat/chat_memory.ts";
import { Conversations } from "../../../client/chat/conversations.ts";
import { View } from "../../../client/chat/view.ts";

function start(view?: ViewChoice) {
  const conversations = new Conversations();
  const memory = view === undefined ? undefined : { view };
  return { conversations, memory, view: new View({ conversations, memory }) };
}

Deno.test("an open conversation is shown alone, if the person wants it so", () => {
  const { conversations, view, memory } = start("one");
  const shown = (): boolean[] => ["#dev", "bob"].map((name) => view.shows(name));
  assertEquals(shown(), [true, true], "nothing is open");
  conversations.open("#Dev");
  assertEquals(shown(), [true, false]);
  view.toggle();
  assertEquals([shown(), memory?.view], [[true, true], "all"]);
  view.toggle();
  assertEquals([shown(), memory?.view, view.isChoice], [[true, false], "one", true]);
});

Deno.test("where there is nothing to choose everything is shown", () => {
  const { conversations, view } = start();
  conversations.open("#dev");
  view.toggle();
  assertEquals([view.shows("bob"), view.isOne, view.isChoice], [true, false, false]);
});

Deno.test("three lines tell of what somebody writes elsewhere to whoever reads, until it is opened", () => {
  const { view } = start("one");
  const hints = (name: string, from: string, isMentioned: boolean, count = 5): boolean[] =>
    Array.from({ length: count }, () => view.hints(name, from, isMentioned));
  const three = [true, true, true, false, false];
  assertEquals(hints("bob", "bob", false), three);
  assertEquals(hints("#dev", "bob", false, 1), [false]);
  assertEquals(hints("#dev", "bob", true), three);
  assertEquals(hints("#DEV", "Zoe", true), three);
  view.opened("#Dev");
  assertEquals(hints("#dev", "zoe", true), three);
  assertEquals(hints("bob", "bob", false, 1), [false]);
});

Deno.test("what stands at the end of the stream need not be shown again", () => {
  const { view } = start("one");
  assertEquals(view.endsWith("#dev"), false);
  view.noteShown("#dev");
  assertEquals([view.endsWith("#DEV"), view.endsWith("bob")], [true, false]);
});

import { assertEquals } from "@std/assert";

import { HeldMessages, MAX_HELD } from "../../../client/chat/held_messages.ts";
import type { Delivery } from "../../../common/wire/protocol.ts";

function message(text: string, seq?: number, from = "bob"): Delivery {
  const numbered = seq === undefined ? {} : { seq };
  return { event: "msg", time: 1, to: "eve", from, message: text, ...numbered };
}

function textsOf(messages: readonly Delivery[]): string[] {
  return messages.map(({ message }) => message);
}

Deno.test("what was not shown is given once, in order; the last of what is kept nowhere else is remembered", () => {
  const held = new HeldMessages();
  for (let i = 0; i < 12; i++) held.remember("bob", message(`seen ${i}`));
  held.remember("Bob", message("kept", 1));
  held.add("BOB", message("one"));
  held.add("bob", message("two", 2));
  assertEquals([held.isWaiting("bob"), held.isWaiting("zoe")], [true, false]);
  assertEquals([held.has("bob", message("", 2)), held.has("bob", message("", 1))], [true, false]);
  assertEquals([held.count("bob", 1), held.count("bob", 2), held.count("zoe", 0)], [1, 0, 0]);
  const { seen, unseen, lost } = held.take("bob");
  assertEquals(textsOf(seen), Array.from({ length: 10 }, (_, i) => `seen ${i + 2}`));
  assertEquals([textsOf(unseen), lost, held.isWaiting("bob")], [["one", "two"], 0, false]);
  const again = held.take("bob");
  assertEquals([textsOf(again.seen).slice(-2), again.unseen], [["seen 11", "one"], []]);
  held.forget("bob");
  assertEquals(held.take("bob"), { seen: [], unseen: [], since: [], lost: 0 });
});

Deno.test("an answer to what had a line each makes it seen; to anything else it says nothing", () => {
  const held = new HeldMessages();
  assertEquals(held.answering("bob")?.(), []);
  held.add("bob", message("one"), true);
  held.remember("bob", message("mine"));
  held.add("bob", message("two", 2), true);
  const see = held.answering("bob")!;
  held.add("bob", message("later"), true);
  assertEquals([textsOf(see()), textsOf(see())], [["one", "two"], []]);
  assertEquals([held.isWaiting("bob"), textsOf(held.take("bob").seen)], [true, ["one", "mine"]]);
  held.add("bob", message("three"), true);
  held.add("bob", message("four"));
  assertEquals([held.answering("bob"), held.isWaiting("bob")], [undefined, true]);
});

Deno.test("what was shown behind something unseen is not given before it, and keeps its place", () => {
  const held = new HeldMessages();
  held.remember("bob", message("before"));
  held.add("bob", message("one"));
  held.remember("bob", message("between"));
  held.add("bob", message("two"));
  const { seen, unseen, since } = held.take("bob");
  assertEquals([textsOf(seen), textsOf(unseen)], [["before"], ["one", "two"]]);
  assertEquals(textsOf(since), ["one", "between", "two"]);
  assertEquals(textsOf(held.take("bob").seen), ["before", "one", "between", "two"]);
  for (let i = 0; i < MAX_HELD; i++) held.add("bob", message(`${i}`));
  for (let i = 0; i < 20; i++) held.remember("bob", message(`later ${i}`));
  const full = held.take("bob");
  assertEquals([full.seen, full.unseen.length, full.lost], [[], MAX_HELD, 0]);
});

Deno.test("of too many messages the oldest go, and it is known how many", () => {
  const held = new HeldMessages();
  for (let i = 0; i < MAX_HELD + 7; i++) held.add("bob", message(`${i}`));
  const { unseen, lost } = held.take("bob");
  assertEquals([unseen.length, unseen[0]?.message, lost], [MAX_HELD, "7", 7]);
});

Deno.test("who writes much, and under many names, drives out nobody else", () => {
  const held = new HeldMessages();
  held.add("zoe", message("a word"));
  const long = "x".repeat(4_096);
  for (let i = 0; i < 40; i++) {
    for (let n = 0; n < 100; n++) held.add(`flood${i}`, message(long));
  }
  assertEquals(textsOf(held.take("zoe").unseen), ["a word"]);
  let units = 0;
  for (let i = 0; i < 40; i++) {
    const { unseen, lost } = held.take(`flood${i}`);
    assertEquals(unseen.length + lost, 100);
    units += unseen.length * long.length;
  }
  assertEquals(units <= 4_194_304 && units > 4_000_000, true, `${units}`);
  for (let i = 0; i < 1_500; i++) held.add(`name${i}`, message("hi"));
  assertEquals([held.isWaiting("name0"), held.isWaiting("name1499")], [false, true]);
});

Deno.test("what is changed or deleted before it is seen is seen so", () => {
  const held = new HeldMessages();
  for (const seq of [1, 2]) held.add("bob", message(`text ${seq}`, seq));
  const change = { time: 2, to: "eve", from: "bob" };
  held.change("bob", { event: "edit", seq: 2, message: "new", ...change });
  held.change("bob", { event: "delete", seq: 1, by: "bob", ...change });
  held.change("bob", { event: "delete", seq: 7, by: "bob", ...change });
  assertEquals(textsOf(held.take("bob").unseen), ["new"]);
});

Deno.test("direct messages that are kept nowhere else are told from all others", () => {
  const held = new HeldMessages();
  held.add("#tea", message("in a room"));
  held.add("bob", message("kept", 1));
  held.add("bob", message("not kept"));
  held.remember("zoe", message("seen"));
  assertEquals(textsOf(held.unseenOnly((name) => name.startsWith("#"))), ["not kept"]);
});

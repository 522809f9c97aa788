import { assertEquals } from "@std/assert";

import { conversationOf, Conversations } from "../../../client/chat/conversations.ts";

Deno.test("messages are unread until their conversation is opened or answered", () => {
  const conversations = new Conversations();
  conversations.received({ from: "bob", to: "eve" });
  conversations.received({ from: "tim", to: "#dev" });
  conversations.received({ from: "Bob", to: "eve" });
  conversations.received({ from: "zoe", to: "eve" });
  assertEquals(conversations.unread, [
    { name: "Bob", count: 2 },
    { name: "#dev", count: 1 },
    { name: "zoe", count: 1 },
  ]);
  conversations.open("BOB");
  conversations.answering("#DEV")();
  assertEquals(conversations.unread, [{ name: "zoe", count: 1 }]);
});

Deno.test("an answer that is taken answers what was there when it was written, and nothing that came later", () => {
  const conversations = new Conversations();
  const came = (isMentioned = false): void =>
    conversations.received({ from: "bob", to: "eve" }, isMentioned);
  came();
  came(true);
  conversations.answering("bob");
  assertEquals(conversations.unread, [{ name: "bob", count: 2, isMentioned: true }]);
  const [first, second] = [conversations.answering("BOB"), conversations.answering("bob")];
  came();
  first();
  assertEquals(conversations.unread, [{ name: "bob", count: 1 }]);
  second();
  assertEquals(conversations.unread, [{ name: "bob", count: 1 }]);
  const third = conversations.answering("bob");
  conversations.open("bob");
  conversations.close();
  came();
  third();
  assertEquals(conversations.unread, [{ name: "bob", count: 1 }]);
  conversations.answering("bob")();
  assertEquals(conversations.unread, []);
});

Deno.test("nothing in the open conversation is unread, whatever the case of its name", () => {
  const conversations = new Conversations();
  conversations.open("#Dev");
  conversations.received({ from: "bob", to: "#dev" });
  conversations.received({ from: "bob", to: "eve" });
  assertEquals([conversations.current, conversations.isOpen("#DEV")], ["#Dev", true]);
  assertEquals(conversations.unread, [{ name: "bob", count: 1 }]);
  assertEquals([conversations.close(), conversations.close()], [true, false]);
  assertEquals([conversations.current, conversations.isOpen("#dev")], [undefined, false]);
  conversations.received({ from: "bob", to: "#dev" });
  assertEquals(conversations.unread.length, 2);
});

Deno.test("a conversation is open under any spelling of its name", () => {
  const conversations = new Conversations();
  conversations.open("#Οδός");
  conversations.received({ from: "bob", to: "#οδόσ" });
  assertEquals([conversations.unread, conversations.isOpen("#ΟΔΌΣ")], [[], true]);
});

Deno.test("a reply goes to who wrote last directly, to a room's writer only if nobody did", () => {
  const conversations = new Conversations();
  assertEquals(conversations.lastSender, undefined);
  const senders = [["ann", "#dev"], ["bob", "#dev"], ["tim", "eve"], ["zoe", "#dev"]].map(
    ([from, to]) => {
      conversations.received({ from: from!, to: to! });
      return conversations.lastSender;
    },
  );
  assertEquals(senders, ["ann", "ann", "tim", "tim"]);
});

Deno.test("of ever new senders the oldest are forgotten", () => {
  const conversations = new Conversations();
  for (let i = 0; i < 3_000; i++) conversations.received({ from: `bob${i}`, to: "eve" });
  const { unread } = conversations;
  assertEquals([unread.length, unread[0]!.name, unread.at(-1)!.name], [
    1_000,
    "bob2000",
    "bob2999",
  ]);
});

Deno.test("a message belongs to its room, or to the other one of the two", () => {
  const places = [["bob", "#dev"], ["bob", "eve"], ["EVE", "bob"], ["eve", "eve"]].map(
    ([from, to]) => conversationOf({ from: from!, to: to! }, "eve"),
  );
  assertEquals(places, ["#dev", "bob", "bob", "eve"]);
});

Deno.test("who was written to last is not who was only opened", () => {
  const conversations = new Conversations();
  conversations.answering("bob");
  conversations.open("#dev");
  assertEquals(conversations.lastAddressee, "bob");
});

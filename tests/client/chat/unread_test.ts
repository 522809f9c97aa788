import { assertEquals } from "@std/assert";

import { mergeUnread, unreadWords } from "../../../client/chat/unread.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

function kept(name: string, unread: number) {
  return { with: name, last: 9, read: 1, unread, time: 1 };
}

Deno.test("what the server keeps is counted by it, the rest here", () => {
  assertEquals(
    mergeUnread([kept("bob", 3), kept("zoe", 0)], [
      { name: "BOB", count: 5 },
      { name: "Zoe", count: 5 },
      { name: "guest", count: 2 },
    ]),
    [{ name: "bob", count: 3 }, { name: "guest", count: 2 }],
  );
  assertEquals(mergeUnread(undefined, [{ name: "bob", count: 1 }]), [{ name: "bob", count: 1 }]);
});

Deno.test("it is one line, which names twenty conversations at most, and steers nothing", () => {
  const unread = Array.from({ length: 23 }, (_, i) => ({ name: `bob${i + 1}`, count: i + 1 }));
  const [english, russian] = [speakerOf("en"), speakerOf("ru")];
  assertEquals(unreadWords([], english), "Nothing is unread.");
  assertEquals(unreadWords(unread.slice(0, 2), english), "Unread: bob1 1, bob2 2");
  assertEquals(unreadWords(unread, english).endsWith("bob19 19, bob20 20, 3 more"), true);
  assertEquals(unreadWords(unread.slice(0, 1), russian), "Непрочитано: bob1 1");
  assertEquals(unreadWords([{ name: "b\x1bob", count: 1 }], english), "Unread: b\\u{1b}ob 1");
});

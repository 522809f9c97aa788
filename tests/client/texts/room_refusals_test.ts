import { assertEquals } from "@std/assert";

import { type RoomObjection, roomRefusalSentence } from "../../../client/texts/room_refusals.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

function both(more: Omit<RoomObjection, "room">, event = "roomMessage"): string[] {
  const about = { room: "#dev", ...more };
  return [
    roomRefusalSentence(about, event, speakerOf("en")),
    roomRefusalSentence(about, event, speakerOf("ru")),
  ];
}

Deno.test("what a room has against somebody is said in both languages, with how long and why", () => {
  assertEquals(both({ refused: "muted", retry: 239 }), [
    "you are muted in #dev for another 4 min",
    "вы лишены слова в #dev ещё на 4 мин",
  ]);
  assertEquals(both({ refused: "muted" }), ["you are muted in #dev", "вы лишены слова в #dev"]);
  assertEquals(both({ refused: "banned", retry: 7_200, reason: "a\x1b" }, "join"), [
    "you are banned from #dev for another 2 h: a\\u{1b}",
    "вы забанены в #dev ещё на 2 ч: a\\u{1b}",
  ]);
  assertEquals(both({ refused: "banned" }, "join"), [
    "you are banned from #dev for good",
    "вы забанены в #dev навсегда",
  ]);
  assertEquals(both({ refused: "slow", retry: 7 }), [
    "#dev is in slow mode: you may write again in 7 s",
    "в #dev медленный режим: снова написать можно через 7 с",
  ]);
  assertEquals(both({ refused: "slow" })[0], "#dev is in slow mode: wait a moment");
  assertEquals(both({ refused: "private" }, "join"), [
    "#dev is private: only who was invited may enter",
    "#dev — закрытая комната: в неё входят по приглашению",
  ]);
  assertEquals(
    both({ refused: "moderated" })[1],
    "#dev модерируется: пишут только владельцы и модераторы",
  );
  assertEquals(both({ refused: "not-member" }), ["you are not in #dev", "вы не в #dev"]);
});

Deno.test("which role something needs depends on what was asked for", () => {
  const words = (event: string): string => both({ refused: "role" }, event)[0]!;
  assertEquals(words("topic"), "only an owner or moderator of #dev may do that");
  assertEquals(words("remove"), "only an owner of #dev may do that");
  assertEquals(words("private"), words("remove"));
  assertEquals(words("grant"), words("remove"));
  assertEquals(
    words("ban"),
    "only an owner or moderator of #dev may do that, to somebody of a lower role",
  );
  assertEquals(
    both({ refused: "passing" }, "kick")[0],
    "a guest has made #dev: it has no settings, and nobody runs it",
  );
});

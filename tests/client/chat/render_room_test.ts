import { assertEquals } from "@std/assert";

import { newsWords, renderNews, renderRoom } from "../../../client/chat/render_room.ts";
import { paint } from "../../../client/chat/styled_line.ts";
import type { RoomAnswer } from "../../../client/library/options.ts";
import type { RoomNews } from "../../../client/library/room_news.ts";
import { type Language, speakerOf } from "../../../client/texts/texts.ts";

const [room, by, user] = ["#dev", "ann", "bob"];

function words(news: RoomNews, language: Language = "en", ownName = "eve"): string {
  return newsWords(news, { speaker: speakerOf(language), ownName, slash: "/" }).join(" | ");
}

Deno.test("what is done in a room is told in both languages", () => {
  const reason = "a\x1b";
  const cases: [news: RoomNews, english: string, russian: string][] = [
    [
      { type: "kicked", room, user, by, reason },
      "ann kicked bob from #dev: a\\u{1b}",
      "ann выгоняет bob из #dev: a\\u{1b}",
    ],
    [
      { type: "banned", room, user, by, seconds: 7_200, reason: "spamming" },
      "ann banned bob from #dev for 2 h: spamming",
      "ann банит bob в #dev на 2 ч: spamming",
    ],
    [
      { type: "banned", room, user, by },
      "ann banned bob from #dev for good",
      "ann банит bob в #dev навсегда",
    ],
    [
      { type: "muted", room, user, by, seconds: 600 },
      "ann muted bob in #dev for 10 min",
      "ann лишает bob слова в #dev на 10 мин",
    ],
    [{ type: "muted", room, user, by }, "ann muted bob in #dev", "ann лишает bob слова в #dev"],
    [
      { type: "unmuted", room, user, by },
      "ann lets bob speak in #dev again",
      "ann снимает с bob запрет писать в #dev",
    ],
    [
      { type: "granted", room, user, by, role: "moderator" },
      "ann made bob a moderator of #dev",
      "ann делает bob модератором #dev",
    ],
    [
      { type: "granted", room, user, by, role: "owner" },
      "ann made bob an owner of #dev",
      "ann делает bob владельцем #dev",
    ],
    [
      { type: "granted", room, user, by, role: "member" },
      "ann made bob an ordinary member of #dev",
      "ann делает bob обычным участником #dev",
    ],
    [
      { type: "invited", room, user: "eve", by },
      "ann invited you to #dev: '/join #dev'",
      "ann приглашает вас в #dev: «/войти #dev»",
    ],
    [{ type: "removed", room, by }, "ann removed #dev", "ann удаляет #dev"],
    [
      { type: "set", room, by, settings: { topic: "tea", private: true, slow: 90 } },
      "ann set the topic of #dev: tea | ann made #dev private: only who was invited may enter | " +
      "ann put #dev in slow mode: one message every 1 min 30 s",
      "ann меняет тему #dev: tea | ann закрывает #dev: теперь входят по приглашению | " +
      "ann включает медленный режим #dev: одно сообщение раз в 1 мин 30 с",
    ],
    [
      { type: "set", room, by, settings: { private: false, moderated: false, slow: 0 } },
      "ann opened #dev to everybody | ann lets everybody speak in #dev | " +
      "ann ended the slow mode of #dev",
      "ann открывает #dev для всех | ann снова даёт всем писать в #dev | " +
      "ann выключает медленный режим #dev",
    ],
    [
      { type: "set", room, by, settings: { topic: "", moderated: true } },
      "ann cleared the topic of #dev | " +
      "ann made #dev moderated: only owners and moderators speak",
      "ann убирает тему #dev | ann включает модерацию #dev: пишут только владельцы и модераторы",
    ],
  ];
  for (const [news, english, russian] of cases) {
    assertEquals([words(news), words(news, "ru")], [english, russian]);
  }
});

Deno.test("to whom something is done, 'you' is said", () => {
  const news = { type: "banned", room, user, by, seconds: 60 } as const;
  assertEquals(words(news, "en", "BOB"), "ann banned you from #dev for 1 min");
  assertEquals(words(news, "ru", "bob"), "ann банит вас в #dev на 1 мин");
  const given = { type: "unmuted", room, user, by } as const;
  assertEquals(words(given, "ru", "bob"), "ann снимает с вас запрет писать в #dev");
});

Deno.test("what comes as no notice looks like one", () => {
  const reader = { speaker: speakerOf("en"), ownName: by, slash: "" } as const;
  const lines = renderNews({ type: "banned", room, user, by }, reader);
  assertEquals(lines.map((line) => paint(line)), ["*** ann banned bob from #dev for good"]);
});

const PLAIN: RoomAnswer = {
  time: 1_000,
  ...{ room, topic: "", isLasting: true, isPrivate: false, isModerated: false, slow: 0 },
  ...{ owners: ["ann"], moderators: [] },
};

function shown(more: Partial<RoomAnswer>, language: Language = "en"): string[] {
  const lines = renderRoom({ ...PLAIN, ...more }, speakerOf(language));
  return lines.map((line) => paint(line));
}

Deno.test("a room is shown as it is set, with who runs it", () => {
  assertEquals(shown({}), ["#dev", "  Everybody may enter and speak.", "  owners: ann"]);
  assertEquals(shown({ isLasting: false }), [
    "#dev",
    "  A guest has made it: it goes with its last member, and nobody runs it.",
  ]);
  const all = { topic: "tea\x1b", isPrivate: true, isModerated: true, slow: 10 };
  assertEquals(shown({ ...all, moderators: ["kim", "joe"] }), [
    "#dev: tea\\u{1b}",
    "  Private: only who was invited may enter.",
    "  Moderated: only owners and moderators speak.",
    "  Slow mode: one message every 10 s.",
    "  owners: ann",
    "  moderators: kim, joe",
  ]);
});

Deno.test("who runs a room sees who is out and silent, for how long, by whom and why", () => {
  const lists = { banned: ["bob", "tom", "old"], muted: ["Bob"], invited: ["zoe", "max"] };
  const sanctions: RoomAnswer["sanctions"] = [
    { kind: "mute", user: "bob", until: 1_239, by: "kim" },
    { kind: "ban", user: "bob", until: 8_200, by: "ann", reason: "spam" },
    { kind: "ban", user: "tom", by: "ann", reason: "" },
  ];
  assertEquals(shown({ ...lists, sanctions }), [
    ...["#dev", "  Everybody may enter and speak.", "  owners: ann", "  invited: zoe, max"],
    "  banned: bob for another 2 h, by ann: spam",
    "  banned: tom for good, by ann",
    "  banned: old",
    "  muted: bob for another 4 min, by kim",
  ]);
  assertEquals(shown({ ...lists, sanctions }, "ru").slice(1), [
    "  Войти и писать могут все.",
    "  владельцы: ann",
    "  приглашены: zoe, max",
    "  бан: bob, ещё 2 ч, от ann: spam",
    "  бан: tom, навсегда, от ann",
    "  бан: old",
    "  без слова: bob, ещё 4 мин, от kim",
  ]);
});

import { assertEquals } from "@std/assert";

import { isOver, readRoomNews, type RoomNews } from "../../../client/library/room_news.ts";
import type { Notice } from "../../../common/wire/protocol.ts";

function read(more: Partial<Notice>): RoomNews | undefined {
  return readRoomNews({ response: 100, time: 1, alert: "", room: "#dev", by: "ann", ...more });
}

Deno.test("a notice about a room says who has done what to whom", () => {
  const [room, by, user] = ["#dev", "ann", "bob"];
  const cases: [Partial<Notice>, RoomNews | undefined][] = [
    [{ left: user, kicked: true }, { type: "kicked", room, user, by }],
    [{ left: user, kicked: true, reason: "a" }, { type: "kicked", room, user, by, reason: "a" }],
    [
      { left: user, kicked: true, banned: true, seconds: 60, reason: "" },
      { type: "banned", room, user, by, seconds: 60 },
    ],
    [{ left: user, kicked: true, banned: true }, { type: "banned", room, user, by }],
    [{ invited: user }, { type: "invited", room, user, by }],
    [{ user, muted: true, seconds: 9 }, { type: "muted", room, user, by, seconds: 9 }],
    [{ user, muted: false }, { type: "unmuted", room, user, by }],
    [{ user, role: "owner" }, { type: "granted", room, user, by, role: "owner" }],
    [{ topic: "" }, { type: "set", room, by, settings: { topic: "" } }],
    [
      { private: false, moderated: true, slow: 0 },
      { type: "set", room, by, settings: { private: false, moderated: true, slow: 0 } },
    ],
    [{ remove: true }, { type: "removed", room, by }],
  ];
  for (const [notice, news] of cases) assertEquals(read(notice), news);
});

Deno.test("who comes and goes by themselves, and what is about no room, is no news of this kind", () => {
  assertEquals([{ joined: "bob" }, { left: "bob" }, { user: "bob" }, {}].map(read), [
    ...[undefined, undefined, undefined, undefined],
  ]);
  assertEquals(readRoomNews({ response: 101, time: 1, alert: "", reason: "shutdown" }), undefined);
});

Deno.test("a room is over for all when it is removed, and for who is taken out", () => {
  const over = (more: Partial<Notice>): boolean => isOver(read(more)!, "Eve");
  assertEquals([
    over({ remove: true }),
    over({ left: "eve", kicked: true }),
    over({ left: "EVE", kicked: true, banned: true }),
    over({ left: "bob", kicked: true }),
    over({ user: "eve", muted: true }),
    over({ topic: "tea" }),
  ], [true, true, true, false, false, false]);
});

import { assertEquals, assertMatch } from "@std/assert";

import {
  clockSpan,
  renderDay,
  renderMessage,
  renderNotice,
  renderOutcome,
  renderRooms,
  renderUnanswered,
  renderWho,
} from "../../../client/chat/render.ts";
import { type Line, paint } from "../../../client/chat/styled_line.ts";
import { readRoomNews } from "../../../client/library/room_news.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Delivery, WhoUser } from "../../../common/wire/protocol.ts";

const speaker = speakerOf("en");
const WHOLE = { speaker, multiline: true };
const ONE_LINE = { speaker, multiline: false };

function delivery(message: string, more: Partial<Delivery> = {}): Delivery {
  return { event: "msg", time: 7, to: "eve", from: "bob", message, ...more };
}

/** The lines as plain text without the time of day, and what they are for. */
function plain(lines: Line[]): [string, string][] {
  return lines.map((line) => [line.kind, paint(line).replace(/^\[[\d:]+\] /, "")]);
}

Deno.test("a message says who wrote, in which room, and whether it was kept", () => {
  assertEquals(plain(renderMessage(delivery("hi"), ONE_LINE)), [["message", "bob: hi"]]);
  assertEquals(
    plain(renderMessage(delivery("hi", { to: "#dev", stored: 3 }), ONE_LINE)),
    [["message", "#dev bob: hi · kept for you"]],
  );
});

Deno.test("what somebody does is one sentence with their name, and no news of the server's", () => {
  const waves = (more: object): Delivery => delivery("waves", { kind: "action", ...more });
  assertEquals(plain(renderMessage(waves({}), ONE_LINE)), [["message", "* bob waves"]]);
  assertEquals(
    plain(renderMessage(waves({ to: "#dev", stored: 3 }), ONE_LINE)),
    [["message", "#dev * bob waves · kept for you"]],
  );
  assertEquals(plain(renderMessage(waves({ message: "joined #dev\n*** bob" }), WHOLE)), [
    ["message", "* bob joined #dev"],
    ["message", "           │ *** bob"],
  ]);
  const notice = { response: 100, time: 7, alert: "", room: "#dev", joined: "bob" };
  const reader = { speaker: speakerOf("en"), ownName: "eve", slash: "" } as const;
  assertEquals(plain(renderNotice(notice, undefined, reader)), [["info", "*** bob joined #dev"]]);
  const sent = { state: "sent", code: 200, id: "m", sentence: "" } as const;
  assertEquals(plain(renderOutcome("bob", "waves", sent, 7, WHOLE, "eve")), [
    ["info", "→ bob: * eve waves · sent"],
  ]);
  assertEquals(plain(renderUnanswered("bob", "waves", "stateQueued", 7, WHOLE, "eve")), [
    ["info", "→ bob: * eve waves · waits for the connection"],
  ]);
});

Deno.test("no line of a message passes for another's, however it is shown", () => {
  const forged = delivery("hi\r\n[00:00:00] tim: I agree\tfully");
  assertEquals(plain(renderMessage(forged, WHOLE)), [
    ["message", "bob: hi"],
    ["message", "           │ [00:00:00] tim: I agree    fully"],
  ]);
  assertEquals(plain(renderMessage(forged, ONE_LINE)), [
    ["message", "bob: hi\\u{d}\\n[00:00:00] tim: I agree\\tfully"],
  ]);
});

Deno.test("with a column of names all text stands in one place, that of notices and answers too", () => {
  const look = { ...WHOLE, gutter: 8 };
  const room = { to: "#dev" };
  assertEquals(plain(renderMessage(delivery("hi\nyou", room), look)), [
    ["message", "#dev bob │ hi"],
    ["message", "                    │ you"],
  ]);
  const sent = { state: "sent", code: 200, id: "m", sentence: "" } as const;
  assertEquals(plain(renderOutcome("bob", "hi", sent, 7, look)), [[
    "info",
    "   → bob │ hi · sent",
  ]]);
  const notice = { response: 100, time: 7, alert: "", room: "#dev", joined: "tim" } as const;
  const reader = { speaker, slash: "", ownName: "eve" } as const;
  assertEquals(plain(renderNotice(notice, undefined, reader, look)), [
    ["info", "     *** │ tim joined #dev"],
  ]);
  const waves = delivery("joined #dev\nnods", { kind: "action" });
  assertEquals(plain(renderMessage(waves, look)), [
    ["message", "   * bob │ joined #dev"],
    ["message", "                    │ nods"],
  ]);
  assertEquals(plain(renderOutcome("bob", "waves", sent, 7, look, "eve")), [
    ["info", "   → bob │ * eve waves · sent"],
  ]);
});

Deno.test("what stands between lines of three backticks is a listing; alone they are text", () => {
  const styles = (text: string, options = WHOLE): [string, boolean][] =>
    renderMessage(delivery(text), options).map(({ spans, isCode = false }) => [
      spans.at(-1)!.style,
      isCode,
    ]);
  assertEquals(styles("look:\n```ts\nlet a;\n\n```\nwell?"), [
    ["plain", false],
    ["faint", false],
    ["code", true],
    ["code", true],
    ["faint", false],
    ["plain", false],
  ]);
  assertEquals(styles("```\nit never ends"), [["faint", false], ["code", true]]);
  assertEquals(styles("```all in one```"), [["plain", false]]);
  assertEquals(styles("a\n```\nb", ONE_LINE), [["plain", false]]);
});

Deno.test("what became of an own message stands behind its last line", () => {
  const id = "m-1";
  const sent = { state: "sent", code: 200, id, sentence: "" } as const;
  assertEquals(plain(renderOutcome("bob", "a\nb", sent, 7, WHOLE)), [
    ["info", "→ bob: a"],
    ["info", "           │ b · sent"],
  ]);
  assertEquals(plain(renderOutcome("#dev", "a", { ...sent, delivered: 3 }, 7, WHOLE)), [
    ["info", "→ #dev: a · sent to 3"],
  ]);
  const refused = { state: "refused", code: 404, id, sentence: "nobody\x1b" } as const;
  assertEquals(plain(renderOutcome("bob", "a", refused, 7, WHOLE)), [
    ["error", "→ bob: a · not sent: nobody\\u{1b} (404)"],
  ]);
});

Deno.test("a message that waits is no error, one that never got an answer is", () => {
  const kinds = (["stateQueued", "stateUnanswered"] as const).map((state) =>
    plain(renderUnanswered("bob", "hi", state, 7, WHOLE))[0]
  );
  assertEquals(kinds, [
    ["info", "→ bob: hi · waits for the connection"],
    ["error", "→ bob: hi · no answer: it may not have been sent"],
  ]);
});

Deno.test("a notice says who came, who left, or what the server has to say", () => {
  const notices = [
    { response: 100, time: 7, alert: "", room: "#dev", joined: "bob" },
    { response: 100, time: 7, alert: "", room: "#dev", left: "bob" },
    { response: 100, time: 7, alert: "", room: "#dev", joined: ["bob"] },
    { response: 100, time: 7, alert: "", room: "#dev", joined: ["bob", "k\x1bm"] },
    { response: 100, time: 7, alert: "", room: "#dev", left: ["bob", "kim", "zoe"] },
    { response: 100, time: 7, alert: "", room: "#dev", left: ["bob", "kim", "zoe", "ann"] },
    { response: 100, time: 7, alert: "", room: "#dev", joined: Array<string>(100).fill("bob") },
    { response: 100, time: 7, alert: "", room: "#dev", topic: "a \x1b[2J", by: "bob" },
    { response: 100, time: 7, alert: "", room: "#dev", topic: "", by: "bob" },
    { response: 100, time: 7, alert: "", room: "#dev", remove: true, by: "bob" },
    { response: 100, time: 7, alert: "", room: "#dev", slow: 9, moderated: true, by: "bob" },
    { response: 101, time: 7, alert: "going down" },
  ];
  const reader = { speaker, ownName: "eve", slash: "" } as const;
  const shown = notices.flatMap((notice) => renderNotice(notice, readRoomNews(notice), reader));
  assertEquals(plain(shown), [
    ["info", "*** bob joined #dev"],
    ["info", "*** bob left #dev"],
    ["info", "*** bob joined #dev"],
    ["info", "*** bob and k\\u{1b}m joined #dev"],
    ["info", "*** bob, kim and zoe left #dev"],
    ["info", "*** bob, kim, zoe and 1 other left #dev"],
    ["info", "*** bob, bob, bob and 97 others joined #dev"],
    ["info", "*** bob set the topic of #dev: a \\u{1b}[2J"],
    ["info", "*** bob cleared the topic of #dev"],
    ["info", "*** bob removed #dev"],
    ["info", "*** bob made #dev moderated: only owners and moderators speak"],
    ["info", "*** bob put #dev in slow mode: one message every 9 s"],
    ["info", "*** the server says: going down"],
  ]);
});

Deno.test("the table of users counts those that it does not list", () => {
  const users = [{ account_name: "bob", status: "at sea" }, { account_name: "eve", status: "" }];
  const lines = renderWho(users, 5, undefined, speaker);
  assertEquals(plain(lines).map(([, text]) => text.trimEnd()), [
    "5 online",
    "  name  status",
    "  bob   at sea",
    "  eve",
    "3 more are not listed",
  ]);
  assertEquals(plain(renderWho(users, 2, "#dev", speaker))[0], ["info", "2 in #dev"]);
});

Deno.test("in a room those stand first who run it, with their roles", () => {
  const users: WhoUser[] = [
    { account_name: "bob", status: "at sea", role: "member" },
    { account_name: "eve", status: "" },
    { account_name: "kim", status: "", role: "moderator" },
    { account_name: "zoe", status: "here", role: "owner" },
  ];
  assertEquals(plain(renderWho(users, 4, "#dev", speaker)).map(([, text]) => text.trimEnd()), [
    "4 in #dev",
    "  name  role       status",
    "  zoe   owner      here",
    "  kim   moderator",
    "  bob              at sea",
    "  eve",
  ]);
  assertEquals(plain(renderWho(users, 4, "#dev", speakerOf("ru"))).slice(1, 4), [
    ["info", "  имя  роль       статус"],
    ["info", "  zoe  владелец   here"],
    ["info", "  kim  модератор"],
  ]);
});

Deno.test("the table of rooms counts those that it does not list, and steers no terminal", () => {
  const rooms = [
    { room: "#a", topic: "tea\n\x1b[2J", users: 12, lasting: true },
    { room: "#long.name", topic: "", users: 3, lasting: false },
  ];
  assertEquals(plain(renderRooms(rooms, 5, speaker)).map(([, text]) => text), [
    "5 rooms",
    "  room        people  topic",
    "  #a              12  tea\\n\\u{1b}[2J",
    "  #long.name       3",
    "3 more are not listed",
  ]);
  assertEquals(plain(renderRooms([], 0, speaker)), [["info", "0 rooms"]]);
  const many = Array.from({ length: 5_000 }, () => rooms[1]!);
  assertEquals(renderRooms(many, 1, speaker).length, 1_003);
});

Deno.test("the table of users has no more rows than an honest server lists", () => {
  const users = Array.from({ length: 5_000 }, (_, i) => ({ account_name: `u${i}`, status: "" }));
  const lines = plain(renderWho(users, 7, undefined, speaker)).map(([, text]) => text.trimEnd());
  assertEquals([lines.length, lines.at(-2), lines.at(-1)], [
    1_003,
    "  u999",
    "4000 more are not listed",
  ]);
});

Deno.test("a day is named in the language of the chat", () => {
  const day = new Date(2026, 10, 23);
  const english = paint(renderDay(day, speaker));
  assertMatch(english, /^— Monday,? 23 November 2026 —$/); // the comma depends on the version of ICU
  const russian = paint(renderDay(day, speakerOf("ru")));
  assertMatch(russian, /^— понедельник,? 23 ноября 2026/);
});

Deno.test("the time of day has two digits each; a time out of range is none", () => {
  const seconds = new Date(2026, 0, 1, 3, 4, 5).getTime() / 1000;
  assertEquals([clockSpan(seconds).text, clockSpan(1e300).text], ["[03:04:05] ", "[--:--:--] "]);
});

/**
 * What happens → lines to show. Pure: no terminal, no clock.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import { alignTable } from "../../common/table.ts";
import {
  CODE,
  type Delivery,
  isRoomAddress,
  type MessageKind,
  namesIn,
  type Notice,
  ROOM_ROLES,
  type RoomEntry,
  type WhoUser,
} from "../../common/wire/protocol.ts";
import type { SendOutcome } from "../library/events.ts";
import type { RoomNews } from "../library/room_news.ts";
import { refusalWords, type Speaker } from "../texts/texts.ts";
import { barOf, type Gutter, messageHead, noticeHead } from "./message_head.ts";
import { NEWS_MARK, newsWords, type Reader, ROLE_WORDS } from "./render_room.ts";
import { type Line, line, type Span, span } from "./styled_line.ts";
import type { Style } from "./theme.ts";

/** What a listing in a message begins and ends with, on a line of its own; behind it may stand the language. */
const FENCE = /^ {0,3}```/;

/** How many names a line has of those who came or went at once. */
const MOST_NAMED = 3;
/** The sentences about one, about up to that many, and about more. */
const MOVED = {
  joined: { one: "joined", several: "joinedSeveral", many: "joinedMany" },
  left: { one: "left", several: "leftSeveral", many: "leftMany" },
} as const;

/** How lines look. */
export interface RenderOptions extends Gutter {
  /** The language. */
  readonly speaker: Speaker;
  /** A message with line breaks takes several lines, instead of one in which they stand as `\n`. */
  readonly multiline: boolean;
}

/**
 * A message from somebody: `[12:34:56] bob: hi`, `[12:34:56] #dev bob: hi`, `[12:34:56] * bob waves`.
 *
 * @param look Whether it mentions whoever reads it, so that it stands out; and what stands behind it.
 */
export function renderMessage(
  message: Delivery,
  options: RenderOptions,
  { mentions = false, tail = [] }: { mentions?: boolean; tail?: readonly Span[] } = {},
): Line[] {
  const { to, from, time, stored, kind } = message;
  const room = isRoomAddress(to) ? [span(to, "strong"), span(" ")] : [];
  const isAction = kind === "action";
  const who = [...room, ...(isAction ? [span("* ")] : []), span(from, "name")];
  const head = messageHead(clockSpan(time), who, { ...options, isAction });
  const stays = stored === undefined
    ? []
    : [span(` · ${options.speaker.say("storedMark")}`, "faint")];
  const style = mentions ? "mention" : "plain";
  return withText("message", head, message.message, [...stays, ...tail], options, style);
}

/** How a text begins: `bob: `, or `* bob ` where it is what bob does. */
export function saidBy(name: string, kind?: MessageKind): Span[] {
  return kind === "action"
    ? [span("* "), span(name, "name"), span(" ")]
    : [span(name, "name"), span(": ")];
}

/**
 * What became of an own message: `[12:34:56] → bob: hi · sent`.
 *
 * @param doer The own name, if the message says what one does: `[12:34:56] → bob: * eve waves · sent`.
 */
export function renderOutcome(
  to: string,
  message: string,
  outcome: SendOutcome,
  time: number,
  options: RenderOptions,
  doer?: string,
): Line[] {
  const isRefused = outcome.state === "refused";
  const state = outcomeWords(to, outcome, options.speaker);
  const tail = [span(` · ${state}`, isRefused ? "error" : "faint")];
  const head = ownHead(to, time, options, doer);
  return withText(isRefused ? "error" : "info", head, message, tail, options);
}

/** An own message that has no answer: it waits for a connection, or will never get one. See {@linkcode renderOutcome}. */
export function renderUnanswered(
  to: string,
  message: string,
  state: "stateQueued" | "stateUnanswered",
  time: number,
  options: RenderOptions,
  doer?: string,
): Line[] {
  const isOver = state === "stateUnanswered";
  const tail = [span(` · ${options.speaker.say(state)}`, isOver ? "error" : "notice")];
  const head = ownHead(to, time, options, doer);
  return withText(isOver ? "error" : "info", head, message, tail, options);
}

/** How a line about an own message begins. @param doer See {@linkcode renderOutcome}. */
export function ownHead(to: string, time: number, gutter: Gutter, doer?: string): Span[] {
  const addressee = span(to, isRoomAddress(to) ? "strong" : "name");
  const head = messageHead(clockSpan(time), [span("→ ", "own"), addressee], gutter);
  return doer === undefined ? head : [...head, ...saidBy(doer, "action")];
}

/** The state of an own message in words. */
export function outcomeWords(to: string, outcome: SendOutcome, speaker: Speaker): string {
  const { say } = speaker;
  switch (outcome.state) {
    case "sent":
      return outcome.delivered === undefined
        ? say("stateSent")
        : say("stateSentRoom", { count: outcome.delivered });
    case "stored":
      return say("stateStored", { name: to });
    case "refused": {
      const event = isRoomAddress(to) ? "roomMessage" : "message";
      return `${say("stateRefused")}: ${refusalWords({ ...outcome, event }, speaker)}`;
    }
  }
}

/**
 * What the server says unasked: mostly one line.
 *
 * @param news The same, if it is about what somebody does who runs a room.
 */
export function renderNotice(
  notice: Notice,
  news: RoomNews | undefined,
  reader: Reader,
  gutter: Gutter = {},
): Line[] {
  const texts = news === undefined
    ? [noticeWords(notice, reader.speaker.say)]
    : newsWords(news, reader);
  const style = notice.response === CODE.important ? "strong" : "notice";
  return texts.map((text) => {
    const head = noticeHead(clockSpan(notice.time), span(NEWS_MARK, style), gutter);
    return { kind: "info", spans: [...head, span(text, style)], indent: barOf(gutter) };
  });
}

function noticeWords(notice: Notice, say: Speaker["say"]): string {
  const { room = "", joined, left, alert } = notice;
  if (joined !== undefined) return movedWords(MOVED.joined, namesIn(joined), room, say);
  if (left !== undefined) return movedWords(MOVED.left, namesIn(left), room, say);
  return say("serverSays", { sentence: alert });
}

/** Who came or went: three by name at most, so that it stays one line. */
function movedWords(
  { one, several, many }: typeof MOVED["joined" | "left"],
  names: readonly string[],
  room: string,
  say: Speaker["say"],
): string {
  const named = names.slice(0, MOST_NAMED);
  const count = names.length - named.length;
  if (count > 0) return say(many, { names: named.join(", "), count, room });
  const last = named.pop() ?? "";
  return named.length === 0
    ? say(one, { name: last, room })
    : say(several, { names: named.join(", "), last, room });
}

/** Which rooms there are, as a table. */
export function renderRooms(
  rooms: readonly RoomEntry[],
  total: number,
  { say }: Speaker,
): Line[] {
  const listed = rooms.slice(0, LIMITS.maxListedRooms);
  const more = Math.max(total, rooms.length) - listed.length;
  const lines = [line("info", say("roomsTotal", { count: total }), "strong")];
  if (listed.length > 0) {
    const [head = "", ...rows] = alignTable([
      [`  ${say("roomsName")}`, say("roomsUsers"), say("roomsTopic")],
      ...listed.map(({ room, users, topic }) => [`  ${room}`, String(users), topic]),
    ], [1]);
    lines.push(line("info", head, "faint"), ...rows.map((row) => line("info", row)));
  }
  if (more > 0) lines.push(line("info", say("whoMore", { count: more }), "faint"));
  return lines;
}

/** Who is online, or in a room, as a table; in a room those first who run it, with their roles. */
export function renderWho(
  users: readonly WhoUser[],
  total: number,
  room: string | undefined,
  { say }: Speaker,
): Line[] {
  const listed = users.slice(0, LIMITS.maxWhoUsers)
    .toSorted((one, other) => rankOf(one) - rankOf(other));
  const more = Math.max(total, users.length) - listed.length;
  const count = room === undefined
    ? say("whoTotal", { count: total })
    : say("whoRoom", { count: total, room });
  const hasRoles = listed.some((user) => rankOf(user) < MEMBER);
  const roleOf = (user: WhoUser): string =>
    rankOf(user) < MEMBER ? say(ROLE_WORDS[user.role ?? "member"]) : "";
  const [head = "", ...rows] = alignTable([
    [`  ${say("whoName")}`, ...(hasRoles ? [say("whoRole")] : []), say("whoStatus")],
    ...listed.map((user) => {
      const { account_name, status } = user;
      return [`  ${account_name}`, ...(hasRoles ? [roleOf(user)] : []), status];
    }),
  ]);
  const lines = [
    line("info", count, "strong"),
    line("info", head, "faint"),
    ...rows.map((row) => line("info", row)),
  ];
  if (more > 0) lines.push(line("info", say("whoMore", { count: more }), "faint"));
  return lines;
}

const MEMBER = ROOM_ROLES.indexOf("member");

function rankOf({ role = "member" }: WhoUser): number {
  return ROOM_ROLES.indexOf(role);
}

/** The mark between two days: `— Monday, 23 November 2026 —`. */
export function renderDay(date: Date, { language }: Speaker): Line {
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  return line("info", `— ${format.format(date)} —`, "faint");
}

/** The time of day: `[12:34:56] `. */
export function clockSpan(unixSeconds: number): Span {
  return span(`[${clockWords(unixSeconds)}] `, "faint");
}

/** The time of day: `12:34:56`. */
export function clockWords(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const isKnown = parts.every((part) => Number.isFinite(part));
  return isKnown ? parts.map((part) => String(part).padStart(2, "0")).join(":") : "--:--:--";
}

/**
 * A text behind its head; further lines stand behind a bar, so that none passes for another's message. What stands
 * between lines of three backticks is a listing.
 */
export function withText(
  kind: Line["kind"],
  head: readonly Span[],
  text: string,
  tail: readonly Span[],
  options: RenderOptions,
  style: Style = "plain",
): Line[] {
  const bar = barOf(options);
  const texts = options.multiline ? text.replaceAll("\t", "    ").split(/\r\n|\n/) : [text];
  let isCode = false;
  return texts.map((part, index) => {
    const isFence = texts.length > 1 && FENCE.test(part);
    const look = isFence ? "faint" : isCode ? "code" : style;
    const line: Line = {
      kind,
      spans: [
        ...(index === 0 ? head : [span(bar, "faint")]),
        span(part, look),
        ...(index === texts.length - 1 ? tail : []),
      ],
      indent: bar,
      ...(isCode && !isFence && { isCode }),
    };
    if (isFence) isCode = !isCode;
    return line;
  });
}

/**
 * What is kept of conversations → lines to show. Pure: no terminal, no clock.
 *
 * @module
 */

import stringWidth from "string-width";

import {
  type Deleted,
  type Delivery,
  type Edited,
  isRoomAddress,
  type KeptDelivery,
} from "../../common/wire/protocol.ts";
import { foldName } from "../../common/names.ts";
import type { Speaker } from "../texts/texts.ts";
import type { KnownMessage } from "./known_messages.ts";
import { depthOf, type Gutter, hintHead, noticeHead } from "./message_head.ts";
import { markWords } from "./marked_words.ts";
import { isRoomMention } from "./mention.ts";
import {
  clockSpan,
  ownHead,
  renderMessage,
  type RenderOptions,
  saidBy,
  withText,
} from "./render.ts";
import { NEWS_MARK } from "./render_room.ts";
import { type Line, line, type Span, span } from "./styled_line.ts";

/** How a kept message looks. */
export interface KeptLook {
  /** Whether it is one of what was said before, as opposed to one that is new to whoever reads it. */
  readonly isDim: boolean;
  /** Who reads it. */
  readonly ownName: string;
  /** The message that it answers, if that is known. */
  readonly answered?: KnownMessage | undefined;
}

/** Characters of a message that another line tells of. */
const SHORT = 60;
/** UTF-16 units of a message that one row may show. */
const MAX_HINT = 500;
/** How wide a rule is at most. */
const RULE = 40;

/** A kept message, as it was shown when it came: one's own as `→ bob: hi`. Deleted ones say so. */
export function renderKept(
  message: KeptDelivery,
  options: RenderOptions,
  { isDim, ownName, answered }: KeptLook,
): Line[] {
  const { say } = options.speaker;
  const { time, to, from, message: text = say("deletedMark"), kind, edited } = message;
  const tail = edited === undefined ? [] : [span(` · ${say("editedMark")}`, "faint")];
  const head = renderAnswered(answered, options);
  if (isOwn(message, ownName)) {
    const start = ownHead(to, time, options, kind === "action" ? from : undefined);
    return [...head, ...withText("message", start, text, tail, options)].map(dim);
  }
  const said = { time, to, from, message: text };
  const delivery: Delivery = { event: "msg", ...said, ...(kind !== undefined && { kind }) };
  const mentions = isRoomMention(ownName, delivery);
  const lines = [...head, ...renderMessage(delivery, options, { mentions, tail })];
  return isDim || message.message === undefined ? lines.map(dim) : lines;
}

/** Whom and what a message answers, above it: `↪ bob: shall we meet at five …`; nothing if that is not known. */
export function renderAnswered(answered: KnownMessage | undefined, gutter: Gutter): Line[] {
  if (answered?.message === undefined) return [];
  const { from, message, kind } = answered;
  const head = saidBy(from, kind).map(({ text }) => text).join("");
  return [line("info", `${depthOf(gutter)}↪ ${head}${shortText(message)}`, "faint")];
}

/** The line between what was read before and what is new; with nothing new it just ends a block. */
export function renderRule(words: string, columns = RULE): Line {
  const text = words === "" ? "" : ` ${words} `;
  const side = Math.max(2, Math.floor((Math.min(columns, RULE) - text.length) / 2));
  const bar = "─".repeat(side);
  return line("info", bar + text + bar, words === "" ? "faint" : "notice");
}

/** The line where another conversation begins: `── #dev ──────`. */
export function renderHead(name: string, columns = RULE): Line {
  const bar = Math.max(2, Math.min(columns, RULE) - stringWidth(name) - 4);
  return {
    kind: "info",
    spans: [span("── ", "faint"), span(name, "strong"), span(` ${"─".repeat(bar)}`, "faint")],
    isOneRow: true,
  };
}

/** A message of another conversation than the one that is open, in one row: `[12:34:56] 3:bob » text`. */
export function renderHint(
  { time, from, message, kind }: Delivery,
  name: string,
  number: number | undefined,
  gutter: Gutter,
): Line {
  const place = (number === undefined ? "" : `${number}:`) + name;
  const sender = isRoomAddress(name) ? ` ${from}` : "";
  const short = message.slice(0, MAX_HINT).replace(/\s+/g, " ");
  const text = kind === "action" ? `* ${from} ${short}` : short;
  const head = hintHead(clockSpan(time), span(place + sender, "faint"), gutter);
  return { kind: "message", spans: [...head, span(text, "faint")], isOneRow: true };
}

/** A hit of a search: its number, conversation, day and time, sender, and the text with the words marked. */
export function renderHit(
  number: number,
  name: string,
  { from, time, message = "", kind }: KeptDelivery,
  { query, nowMs, speaker }: { query: string; nowMs: number; speaker: Speaker },
): Line {
  const count = String(number).padStart(3);
  return {
    kind: "message",
    spans: [
      span(`${count}  `, "strong"),
      span(name, isRoomAddress(name) ? "strong" : "name"),
      span(`  ${whenWords(time, nowMs, speaker)}  `, "faint"),
      ...saidBy(from, kind),
      ...markWords(message, query).map(({ text, isMarked }) =>
        span(text, isMarked ? "mention" : "plain")
      ),
    ],
    indent: " ".repeat(count.length + 2),
  };
}

/** A message was changed or deleted: `*** bob changed 12:30: new text`. */
export function renderChange(
  change: Edited | Deleted,
  known: KnownMessage | undefined,
  ownName: string,
  options: RenderOptions & { nowMs: number },
): Line[] {
  const { speaker: { say }, nowMs } = options;
  const { to, from, time } = change;
  const mark = span((isRoomAddress(to) ? `${to} ` : "") + NEWS_MARK);
  const head = noticeHead(clockSpan(time), mark, options);
  const when = known === undefined ? "" : whenWords(known.time, nowMs, options.speaker);
  const values = { name: "by" in change ? change.by : from, from, when };
  if (change.event === "edit") {
    const isMine = isOwn(change, ownName);
    const words = known === undefined
      ? say(isMine ? "youChangedOne" : "changedOne", values)
      : say(isMine ? "youChanged" : "changed", values);
    const isAction = (change.kind ?? known?.kind) === "action";
    const start = [...head, span(words), span(": "), ...(isAction ? saidBy(from, "action") : [])];
    return withText("info", start, change.message, [], options).map(dim);
  }
  const { by } = change;
  const isMine = foldName(by) === foldName(ownName);
  const isAuthor = foldName(by) === foldName(from);
  const words = known === undefined
    ? say(isMine ? "youDeletedOne" : "deletedOne", values)
    : isAuthor
    ? say(isMine ? "youDeleted" : "deleted", values)
    : say(isMine ? "youDeletedOf" : "deletedOf", values);
  return [dim({ kind: "info", spans: [...head, span(words)], indent: depthOf(options) })];
}

/**
 * A moment in few words: the time of day, with the day where it is not that of `nowMs`, and with the year where that is
 * another one.
 *
 * @param time Unix seconds, of any size.
 */
export function whenWords(time: number, nowMs: number, { language }: Speaker): string {
  const date = new Date(time * 1000);
  if (Number.isNaN(date.getTime())) return "--:--";
  const now = new Date(nowMs);
  const clock = [date.getHours(), date.getMinutes()]
    .map((part) => String(part).padStart(2, "0")).join(":");
  if (date.toDateString() === now.toDateString()) return clock;
  const isThisYear = date.getFullYear() === now.getFullYear();
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
  return `${format.format(date)} ${clock}`;
}

/** The beginning of a text, in one line. */
export function shortText(text: string): string {
  const start = text.slice(0, SHORT * 4).replace(/[\ud800-\udbff]$/, "");
  const chars = [...start.replace(/\s+/g, " ").trim()];
  const isWhole = start.length === text.length && chars.length <= SHORT;
  return isWhole ? chars.join("") : `${chars.slice(0, SHORT).join("")}…`;
}

/** Whether somebody reads a message of their own. */
export function isOwn({ from }: { from: string }, ownName: string): boolean {
  return foldName(from) === foldName(ownName);
}

function dim(line: Line): Line {
  return { ...line, spans: line.spans.map(({ text }): Span => ({ text, style: "faint" })) };
}

/**
 * Where the person is and what waits elsewhere, in one row: `online  [2:#dev, 5 in]  1:bob 3  3:#ops 12!`. Pure.
 *
 * It has no characters whose width depends on the terminal but those that names have: what is one row is one everywhere.
 *
 * @module
 */

import stringWidth from "string-width";

import { isRoomAddress } from "../../common/wire/protocol.ts";
import type { Speaker, TextKey } from "../texts/texts.ts";
import { type Line, type Span, span } from "./styled_line.ts";
import type { Style } from "./theme.ts";

/** A conversation as it stands in the row. */
export interface StateOfOne {
  /** With whom, or in which room. */
  readonly name: string;
  /** By which number keys reach it, if it has one. */
  readonly number: number | undefined;
}

/** A conversation that is not open. */
export interface StateOfOther extends StateOfOne {
  /** Messages that were neither opened nor answered. */
  readonly count: number;
  /** Whether one of them has one's name in it. */
  readonly isMentioned: boolean;
}

/** What the row tells. */
export interface ChatState {
  /** One's own name. */
  readonly name: string;
  /** How the connection is. */
  readonly connection: Extract<TextKey, "stateOnline" | "stateOffline" | "stateNameTaken">;
  /** The conversation that is open, if one is. */
  readonly open: StateOfOne & { readonly members: number | undefined } | undefined;
  /** The others, by their numbers. */
  readonly others: readonly StateOfOther[];
}

/** Between two parts. */
const GAP = "  ";
/** Beyond it, a count only says that it is more. */
const MAX_COUNT = 999;
/** A name is cut where it would take more than a third of the row, but never to less than this. */
const MIN_NAME = 6;

/** Something that the row may tell. */
interface Part {
  /** Where it stands. Of several for one place the last one that fits is there. */
  readonly place: number;
  /** The lower, the longer it stays when the row is narrow. */
  readonly rank: number;
  readonly span: Span;
  /** Whether it is counted when it goes. */
  readonly isNews?: boolean;
}

const RANK = { trouble: 0, open: 1, mention: 2, direct: 3, room: 4, members: 5, fine: 6, quiet: 7 };

/**
 * The row. What does not fit goes: first conversations without news, then the word that all is well, the number of
 * members, conversations with news, those with direct messages, those where one is mentioned. `+3` says how many with
 * news there are besides.
 *
 * @param columns How many columns it may have.
 */
export function stateLine(state: ChatState, columns: number, { say }: Speaker): Line {
  const { connection, open, others } = state;
  const isOnline = connection === "stateOnline";
  const maxName = Math.max(MIN_NAME, Math.floor(columns / 3));
  const parts: Part[] = [{
    place: 0,
    rank: isOnline ? RANK.fine : RANK.trouble,
    span: span(say(connection), isOnline ? "faint" : "error"),
  }];
  if (open !== undefined) {
    const name = nameOf(open, maxName);
    parts.push({ place: 1, rank: RANK.open, span: span(`[${name}]`, "strong") });
    const { members: count = 0 } = open;
    const words = say("stateMembers", { room: name, count });
    const long = span(`[${words}]`, "strong");
    if (count > 0) parts.push({ place: 1, rank: RANK.members, span: long });
  }
  others.forEach((other, index) => {
    const [rank, style] = rankOf(other);
    const text = nameOf(other, maxName) + countOf(other);
    parts.push({ place: index + 2, rank, span: span(text, style), isNews: other.count > 0 });
  });
  return { kind: "info", spans: fit(parts, columns), isOneRow: true };
}

function rankOf({ name, count, isMentioned }: StateOfOther): [number, Style] {
  if (count === 0) return [RANK.quiet, "faint"];
  if (isMentioned) return [RANK.mention, "mention"];
  return [isRoomAddress(name) ? RANK.room : RANK.direct, "plain"];
}

/** The title of a window: `(15!) eve - #dev`; how much is unread, who one is and where. */
export function titleOf({ name, open, others }: ChatState): string {
  const count = others.reduce((sum, one) => sum + one.count, 0);
  const isMentioned = others.some((one) => one.isMentioned);
  const unread = count === 0 ? "" : `(${limited(count)}${isMentioned ? "!" : ""}) `;
  return `${unread}${name}${open === undefined ? "" : ` - ${open.name}`}`;
}

function nameOf({ name, number }: StateOfOne, max: number): string {
  return (number === undefined ? "" : `${number}:`) + cutName(name, max);
}

function countOf({ count, isMentioned }: StateOfOther): string {
  return count === 0 ? "" : ` ${limited(count)}${isMentioned ? "!" : ""}`;
}

function limited(count: number): string {
  return count > MAX_COUNT ? `${MAX_COUNT}+` : String(count);
}

function cutName(name: string, max: number): string {
  if (stringWidth(name) <= max) return name;
  let cut = "";
  for (const { segment } of new Intl.Segmenter("und", { granularity: "grapheme" }).segment(name)) {
    if (stringWidth(cut + segment) > max - 2) break;
    cut += segment;
  }
  return `${cut}..`;
}

/** What fits, in its order. */
function fit(parts: readonly Part[], columns: number): Span[] {
  const hiddenBy = (chosen: ReadonlyMap<number, Part>): number =>
    parts.filter(({ isNews, place }) => isNews && !chosen.has(place)).length;
  let chosen = choose(parts, columns);
  const hidden = hiddenBy(chosen);
  // Room for what says how many there are besides, be it one digit more than now.
  if (hidden > 0) chosen = choose(parts, columns - GAP.length - `+${hidden}0`.length);
  const spans = [...chosen].toSorted(([one], [other]) => one - other).map(([, part]) => part.span);
  if (hidden > 0) spans.push(span(`+${hiddenBy(chosen)}`, "faint"));
  return spans.flatMap((one, index) => index === 0 ? one : [span(GAP), one]);
}

/** The most important parts, as many as fit, by their places. */
function choose(parts: readonly Part[], columns: number): Map<number, Part> {
  const chosen = new Map<number, Part>();
  let used = -GAP.length;
  for (const part of parts.toSorted((one, other) => one.rank - other.rank)) {
    const before = chosen.get(part.place);
    const more = stringWidth(part.span.text) -
      (before === undefined ? -GAP.length : stringWidth(before.span.text));
    // Where not even the first fits, whoever shows it cuts it.
    if (used + more > columns && chosen.size > 0) continue;
    used += more;
    chosen.set(part.place, part);
  }
  return chosen;
}

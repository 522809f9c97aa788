/**
 * What there is to know of somebody → lines to show. Pure: no terminal, no clock.
 *
 * @module
 */

import type { WhoisAnswer } from "../library/options.ts";
import type { Speaker } from "../texts/texts.ts";
import { whenWords } from "./render_kept.ts";
import { type Line, line } from "./styled_line.ts";

/** Who somebody is, below their name: whether they are there, what they say of themselves, and the rooms of both. */
export function renderWhois(found: WhoisAnswer, nowMs: number, speaker: Speaker): Line[] {
  const { name, isAccount, status, away, rooms } = found;
  const { say } = speaker;
  const rows = [
    presenceWords(found, nowMs, speaker),
    ...(away === undefined ? [] : [say("whoisAway", { away })]),
    ...(status === "" ? [] : [say("whoisStatus", { status })]),
    ...(rooms.length === 0 ? [] : [say("whoisRooms", { rooms: rooms.join(", ") })]),
  ];
  const head = say(isAccount ? "whoisAccount" : "whoisGuest", { name });
  return [line("info", head, "strong"), ...rows.map((row) => line("info", `  ${row}`))];
}

function presenceWords(
  { isOnline, since, last }: WhoisAnswer,
  nowMs: number,
  speaker: Speaker,
): string {
  const { say } = speaker;
  const time = isOnline ? since : last;
  if (time === undefined) return say(isOnline ? "whoisOnline" : "whoisOffline");
  return say(isOnline ? "whoisSince" : "whoisLast", { when: whenWords(time, nowMs, speaker) });
}

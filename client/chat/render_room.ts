/**
 * What is done in rooms, and how rooms are set → lines to show. Pure: no terminal, no clock.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { RoomRole, RoomSettings, Sanction } from "../../common/wire/protocol.ts";
import type { RoomAnswer } from "../library/options.ts";
import type { RoomNews } from "../library/room_news.ts";
import { durationWords, remainingWords } from "../texts/duration_words.ts";
import type { Speaker, TextKey } from "../texts/texts.ts";
import { type Line, line } from "./styled_line.ts";

/**
 * How a line begins that tells what happened: what somebody says that they do (`* eve waves`) begins with one star, and so
 * passes for none of these.
 */
export const NEWS_MARK = "***";

/** Who reads it, and where. */
export interface Reader {
  /** The language. */
  readonly speaker: Speaker;
  /** Their name, for which "you" stands. */
  readonly ownName: string;
  /** What a command begins with now. */
  readonly slash: "/" | "";
}

/** How roles are called. */
export const ROLE_WORDS: Readonly<Record<RoomRole, TextKey>> = {
  owner: "roleOwner",
  moderator: "roleModerator",
  member: "roleMember",
};

/** What somebody has done who runs a room: one sentence, or one for each thing that was set. */
export function newsWords(news: RoomNews, reader: Reader): string[] {
  const { say } = reader.speaker;
  const { room, by } = news;
  switch (news.type) {
    case "removed":
      return [say("roomRemoved", { name: by, room })];
    case "set":
      return settingWords(news.settings, { room, by }, reader.speaker);
    case "invited":
      return [say("newsInvited", { room, by, slash: reader.slash })];
    default:
      return [deedWords(news, reader)];
  }
}

/** The same, for who has done it and gets no notice of it. */
export function renderNews(news: RoomNews, reader: Reader): Line[] {
  return newsWords(news, reader).map((words) => line("info", `${NEWS_MARK} ${words}`, "notice"));
}

type Deed = Exclude<RoomNews, { type: "removed" | "set" | "invited" }>;

function deedWords(news: Deed, { speaker, ownName }: Reader): string {
  const { say } = speaker;
  const { room, by, user } = news;
  const who = foldName(user) === foldName(ownName) ? say("you") : user;
  const values = { room, by, who };
  const timed = (some: TextKey, forGood: TextKey, seconds: number | undefined): string =>
    seconds === undefined
      ? say(forGood, values)
      : say(some, { ...values, time: durationWords(seconds, speaker) });
  const because = (sentence: string, reason: string | undefined): string =>
    reason === undefined ? sentence : say("withReason", { sentence, reason });
  switch (news.type) {
    case "kicked":
      return because(say("newsKicked", values), news.reason);
    case "banned":
      return because(timed("newsBanned", "newsBannedForGood", news.seconds), news.reason);
    case "muted":
      return timed("newsMuted", "newsMutedForGood", news.seconds);
    case "unmuted":
      return say("newsUnmuted", values);
    case "granted":
      return say(GRANTED[news.role], values);
  }
}

const GRANTED: Readonly<Record<RoomRole, TextKey>> = {
  owner: "newsOwner",
  moderator: "newsModerator",
  member: "newsMember",
};

function settingWords(
  { topic, private: isPrivate, moderated, slow }: RoomSettings,
  { room, by }: { room: string; by: string },
  speaker: Speaker,
): string[] {
  const { say } = speaker;
  const words: string[] = [];
  if (topic === "") words.push(say("topicCleared", { name: by, room }));
  else if (topic !== undefined) words.push(say("topicSet", { name: by, room, topic }));
  if (isPrivate !== undefined) {
    words.push(say(isPrivate ? "newsPrivate" : "newsOpen", { room, by }));
  }
  if (moderated !== undefined) {
    words.push(say(moderated ? "newsModerated" : "newsUnmoderated", { room, by }));
  }
  if (slow !== undefined) {
    const time = durationWords(slow, speaker);
    words.push(say(slow > 0 ? "newsSlow" : "newsNotSlow", { room, by, time }));
  }
  return words;
}

/** How a room is set, and who is what there. */
export function renderRoom(room: RoomAnswer, speaker: Speaker): Line[] {
  const { say } = speaker;
  const { time, topic, isLasting, isPrivate, isModerated, slow, sanctions = [] } = room;
  const lines = [line("info", topic === "" ? room.room : `${room.room}: ${topic}`, "strong")];
  const add = (words: string): unknown => lines.push(line("info", `  ${words}`));
  if (!isLasting) {
    add(say("roomPassing"));
    return lines;
  }
  if (!isPrivate && !isModerated) add(say("roomOpen"));
  if (isPrivate) add(say("roomPrivate"));
  if (isModerated) add(say("roomModerated"));
  if (slow > 0) add(say("roomSlow", { time: durationWords(slow, speaker) }));
  for (const [key, names = []] of listsOf(room)) {
    if (names.length > 0) add(say(key, { names: names.join(", ") }));
  }
  for (const [key, kind, names = []] of sanctionsOf(room)) {
    for (const name of names) {
      const known = sanctions.find((one) =>
        one.kind === kind && foldName(one.user) === foldName(name)
      );
      add(say(key, { name: known === undefined ? name : sanctionWords(known, time, speaker) }));
    }
  }
  return lines;
}

function listsOf(room: RoomAnswer): [TextKey, string[] | undefined][] {
  return [
    ["roomOwners", room.owners],
    ["roomModerators", room.moderators],
    ["roomInvited", room.invited],
  ];
}

function sanctionsOf(room: RoomAnswer): [TextKey, Sanction["kind"], string[] | undefined][] {
  return [["roomBanned", "ban", room.banned], ["roomMuted", "mute", room.muted]];
}

function sanctionWords(
  { user, until, by, reason }: Sanction,
  now: number,
  speaker: Speaker,
): string {
  const { say } = speaker;
  const sentence = until === undefined
    ? say("sanctionForGood", { name: user, by })
    : say("sanctionFor", {
      name: user,
      by,
      time: remainingWords(Math.max(1, until - now), speaker),
    });
  return reason === undefined || reason === "" ? sentence : say("withReason", { sentence, reason });
}

/**
 * Commands for those who run a room: how it is set, who may enter and speak, who is what.
 *
 * @module
 */

import { LIMITS } from "../../../common/limits.ts";
import { isRoomAddress, ROOM_ROLES, type RoomRole } from "../../../common/wire/protocol.ts";
import type { RoomDeed, RoomNews } from "../../library/room_news.ts";
import type { Chat } from "../chat.ts";
import { splitWord } from "../input.ts";
import { readDuration } from "../read_duration.ts";
import { renderNews, ROLE_WORDS } from "../render_room.ts";
import { type ChatCommand, wordOf } from "./command.ts";
import { readTarget, roomHere, type Target } from "./which_room.ts";

/** In which command's help these stand. */
const UNDER = "room";

/** Words for a role, besides those of both languages. */
const ROLES: ReadonlyMap<string, RoomRole> = new Map([
  ...ROOM_ROLES.map((role) => [role, role] as const),
  ...["владелец", "владельцем"].map((word) => [word, "owner"] as const),
  ...["модератор", "модератором"].map((word) => [word, "moderator"] as const),
  ...["участник", "участником"].map((word) => [word, "member"] as const),
]);

/** Words for "no more". */
export const OFF: ReadonlySet<string> = new Set(["off", "выкл", "нет"]);

/** In the order of the help. */
export const MODERATION_COMMANDS: readonly ChatCommand[] = [
  {
    name: "invite",
    russian: "пригласить",
    aliases: [],
    usage: "NAME [#ROOM] [OFF]",
    help: "helpInvite",
    under: UNDER,
    async run(chat, rest) {
      const target = await readTarget(chat, rest, wordOf(this, chat.speaker));
      if (target === undefined) return;
      const { room, user } = target;
      const { word, rest: behind } = splitWord(target.rest);
      const on = !OFF.has(word.toLowerCase());
      if (refuseMore(chat, on ? target.rest : behind, this)) return;
      chat.later(async () => {
        await chat.client.invite(room, user, on ? {} : { on });
        chat.tell(on ? "invited" : "uninvited", { name: user, room });
      });
    },
  },
  {
    name: "kick",
    russian: "выгнать",
    aliases: ["кик"],
    usage: "NAME [#ROOM] [REASON]",
    help: "helpKick",
    under: UNDER,
    complete: completeMember,
    async run(chat, rest) {
      const target = await readTarget(chat, rest, wordOf(this, chat.speaker));
      if (target === undefined) return;
      const { room, user } = target;
      const why = reasonOf(target.rest);
      if (readDuration(target.rest, LIMITS.maxSanctionSeconds).kind === "some") {
        const { word } = splitWord(target.rest);
        chat.fail("kickHasNoTime", { name: user, word, slash: chat.slash });
        return;
      }
      carryOut(chat, { type: "kicked", ...named(target, chat), ...why }, () => {
        return chat.client.kick(room, user, why);
      });
    },
  },
  {
    name: "ban",
    russian: "забанить",
    aliases: ["бан"],
    usage: "NAME [#ROOM] [TIME] [REASON]",
    help: "helpBan",
    more: "helpBanMore",
    under: UNDER,
    complete: completeMember,
    async run(chat, rest) {
      const target = await readTarget(chat, rest, wordOf(this, chat.speaker));
      if (target === undefined) return;
      const { room, user } = target;
      const duration = readDuration(target.rest, LIMITS.maxSanctionSeconds);
      if (duration.kind === "wrong") {
        chat.fail("durationOrReason", { word: duration.word });
        return;
      }
      const long = duration.kind === "some" ? { seconds: duration.seconds } : {};
      const why = reasonOf(duration.kind === "some" ? duration.rest : target.rest);
      if (isRoomAddress(why.reason ?? "")) {
        chat.fail("roomPlace", { command: chat.slash + wordOf(this, chat.speaker) });
        return;
      }
      carryOut(chat, { type: "banned", ...named(target, chat), ...long, ...why }, () => {
        return chat.client.ban(room, user, { ...long, ...why });
      });
    },
  },
  {
    name: "unban",
    russian: "разбанить",
    aliases: ["разбан"],
    usage: "NAME [#ROOM]",
    help: "helpUnban",
    under: UNDER,
    async run(chat, rest) {
      const target = await readTarget(chat, rest, wordOf(this, chat.speaker));
      if (target === undefined || refuseMore(chat, target.rest, this)) return;
      const { room, user } = target;
      chat.later(async () => {
        await chat.client.ban(room, user, { seconds: 0 });
        chat.tell("unbanned", { name: user, room });
      });
    },
  },
  {
    name: "mute",
    russian: "заглушить",
    aliases: ["мут"],
    usage: "NAME [#ROOM] [TIME]",
    help: "helpMute",
    more: "helpMuteMore",
    under: UNDER,
    complete: completeMember,
    async run(chat, rest) {
      const target = await readTarget(chat, rest, wordOf(this, chat.speaker));
      if (target === undefined) return;
      const { room, user } = target;
      const duration = readDuration(target.rest, LIMITS.maxSanctionSeconds);
      const isSome = duration.kind === "some";
      if (!isSome && target.rest.trim() !== "") {
        const word = duration.kind === "wrong" ? duration.word : splitWord(target.rest).word;
        chat.fail("durationWrong", { word });
        return;
      }
      if (isSome && refuseMore(chat, duration.rest, this)) return;
      const long = isSome ? { seconds: duration.seconds } : {};
      carryOut(chat, { type: "muted", ...named(target, chat), ...long }, () => {
        return chat.client.mute(room, user, long);
      });
    },
  },
  {
    name: "unmute",
    russian: "разглушить",
    aliases: ["размут"],
    usage: "NAME [#ROOM]",
    help: "helpUnmute",
    under: UNDER,
    complete: completeMember,
    async run(chat, rest) {
      const target = await readTarget(chat, rest, wordOf(this, chat.speaker));
      if (target === undefined || refuseMore(chat, target.rest, this)) return;
      const { room, user } = target;
      carryOut(chat, { type: "unmuted", ...named(target, chat) }, () => {
        return chat.client.mute(room, user, { seconds: 0 });
      });
    },
  },
  {
    name: "grant",
    russian: "назначить",
    aliases: [],
    usage: "NAME [#ROOM] ROLE",
    help: "helpGrant",
    under: UNDER,
    complete: (chat, rest) =>
      isNext(rest, 2)
        ? ROOM_ROLES.map((role) => chat.say(ROLE_WORDS[role]))
        : completeMember(chat, rest),
    async run(chat, rest) {
      const target = await readTarget(chat, rest, wordOf(this, chat.speaker));
      if (target === undefined) return;
      const { room, user } = target;
      const { word, rest: behind } = splitWord(target.rest);
      const role = ROLES.get(word.toLowerCase());
      if (role === undefined) {
        chat.fail("roleWrong", { word });
        return;
      }
      if (refuseMore(chat, behind, this)) return;
      carryOut(chat, { type: "granted", ...named(target, chat), role }, () => {
        return chat.client.grant(room, user, role);
      });
    },
  },
];

/** Has the server do something; it is told by its notice or, if none comes to this name, here. */
function carryOut(chat: Chat, news: RoomNews & RoomDeed, ask: () => Promise<void>): void {
  const { room, user, type } = news;
  const isIn = chat.isIn(room);
  chat.later(async () => {
    if (isIn) await chat.members.learn(room);
    // Of a ban only those hear who see somebody go.
    const isHeard = isIn && (type !== "banned" || chat.members.has(room, user));
    await ask();
    if (isHeard) return;
    const { speaker, slash, client: { name: ownName = "" } } = chat;
    chat.ui.show(...renderNews(news, { speaker, slash, ownName }));
  });
}

/** Who does it to whom. */
function named({ room, user }: Target, { client: { name: by = "" } }: Chat): RoomDeed {
  return { room, user, by };
}

function reasonOf(text: string): { reason?: string } {
  const reason = text.trim();
  return reason === "" ? {} : { reason };
}

/** Says so if more stands there than belongs there. */
function refuseMore(chat: Chat, text: string, command: ChatCommand): boolean {
  if (text.trim() === "") return false;
  chat.fail("tooMuch", { word: splitWord(text).word, command: wordOf(command, chat.speaker) });
  return true;
}

/** Whether the next word behind a text is the one of that number, if a room is not counted. */
export function isNext(text: string, number: number): boolean {
  const words = text.split(/\s+/).filter((word) => word !== "" && !isRoomAddress(word));
  return words.length === number - 1;
}

/** The members of the room that is named already or talked in; all names if nobody is known to be there. */
function completeMember(chat: Chat, rest: string): readonly string[] | undefined {
  if (!isNext(rest, 1)) return undefined;
  const given = splitWord(rest).word;
  const room = isRoomAddress(given) ? given : roomHere(chat);
  if (room === "") return undefined;
  chat.members.learn(room);
  const members = chat.members.of(room);
  return members.length === 0 ? undefined : [...members, ...chat.client.rooms];
}

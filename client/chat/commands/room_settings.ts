/**
 * The command `room`: how a room is set, and its end.
 *
 * @module
 */

import { LIMITS } from "../../../common/limits.ts";
import { isRoomAddress, type RoomSettings } from "../../../common/wire/protocol.ts";
import type { Chat } from "../chat.ts";
import { splitWord } from "../input.ts";
import { readDuration } from "../read_duration.ts";
import { renderNews, renderRoom } from "../render_room.ts";
import { type ChatCommand, wordOf } from "./command.ts";
import { isNext, OFF } from "./moderation.ts";
import { readRoom, roomHere } from "./which_room.ts";

/** What a room is set by, in both languages. */
const SETTINGS = {
  private: { en: "private", ru: "закрытая" },
  moderated: { en: "moderated", ru: "модерация" },
  slow: { en: "slow", ru: "медленно" },
  remove: { en: "remove", ru: "удалить" },
} as const;

type Setting = keyof typeof SETTINGS;

/** Words that turn something on, in both languages. */
export const ON: ReadonlySet<string> = new Set(["on", "вкл", "да"]);

/** In the order of the help. */
export const ROOM_SETTINGS_COMMANDS: readonly ChatCommand[] = [
  {
    name: "room",
    russian: "комната",
    aliases: [],
    usage: "[#ROOM] [WHAT]",
    help: "helpRoom",
    more: "helpRoomMore",
    complete(chat, rest) {
      const { language } = chat.speaker;
      const words = Object.values(SETTINGS).map((word) => word[language]);
      if (isNext(rest, 1)) return [...words, ...chat.client.rooms];
      const isSlow = settingOf(rest.trim().split(/\s+/).at(-1)!) === "slow";
      return isNext(rest, 2) && !isSlow ? language === "ru" ? ["вкл", "выкл"] : ["on", "off"] : [];
    },
    async run(chat, rest) {
      const { word, rest: behind } = splitWord(rest);
      const isNamed = isRoomAddress(word);
      const room = await readRoom(chat, isNamed ? word : roomHere(chat));
      if (room === undefined) return;
      const asked = splitWord(isNamed ? behind : rest);
      if (asked.word === "") {
        chat.later(async () => {
          chat.ui.show(...renderRoom(await chat.client.room(room), chat.speaker));
        });
        return;
      }
      const setting = settingOf(asked.word);
      const value = asked.rest.trim();
      if (setting === undefined) {
        chat.fail("settingWrong", { word: asked.word, slash: chat.slash });
      } else if (setting === "remove" && value !== "") {
        chat.fail("tooMuch", { word: value, command: wordOf(this, chat.speaker) });
      } else if (setting === "remove") {
        await removeRoom(chat, room, `${wordOf(this, chat.speaker)} ${asked.word}`);
      } else {
        const settings = readSetting(chat, setting, value);
        if (settings !== undefined) set(chat, room, settings);
      }
    },
  },
  {
    name: "remove",
    russian: "удалить",
    aliases: [],
    usage: "#ROOM",
    help: "helpRemove",
    more: "helpRemoveMore",
    needsPerson: true,
    under: "room",
    async run(chat, rest) {
      const room = await readRoom(chat, rest);
      if (room !== undefined) await removeRoom(chat, room, wordOf(this, chat.speaker));
    },
  },
];

function settingOf(word: string): Setting | undefined {
  const folded = word.toLowerCase();
  const names = Object.keys(SETTINGS) as Setting[];
  return names.find((name) => Object.values<string>(SETTINGS[name]).includes(folded));
}

/** What a room is to be set to; says so if the value is none. */
function readSetting(
  chat: Chat,
  setting: Exclude<Setting, "remove">,
  value: string,
): RoomSettings | undefined {
  const word = value.toLowerCase();
  if (setting === "slow") {
    if (OFF.has(word)) return { slow: 0 };
    const duration = readDuration(value, LIMITS.maxSlowSeconds);
    if (duration.kind === "some" && duration.rest.trim() === "") return { slow: duration.seconds };
    chat.fail("slowWrong", { word: value });
    return undefined;
  }
  if (ON.has(word)) return { [setting]: true };
  if (OFF.has(word)) return { [setting]: false };
  chat.fail("onOffWrong", { setting: SETTINGS[setting][chat.speaker.language], word: value });
  return undefined;
}

function set(chat: Chat, room: string, settings: RoomSettings): void {
  const isMember = chat.isIn(room); // members get a notice
  chat.later(async () => {
    await chat.client.setRoom(room, settings);
    if (isMember) return;
    const { speaker, slash, client: { name = "" } } = chat;
    const news = { type: "set", room, by: name, settings } as const;
    chat.ui.show(...renderNews(news, { speaker, slash, ownName: name }));
  });
}

/** Ends a room for all, if the person says so. */
async function removeRoom(chat: Chat, room: string, command: string): Promise<void> {
  if (!chat.ui.isInteractive) {
    chat.fail("mustBeTerminal", { command });
    return;
  }
  if (!await chat.ui.confirm(chat.say("removeRoom", { room }))) {
    chat.tell("notRemoved", { room });
    return;
  }
  const isMember = chat.isIn(room);
  chat.later(async () => {
    await chat.client.removeRoom(room);
    if (!isMember) chat.tell("removedRoom", { room });
  });
}

/**
 * Commands about what was said before.
 *
 * @module
 */

import { LIMITS } from "../../../common/limits.ts";
import { hasNameShape, hasRoomShape } from "../../../common/names.ts";
import { isRoomAddress } from "../../../common/wire/protocol.ts";
import { splitWord } from "../input.ts";
import { readQuery } from "../search.ts";
import { type ChatCommand, wordOf } from "./command.ts";
import { readTarget } from "./which_room.ts";

/** In the order of the help. */
export const PAST_COMMANDS: readonly ChatCommand[] = [
  {
    name: "history",
    russian: "история",
    aliases: [],
    usage: "[WHO] [N]",
    help: "helpHistory",
    more: "helpHistoryMore",
    async run(chat, rest) {
      const { current } = chat.conversations;
      const isAsked = current === undefined && rest.trim() === "";
      const typed = isAsked ? await chat.ui.ask(chat.say("askHistory")) ?? "" : rest;
      const { word, rest: behind } = splitWord(typed);
      // Where a conversation is open, a number alone is no name.
      const isCount = current !== undefined && behind === "" && isCountShaped(word);
      const name = isCount || word === "" ? current : word;
      if (name === undefined) return;
      const count = (isCount ? word : behind).trim();
      const limit = isCountShaped(count) ? Number(count) : NaN;
      if (!hasRoomShape(name) && !hasNameShape(name)) {
        chat.fail(isRoomAddress(name) ? "roomName" : "nameWrong", { room: name });
      } else if (count === "") {
        chat.later(() => chat.back.older(name));
      } else if (limit >= 1 && limit <= LIMITS.maxHistoryMessages) {
        chat.later(() => chat.back.newest(name, limit));
      } else {
        chat.fail("historyCount", { max: LIMITS.maxHistoryMessages, count });
      }
    },
  },
  {
    name: "search",
    russian: "поиск",
    aliases: ["find", "more", "ещё"],
    usage: "[WORDS]",
    help: "helpSearch",
    more: "helpSearchMore",
    run(chat, rest) {
      const words = rest.trim();
      chat.later(() => words === "" ? chat.search.goOn() : chat.search.begin(readQuery(words)));
    },
  },
  {
    name: "around",
    russian: "вокруг",
    aliases: [],
    usage: "N",
    help: "helpAround",
    under: "search",
    run(chat, rest) {
      const number = rest.trim();
      if (isCountShaped(number)) chat.later(() => chat.search.around(Number(number)));
      else chat.fail("aroundNumber", { number, slash: chat.slash });
    },
  },
  {
    name: "edit",
    russian: "исправить",
    aliases: [],
    usage: "[TEXT]",
    help: "helpEdit",
    more: "helpEditMore",
    run(chat, rest) {
      const word = wordOf(this, chat.speaker);
      chat.later(() => rest.trim() === "" ? chat.changes.draft(word) : chat.changes.edit(rest));
    },
  },
  {
    name: "delete",
    russian: "стереть",
    aliases: [],
    usage: "[NAME]",
    help: "helpDelete",
    more: "helpDeleteMore",
    needsPerson: true,
    async run(chat, rest) {
      if (!chat.client.isOnline) {
        chat.fail("notNow");
      } else if (rest.trim() === "") {
        await chat.later(() => chat.changes.delete());
      } else {
        const word = wordOf(this, chat.speaker);
        const target = await readTarget(chat, rest, word);
        if (target === undefined) return;
        const { room, user, rest: behind } = target;
        if (behind.trim() === "") await chat.later(() => chat.changes.deleteOf(user, room));
        else chat.fail("tooMuch", { word: splitWord(behind).word, command: word });
      }
    },
  },
];

function isCountShaped(word: string): boolean {
  return /^\d{1,9}$/.test(word);
}

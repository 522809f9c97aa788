/**
 * Commands to write: single messages and conversations.
 *
 * @module
 */

import { foldName, hasNameShape, hasRoomShape } from "../../../common/names.ts";
import { isRoomAddress } from "../../../common/wire/protocol.ts";
import { splitWord } from "../input.ts";
import type { ChatCommand } from "./command.ts";

/** In the order of the help. */
export const TALK_COMMANDS: readonly ChatCommand[] = [
  {
    name: "message",
    russian: "сообщение",
    aliases: ["msg", "m"],
    usage: "[WHO [TEXT]]",
    help: "helpMessage",
    more: "helpMessageMore",
    async run(chat, rest) {
      const given = splitWord(rest);
      // A variable of a script was empty: its next line is no text for them.
      if (given.word && !given.rest && chat.ui.isScript) return chat.fail("emptyMessage");
      const to = given.word || (await chat.ui.ask(chat.say("askTo")))?.trim();
      const text = to && (given.rest || await chat.ui.ask(chat.say("askText")));
      if (to && text !== undefined) chat.send(to, text);
      else chat.tell("cancelled");
    },
  },
  {
    name: "chat",
    russian: "чат",
    aliases: ["query", "q"],
    usage: "WHO",
    help: "helpChat",
    more: "helpChatMore",
    async run(chat, rest) {
      const to = rest.trim() || (await chat.ui.ask(chat.say("askTo")))?.trim();
      if (!to) return;
      if (!hasRoomShape(to) && !hasNameShape(to)) {
        chat.fail(isRoomAddress(to) ? "roomName" : "nameWrong", { room: to });
        return;
      }
      chat.switching.to(to, true);
    },
  },
  {
    name: "next",
    russian: "дальше",
    aliases: ["n"],
    usage: "",
    help: "helpNext",
    more: "helpNextMore",
    under: "chat",
    run: (chat) => chat.switching.toUnread(),
  },
  {
    name: "all",
    russian: "все",
    aliases: ["всё"],
    usage: "",
    help: "helpAll",
    more: "helpAllMore",
    under: "chat",
    run(chat) {
      if (!chat.view.isChoice) {
        chat.fail("allAlways");
        return;
      }
      chat.view.toggle();
      chat.tell(chat.view.isOne ? "allOff" : "allOn");
    },
  },
  {
    name: "me",
    russian: "я",
    aliases: [],
    usage: "TEXT",
    help: "helpMe",
    more: "helpMeMore",
    isRare: true,
    run(chat, rest) {
      const { current } = chat.conversations;
      if (current === undefined) chat.fail("meWhere");
      else chat.send(current, rest, "action");
    },
  },
  {
    name: "close",
    russian: "закрыть",
    aliases: [],
    usage: "",
    help: "helpClose",
    run: (chat) => chat.close(),
  },
  {
    name: "reply",
    russian: "ответить",
    aliases: ["r"],
    usage: "[TEXT]",
    help: "helpReply",
    more: "helpReplyMore",
    async run(chat, rest) {
      const { replyTo, conversations: { lastSender }, ui } = chat;
      const to = replyTo ?? lastSender;
      if (to === undefined || lastSender === undefined) {
        chat.fail("nobodyWrote");
        return;
      }
      const isSame = replyTo !== undefined && foldName(replyTo) === foldName(lastSender);
      if (rest !== "" && !isSame) {
        const question = chat.say("replyAnyway", { name: to, other: lastSender });
        if (!await ui.confirm(question)) {
          chat.tell("cancelled");
          return;
        }
      }
      const text = rest || await ui.ask(`→ ${to}: `);
      if (text !== undefined) chat.send(to, text);
      else chat.tell("cancelled");
    },
  },
];

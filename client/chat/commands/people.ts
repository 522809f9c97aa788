/**
 * Commands about people: who is there, what they say about themselves, who waits for an answer.
 *
 * @module
 */

import { hasRoomShape } from "../../../common/names.ts";
import { renderWho } from "../render.ts";
import type { ChatCommand } from "./command.ts";

/** In the order of the help. */
export const PEOPLE_COMMANDS: readonly ChatCommand[] = [
  {
    name: "who",
    russian: "кто",
    aliases: ["w"],
    usage: "[#ROOM]",
    help: "helpWho",
    more: "helpWhoMore",
    run(chat, rest) {
      const room = rest.trim() || undefined;
      if (room !== undefined && !hasRoomShape(room)) {
        chat.fail("roomName", { room });
        return;
      }
      chat.later(async () => {
        const { users, total } = await chat.client.who(room);
        const names = users.map(({ account_name }) => account_name);
        chat.names.add(names);
        if (room !== undefined && chat.isIn(room)) chat.members.set(room, names);
        chat.ui.show(...renderWho(users, total, room, chat.speaker));
      });
    },
  },
  {
    name: "status",
    russian: "статус",
    aliases: [],
    usage: "[TEXT]",
    help: "helpStatus",
    run(chat, rest) {
      const status = rest.trim();
      chat.later(async () => {
        await chat.client.setStatus(status);
        if (status === "") chat.tell("statusCleared");
        else chat.tell("statusSet", { status });
      });
    },
  },
  {
    name: "unread",
    russian: "непрочитанное",
    aliases: ["u"],
    usage: "",
    help: "helpUnread",
    run(chat) {
      chat.later(() => chat.past.unread());
    },
  },
];

/**
 * Commands about rooms: which there are, entering and leaving them, what they are about.
 *
 * @module
 */

import { isRoomAddress } from "../../../common/wire/protocol.ts";
import type { RoomAnswer } from "../../library/options.ts";
import type { Chat } from "../chat.ts";
import { splitWord } from "../input.ts";
import { renderRooms } from "../render.ts";
import type { ChatCommand } from "./command.ts";
import { completeRoom, readRoom, roomHere } from "./which_room.ts";

/** What stands for a text where there shall be none. */
const NOTHING = "-";

/** In the order of the help. */
export const ROOM_COMMANDS: readonly ChatCommand[] = [
  {
    name: "join",
    russian: "войти",
    aliases: ["j"],
    usage: "#ROOM",
    help: "helpJoin",
    complete: completeRoom,
    async run(chat, rest) {
      const room = await readRoom(chat, rest);
      if (room !== undefined) chat.join(room);
    },
  },
  {
    name: "leave",
    russian: "покинуть",
    aliases: ["part"],
    usage: "[#ROOM]",
    help: "helpLeave",
    complete: completeRoom,
    async run(chat, rest) {
      const room = await readRoom(chat, rest.trim() || roomHere(chat));
      if (room === undefined) return;
      chat.past.noteRead(); // afterwards the server takes no mark for this room
      chat.later(async () => {
        await chat.client.leave(room);
        chat.back.forget(room);
        chat.members.forget(room);
        chat.conversations.left(room);
        chat.tell("leftRoom", { room });
        if (chat.conversations.isOpen(room)) chat.close();
      });
    },
  },
  {
    name: "rooms",
    russian: "комнаты",
    aliases: [],
    usage: "",
    help: "helpRooms",
    run(chat) {
      chat.later(async () => {
        const { rooms, total } = await chat.client.listRooms();
        chat.names.add(rooms.map(({ room }) => room));
        chat.ui.show(...renderRooms(rooms, total, chat.speaker));
      });
    },
  },
  {
    name: "topic",
    russian: "тема",
    aliases: [],
    usage: "[#ROOM] [TEXT]",
    help: "helpTopic",
    more: "helpTopicMore",
    complete: (chat, rest) => rest.trim() === "" ? completeRoom(chat) : undefined,
    async run(chat, rest) {
      const { word, rest: behind } = splitWord(rest.trimStart());
      const isNamed = isRoomAddress(word);
      const room = await readRoom(chat, isNamed ? word : roomHere(chat));
      if (room === undefined) return;
      const text = (isNamed ? behind : rest).trim();
      const isMember = chat.isIn(room);
      chat.later(async () => {
        if (text === "") {
          tellTopic(chat, await chat.client.room(room));
        } else {
          const answer = await chat.client.setTopic(room, text === NOTHING ? "" : text);
          if (!isMember) tellTopic(chat, answer); // members get a notice
        }
      });
    },
  },
];

function tellTopic(chat: Chat, { room, topic }: RoomAnswer): void {
  chat.tell(topic === "" ? "topicNone" : "topicIs", { room, topic });
}

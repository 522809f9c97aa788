/**
 * Commands to enter rooms and to leave them.
 *
 * @module
 */

import { hasRoomShape } from "../../../common/names.ts";
import { isRoomAddress } from "../../../common/wire/protocol.ts";
import type { Chat } from "../chat.ts";
import type { ChatCommand } from "./command.ts";

/** In the order of the help. */
export const ROOM_COMMANDS: readonly ChatCommand[] = [
  {
    name: "join",
    aliases: ["j", "войти"],
    usage: "#ROOM",
    help: "helpJoin",
    async run(chat, rest) {
      const room = await readRoom(chat, rest);
      if (room !== undefined) chat.join(room);
    },
  },
  {
    name: "leave",
    aliases: ["part", "покинуть"],
    usage: "[#ROOM]",
    help: "helpLeave",
    async run(chat, rest) {
      const { client, conversations: { current } } = chat;
      const here = current !== undefined && isRoomAddress(current)
        ? current
        : client.rooms.length === 1
        ? client.rooms[0]!
        : "";
      const room = await readRoom(chat, rest.trim() || here);
      if (room === undefined) return;
      chat.later(async () => {
        await client.leave(room);
        chat.tell("leftRoom", { room });
        if (chat.conversations.isOpen(room)) chat.close();
      });
    },
  },
];

/** The room that is meant; asks if none is given. */
async function readRoom(chat: Chat, given: string): Promise<string | undefined> {
  const room = given.trim() || (await chat.ui.ask(chat.say("askRoom")))?.trim();
  if (!room) return undefined;
  if (hasRoomShape(room)) return room;
  chat.fail("roomName", { room });
  return undefined;
}

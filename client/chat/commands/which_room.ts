/**
 * Which room, and whom in it, a command is about.
 *
 * @module
 */

import { hasNameShape, hasRoomShape } from "../../../common/names.ts";
import { isRoomAddress } from "../../../common/wire/protocol.ts";
import type { Chat } from "../chat.ts";
import { splitWord } from "../input.ts";

/** Somebody in a room. */
export interface Target {
  /** The room. */
  readonly room: string;
  /** Their name. */
  readonly user: string;
  /** What stood behind both. */
  readonly rest: string;
}

/** The room that is talked in, or the only one that the person is in; else nothing. */
export function roomHere({ client, conversations: { current } }: RoomPlaces): string {
  if (current !== undefined && isRoomAddress(current)) return current;
  return client.rooms.length === 1 ? client.rooms[0]! : "";
}

/** Where the person may be. */
export type RoomPlaces = Pick<Chat, "client" | "conversations">;

/** What Tab has to offer where only a room may stand: those that the person is in or has heard of. */
export function completeRoom({ client, names }: Chat): readonly string[] {
  return [...client.rooms, ...names.all.filter(isRoomAddress)];
}

/** The room that is meant; asks if none is given. */
export async function readRoom(chat: Chat, given: string): Promise<string | undefined> {
  const room = given.trim() || (await chat.ui.ask(chat.say("askRoom")))?.trim();
  if (!room) return undefined;
  if (hasRoomShape(room)) return room;
  chat.fail("roomName", { room });
  return undefined;
}

/**
 * Reads whom a command is about, and in which room: `bob`, `#dev bob` or `bob #dev`. Without a room it is the one that is
 * talked in; asks if there is none.
 *
 * @param command The command's word, for what is said if no name is there.
 */
export async function readTarget(
  chat: Chat,
  typed: string,
  command: string,
): Promise<Target | undefined> {
  let { word: user, rest } = splitWord(typed);
  let given = "";
  if (isRoomAddress(user)) {
    given = user;
    ({ word: user, rest } = splitWord(rest));
  } else if (isRoomAddress(splitWord(rest).word)) {
    ({ word: given, rest } = splitWord(rest));
  }
  if (user === "") {
    chat.fail("nameNeeded", { command: chat.slash + command });
    return undefined;
  }
  if (!hasNameShape(user)) {
    chat.fail("nameWrong");
    return undefined;
  }
  const room = await readRoom(chat, given || roomHere(chat));
  return room === undefined ? undefined : { room, user, rest };
}

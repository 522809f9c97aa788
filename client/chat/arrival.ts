/**
 * What a person finds when they have come online: the rooms that they were in, and what is unread.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import { hasRoomShape } from "../../common/names.ts";
import type { Conversation } from "../../common/wire/protocol.ts";
import { RefusedError } from "../library/errors.ts";
import type { Chat } from "./chat.ts";
import { describeFailure } from "./failures.ts";
import { line } from "./styled_line.ts";
import { fewNames } from "./unread.ts";

/** Who comes online, and where it is told. */
export type Arriving = Pick<
  Chat,
  "client" | "ui" | "names" | "members" | "conversations" | "past" | "speaker" | "isIn" | "noteMade"
>;

/**
 * Enters the rooms again that the server lists among the conversations of this name, which are those that one did not
 * leave, and tells in one line which they are; then tells what is unread. Where the server lists nothing, as for guests,
 * it does and says nothing.
 *
 * @throws What {@linkcode Chat.later} puts into words.
 */
export async function arrive(chat: Arriving): Promise<void> {
  const kept = await chat.past.conversations();
  if (kept === undefined) return;
  chat.names.add(kept.map((one) => one.with));
  await enterAgain(chat, kept);
  if (!kept.some(({ unread }) => unread > 0)) return;
  // Stored messages come before the list; when a further answer is there, all of them have been shown.
  await chat.client.probe();
  chat.past.greet(kept);
}

/**
 * Enters rooms that were asked for, one after the other; which of them refuses is told in one line each.
 *
 * @throws What {@linkcode Chat.later} puts into words, but for refusals.
 */
export async function enterAsked(
  chat: Pick<Chat, "isIn" | "enterRoom" | "fail" | "speaker">,
  rooms: readonly string[],
): Promise<void> {
  for (const room of rooms) {
    if (chat.isIn(room)) continue;
    try {
      await chat.enterRoom(room);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      chat.fail("notEntered", { room, reason: describeFailure(error, chat.speaker) });
    }
  }
}

async function enterAgain(chat: Arriving, kept: readonly Conversation[]): Promise<void> {
  const { client, names } = chat;
  const most = Math.max(0, LIMITS.maxRoomsPerSession - client.rooms.length);
  const former = kept.map((one) => one.with)
    .filter((name) => hasRoomShape(name) && !chat.isIn(name)).slice(0, most);
  const refused: string[] = [];
  const joined = await Promise.all(former.map(async (name) => {
    try {
      return await client.join(name);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refused.push(name);
      return undefined;
    }
  }));
  const entered = joined.filter((answer) => answer !== undefined);
  for (const { room, users } of entered) {
    names.add(users);
    chat.members.set(room, users);
    chat.conversations.entered(room);
  }
  const back = entered.flatMap(({ room, isNew }) => isNew ? [] : [room]);
  const { speaker } = chat;
  const words: string[] = [];
  if (back.length > 0) words.push(speaker.say("backIn", { rooms: fewNames(back, speaker) }));
  if (refused.length > 0) {
    words.push(speaker.say("notBackIn", { rooms: fewNames(refused, speaker) }));
  }
  if (words.length > 0) chat.ui.show(line("info", words.join(" "), "notice"));
  // It was removed since it was listed.
  for (const answer of entered) if (answer.isNew) chat.noteMade(answer);
}

/**
 * What Tab has to offer behind a command.
 *
 * @module
 */

import { isRoomAddress } from "../../../common/wire/protocol.ts";
import type { Chat } from "../chat.ts";
import { splitWord, withoutSlash } from "../input.ts";
import { COMMAND_WORDS, findCommand } from "./commands.ts";
import { completeRoom } from "./which_room.ts";

/**
 * What may stand behind a text that begins with a command.
 *
 * @returns Nothing where the text is a message, or names and rooms may stand there.
 */
export function expectedBehind(chat: Chat, before: string): readonly string[] | undefined {
  const text = before.trimStart();
  if (chat.conversations.current !== undefined && !text.startsWith("/")) return undefined;
  const { word, rest } = chat.aliases.expand(splitWord(withoutSlash(text)));
  const command = findCommand(word);
  if (command === undefined) return undefined;
  if (command.complete !== undefined) return command.complete(chat, rest);
  const places = placesBehind(command.usage, rest);
  const offers = places.map((place) => offersOf(place, chat));
  return offers.includes(undefined) ? undefined : offers.flatMap((offer) => offer ?? []);
}

/** Whom a person most likely means: who is in the room that they talk in, and has spoken last, goes first. */
export function likelyNames({ conversations: { current }, members, names }: Chat): string[] {
  if (current === undefined || !isRoomAddress(current)) return names.likeliest([]);
  members.learn(current);
  return names.likeliest(members.of(current));
}

/**
 * The arguments that may come next, by their words in the usage. A room may be left out everywhere; where it is, what
 * comes behind it may come, too.
 */
function placesBehind(usage: string, rest: string): string[] {
  const places = usage.match(/#?[A-Z]+/g) ?? [];
  let at = 0;
  for (const word of rest.split(/\s+/).filter((word) => word !== "")) {
    if (places[at] === "#ROOM" && !isRoomAddress(word)) at++;
    if (FREE.has(places[at] ?? "")) break;
    at++;
  }
  return places.slice(at, places[at] === "#ROOM" ? at + 2 : at + 1);
}

/** Arguments that are texts of any length, in which names and rooms may stand. */
const FREE: ReadonlySet<string> = new Set(["TEXT", "WORDS", "REASON"]);

/** What may stand for an argument; nothing where that is names and rooms. */
function offersOf(place: string, chat: Chat): readonly string[] | undefined {
  if (FREE.has(place) || place === "WHO") return undefined;
  if (place === "NAME") return chat.names.all.filter((name) => !isRoomAddress(name));
  if (place === "#ROOM") return completeRoom(chat);
  if (place === "COMMAND") return COMMAND_WORDS;
  return place === "OFF" ? [chat.say("argumentOff")] : [];
}

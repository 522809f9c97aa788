/**
 * What Tab has to offer behind a command.
 *
 * @module
 */

import type { Chat } from "../chat.ts";
import { splitWord, withoutSlash } from "../input.ts";
import { COMMAND_WORDS, findCommand } from "./commands.ts";

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
  if (command?.name === "help") return rest.trim() === "" ? COMMAND_WORDS : [];
  return command?.complete?.(chat, rest);
}

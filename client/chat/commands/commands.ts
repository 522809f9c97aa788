/**
 * All commands of the chat.
 *
 * @module
 */

import { ACCOUNT_COMMANDS } from "./account.ts";
import type { ChatCommand } from "./command.ts";
import { GENERAL_COMMANDS } from "./general.ts";
import { MODERATION_COMMANDS } from "./moderation.ts";
import { PAST_COMMANDS } from "./past.ts";
import { PEOPLE_COMMANDS } from "./people.ts";
import { ROOM_SETTINGS_COMMANDS } from "./room_settings.ts";
import { ROOM_COMMANDS } from "./rooms.ts";
import { SETTINGS_COMMANDS } from "./settings.ts";
import { TALK_COMMANDS } from "./talk.ts";

/** The commands, in the order of the help. */
export const COMMANDS: readonly ChatCommand[] = [
  ...TALK_COMMANDS,
  ...PAST_COMMANDS,
  ...ROOM_COMMANDS,
  ...ROOM_SETTINGS_COMMANDS,
  ...MODERATION_COMMANDS,
  ...PEOPLE_COMMANDS,
  ...ACCOUNT_COMMANDS,
  ...SETTINGS_COMMANDS,
  ...GENERAL_COMMANDS,
];

const BY_WORD: ReadonlyMap<string, ChatCommand> = new Map(
  COMMANDS.flatMap((command) =>
    [command.name, command.russian, ...command.aliases].map((word) => [word, command])
  ),
);

/** All words that name a command. */
export const COMMAND_WORDS: readonly string[] = [...BY_WORD.keys()];

/** The command of that name or alias; case does not matter. */
export function findCommand(word: string): ChatCommand | undefined {
  return BY_WORD.get(word.toLowerCase());
}

/**
 * Commands that every program has.
 *
 * @module
 */

import type { ChatCommand } from "./command.ts";

/** In the order of the help. */
export const GENERAL_COMMANDS: readonly ChatCommand[] = [
  {
    name: "help",
    russian: "справка",
    aliases: ["h", "?", "помощь"],
    usage: "[COMMAND]",
    help: "helpHelp",
    run: (chat, rest) => chat.help(rest.trim()),
  },
  {
    name: "exit",
    russian: "выход",
    aliases: ["quit", "bye"],
    usage: "",
    help: "helpExit",
    run: (chat) => chat.leave(),
  },
];

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
    aliases: ["h", "?", "справка", "помощь"],
    usage: "[COMMAND]",
    help: "helpHelp",
    run: (chat, rest) => chat.help(rest.trim()),
  },
  {
    name: "exit",
    aliases: ["quit", "bye", "выход"],
    usage: "",
    help: "helpExit",
    run: (chat) => chat.leave(),
  },
];

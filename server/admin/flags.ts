/**
 * The command line of the administration of accounts.
 *
 * @module
 */

import type { CommandSpec, FlagTable } from "../../common/flags.ts";
import { SERVER_FLAGS } from "../flags.ts";
import { commandsHelp } from "./commands.ts";

/** The flags of `users.ts`. */
export const USERS_FLAGS = {
  db: { ...SERVER_FLAGS.db, help: "the server's database" },
  reason: {
    kind: "text",
    value: "TEXT",
    help: "with block: why; the user is told",
  },
} as const satisfies FlagTable;

/** The command line of `users.ts`. */
export const USERS_COMMAND: CommandSpec<typeof USERS_FLAGS> = {
  name: "deno task users",
  usage: "COMMAND [NAME] [flags]",
  about: ["Administers the server's accounts, also while it runs.", "", "Commands:"]
    .concat(commandsHelp()).join("\n"),
  flags: USERS_FLAGS,
  maxPositional: 2,
};

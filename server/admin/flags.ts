/**
 * The command line of the administration of accounts.
 *
 * @module
 */

import type { CommandSpec, Flag, FlagTable } from "../../common/flags.ts";
import { LIMITS } from "../../common/limits.ts";
import { SERVER_FLAGS } from "../flags.ts";
import { type AdminOptions, commandsHelp } from "./commands.ts";

/** The flags of `users.ts`. */
export const USERS_FLAGS = {
  db: { ...SERVER_FLAGS.db, help: "the server's database" },
  reason: {
    kind: "text",
    value: "TEXT",
    help: "with block: why; the user is told",
  },
  uses: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 10_000,
    default: LIMITS.inviteUses,
    help: "with invite: how many accounts the code makes",
  },
  days: {
    kind: "integer",
    value: "DAYS",
    min: 1,
    max: 3_650,
    default: LIMITS.inviteDays,
    help: "with invite: for how long it is good",
  },
  note: { kind: "text", value: "TEXT", help: "with invite: what the list has beside it" },
  list: { kind: "switch", help: "with invite: show which codes are good" },
  json: { kind: "switch", help: "with invite --list: one JSON object a line" },
  revoke: { kind: "text", value: "ID", help: "with invite: make the code of that ID worthless" },
} as const satisfies FlagTable & Record<keyof AdminOptions, Flag>;

/** The command line of `users.ts`. */
export const USERS_COMMAND: CommandSpec<typeof USERS_FLAGS> = {
  name: "deno task users",
  usage: "COMMAND [NAME] [flags]",
  about: ["Administers the server's accounts, also while it runs.", "", "Commands:"]
    .concat(commandsHelp()).join("\n"),
  flags: USERS_FLAGS,
  maxPositional: 2,
};

/**
 * The command line of the administration of several nodes.
 *
 * @module
 */

import type { CommandSpec, FlagTable } from "../../common/flags.ts";
import { ADMIN_COMMANDS, type AdminCommand, commandsHelp } from "./commands.ts";
import { USERS_FLAGS } from "./flags.ts";
import { NATS_FLAGS } from "./nats_flags.ts";

/** The commands that change something: all nodes do it. What reads, reads the database of one node. */
export const CLUSTER_COMMANDS: ReadonlyMap<string, AdminCommand> = new Map(
  [...ADMIN_COMMANDS].filter(([, { change }]) => change !== undefined),
);

const { reason, uses, days, note, revoke } = USERS_FLAGS;

/** The flags of `cluster_users.ts`: those of `users.ts` that go with these commands, and those that lead to NATS. */
export const CLUSTER_USERS_FLAGS = {
  ...NATS_FLAGS,
  reason,
  uses,
  days: { ...days, help: "with invite: for how long the code is good" },
  note,
  revoke: {
    ...revoke,
    help: "with invite: make the code of that ID worthless; deno task users invite --list shows it",
  },
} as const satisfies FlagTable;

/** The command line of `cluster_users.ts`. */
export const CLUSTER_USERS_COMMAND: CommandSpec<typeof CLUSTER_USERS_FLAGS> = {
  name: "deno task cluster-users",
  usage: "COMMAND [arguments] [flags]",
  about: [
    "Administers the accounts and rooms of a server of several nodes (--nats): all of them do it.",
    "",
    "Commands:",
  ].concat(commandsHelp(CLUSTER_COMMANDS)).join("\n"),
  flags: CLUSTER_USERS_FLAGS,
  maxPositional: 5,
};

/**
 * The command line of the administration of accounts and rooms.
 *
 * @module
 */

import type { CommandSpec, Flag, FlagTable } from "../../common/flags.ts";
import { LIMITS } from "../../common/limits.ts";
import { SERVER_FLAGS } from "../flags.ts";
import { ADMINISTRATOR } from "../store/room_store.ts";
import { AUDIT_LIMIT } from "./audit.ts";
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
    help: "with audit: only the last DAYS; with invite: for how long it is good",
  },
  note: { kind: "text", value: "TEXT", help: "with invite: what the list has beside it" },
  list: { kind: "switch", help: "with invite: show which codes are good" },
  json: {
    kind: "switch",
    help: "with invite --list, rooms list, rooms show, audit: one JSON object a line",
  },
  revoke: { kind: "text", value: "ID", help: "with invite: make the code of that ID worthless" },
  room: { kind: "text", value: "ROOM", help: "with audit: only in that room" },
  by: {
    kind: "text",
    value: "NAME",
    help: `with audit: only by that account, or by '${ADMINISTRATOR}'`,
  },
  limit: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 100_000,
    default: AUDIT_LIMIT,
    help: "with audit: the newest N",
  },
} as const satisfies FlagTable & Record<keyof AdminOptions, Flag>;

/** The command line of `users.ts`. */
export const USERS_COMMAND: CommandSpec<typeof USERS_FLAGS> = {
  name: "deno task users",
  usage: "COMMAND [arguments] [flags]",
  about: [
    "Administers the server's accounts and rooms, also while it runs. What several nodes have in",
    "common (--nats) is changed by deno task cluster-users.",
    "",
    "Commands:",
  ].concat(commandsHelp()).join("\n"),
  flags: USERS_FLAGS,
  maxPositional: 5,
};

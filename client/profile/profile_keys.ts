/**
 * What may stand in the client's file of settings.
 *
 * @module
 */

import type { ConfigSpec } from "../../common/config/config_keys.ts";
import type { FlagTable } from "../../common/flags.ts";
import { VIEWS } from "../chat/chat_memory.ts";
import { CLIENT_FLAGS } from "../flags.ts";
import { isQuietHours, QUIET_HOURS_FORM } from "./quiet_hours.ts";

/** The keys with a value: flags, and what has no flag. */
export const PROFILE_KEYS = {
  ...CLIENT_FLAGS,
  view: {
    kind: "choice",
    value: "VIEW",
    choices: VIEWS,
    default: "one",
    live: true,
    help: "show an open conversation alone, or all in one stream",
  },
  "notify.how": {
    kind: "choice",
    value: "HOW",
    choices: ["off", "bell", "osc9", "osc777"],
    default: "off",
    live: true,
    help: "how to call somebody who looks elsewhere",
  },
  "notify.when": {
    kind: "choice",
    value: "WHEN",
    choices: ["all", "mentions", "direct", "none"],
    default: "mentions",
    live: true,
    help: "for which messages: mentions are direct messages and those with one's name",
  },
  "notify.quiet": {
    kind: "text",
    value: QUIET_HOURS_FORM,
    isValid: isQuietHours,
    live: true,
    help: "hours of the day in which nothing calls",
  },
  "notify.text": { kind: "switch", live: true, help: "show what was said, not only who and where" },
} as const satisfies FlagTable;

/** The tables whose keys are words of the person's. */
export const PROFILE_TABLES = {
  aliases: { kind: "text", value: "COMMAND", live: true, help: "a word for a command line" },
  "notify.rules": {
    kind: "choice",
    value: "WHEN",
    choices: ["all", "mentions", "none"],
    live: true,
    help: "for which messages of one conversation",
  },
} as const satisfies FlagTable;

const NO_PASSWORD =
  "a password does not belong in this file: put it into a file of its own and name that with password-file";

/** The file of `--profile`. */
export const PROFILE: ConfigSpec = {
  flag: "--profile",
  keys: PROFILE_KEYS,
  tables: PROFILE_TABLES,
  refused: {
    password: NO_PASSWORD,
    passwd: NO_PASSWORD,
    pass: NO_PASSWORD,
    пароль: NO_PASSWORD,
    bell: 'in a file it is how = "bell" in [notify]',
  },
  hint: "see deno task client --help",
};

/**
 * What belongs to one server. Whoever names another one on the command line gets none of it from the file: neither is
 * another port meant, nor is a password for that server.
 */
export const SERVER_KEYS: ReadonlySet<string> = new Set([
  "addr",
  "port",
  "tls",
  "ca",
  "password-file",
]);

/**
 * The command-line flags of logging, the same for all three programs.
 *
 * @module
 */

import type { FlagTable, ParsedCommand } from "../../common/flags.ts";
import { readSettings } from "../../common/settings.ts";
import type { LogSettings } from "./settings.ts";

const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"] as const;

/** The flags, to be spread into a program's own table. */
export const LOG_FLAGS = {
  "log-dir": {
    kind: "text",
    value: "DIR",
    setting: "dir",
    default: "logs",
    help: "put the log files there",
  },
  "log-level": {
    kind: "choice",
    value: "LEVEL",
    choices: LEVELS,
    setting: "level",
    live: true,
    default: "INFO",
    help: "least level of what is logged",
  },
  "log-when": {
    kind: "choice",
    value: "WHEN",
    choices: ["S", "M", "H", "D", "W", "MIDNIGHT", "W0", "W1", "W2", "W3", "W4", "W5", "W6"],
    setting: "when",
    default: "MIDNIGHT",
    help: "rotate by the second … week, at midnight, on Monday (W0) … Sunday (W6)",
  },
  "log-interval": {
    kind: "integer",
    value: "N",
    min: 1,
    max: 10_000,
    setting: "interval",
    default: 1,
    help: "rotate every N units of --log-when",
  },
  "log-backups": {
    kind: "integer",
    value: "N",
    min: 0,
    max: 1_000_000,
    setting: "backups",
    default: 7,
    help: "keep N old log files; 0 keeps all",
  },
  "log-max-size": {
    kind: "integer",
    value: "MIB",
    min: 0,
    max: 1_048_576,
    setting: "maxSize",
    default: 1_024,
    help: "all log files together stay below MIB; the oldest goes first; 0 is no limit",
  },
  "log-utc": { kind: "switch", setting: "utc", help: "write times, and rotate, in UTC" },
  "log-format": {
    kind: "choice",
    value: "FORMAT",
    choices: ["text", "json"],
    setting: "format",
    default: "text",
    help: "how the log file looks",
  },
  "console-level": {
    kind: "choice",
    value: "LEVEL",
    choices: [...LEVELS, "OFF"],
    setting: "console",
    help: "least level on the console instead of the program's own choice",
  },
  quiet: { kind: "switch", setting: "quiet", help: "nothing below ERROR on the console" },
  "no-log-file": { kind: "switch", setting: "file", help: "log to the console only" },
} as const satisfies FlagTable;

/** The settings that the flags ask for. */
export function logSettingsOf(flags: ParsedCommand<typeof LOG_FLAGS>["flags"]): LogSettings {
  return readSettings(LOG_FLAGS, flags);
}

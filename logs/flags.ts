/**
 * The command-line flags of logging, the same for all three programs.
 *
 * @module
 */

import type { FlagTable, ParsedCommand } from "../common/flags.ts";
import { DEFAULT_LOG_SETTINGS as DEFAULTS, type LogSettings } from "./settings.ts";

/** The flags, to be spread into a program's own table. */
export const LOG_FLAGS = {
  "log-dir": {
    kind: "text",
    value: "DIR",
    default: DEFAULTS.dir,
    help: "put the log files there",
  },
  "log-level": {
    kind: "choice",
    value: "LEVEL",
    choices: ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"],
    default: DEFAULTS.level,
    help: "least level of what is logged",
  },
  "log-when": {
    kind: "choice",
    value: "WHEN",
    choices: ["S", "M", "H", "D", "W", "MIDNIGHT", "W0", "W1", "W2", "W3", "W4", "W5", "W6"],
    default: DEFAULTS.when,
    help: "rotate by the second … week, at midnight, on Monday (W0) … Sunday (W6)",
  },
  "log-interval": {
    kind: "integer",
    value: "N",
    min: 1,
    max: 10_000,
    default: DEFAULTS.interval,
    help: "rotate every N units of --log-when",
  },
  "log-backups": {
    kind: "integer",
    value: "N",
    min: 0,
    max: 1_000_000,
    default: DEFAULTS.backups,
    help: "keep N old log files; 0 keeps all",
  },
  "log-utc": { kind: "switch", help: "write times, and rotate, in UTC" },
  "log-format": {
    kind: "choice",
    value: "FORMAT",
    choices: ["text", "json"],
    default: DEFAULTS.format,
    help: "how the log file looks",
  },
  "no-log-file": { kind: "switch", help: "log to the console only" },
} as const satisfies FlagTable;

/** The settings that the flags ask for. */
export function logSettingsOf(flags: ParsedCommand<typeof LOG_FLAGS>["flags"]): LogSettings {
  return {
    level: flags["log-level"],
    dir: flags["log-dir"],
    when: flags["log-when"],
    interval: flags["log-interval"],
    backups: flags["log-backups"],
    utc: flags["log-utc"],
    format: flags["log-format"],
    file: !flags["no-log-file"],
  };
}

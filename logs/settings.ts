/**
 * What can be set about logging, and the command-line flags for it.
 *
 * @module
 */
import { type LevelName, LogLevelNames } from "@std/log/levels";
import { Rollover } from "./rollover.ts";

export type { LevelName };

/** How records are written to the file. */
export type LogFormat = "text" | "json";

/** What {@linkcode setupLogging} needs to know. */
export interface LogSettings {
  /** The level of the logger: what is below reaches no handler. */
  level: LevelName;
  /** The directory of the log files. */
  dir: string;
  /** When the file is rotated: `S`, `M`, `H`, `D`, `W`, `W0`–`W6` or `MIDNIGHT`. */
  when: string;
  /** How many units of `when` lie between two rotations. */
  interval: number;
  /** How many old files are kept; 0 keeps all. */
  backups: number;
  /** Write times, and rotate, in UTC instead of local time. */
  utc: boolean;
  /** How records are written to the file. */
  format: LogFormat;
  /** Whether there is a log file at all. */
  file: boolean;
  /**
   * The level of the console handler, `"OFF"` for none.
   *
   * @default {"INFO"} for the server, "WARN" for the launcher, "OFF" for the client, whose terminal is
   * the conversation
   */
  console?: LevelName | "OFF";
}

/** What is not set on the command line. */
export const DEFAULT_LOG_SETTINGS: Readonly<LogSettings> = {
  level: "INFO",
  dir: "logs",
  when: "MIDNIGHT",
  interval: 1,
  backups: 7,
  utc: false,
  format: "text",
  file: true,
};

/** One command-line flag. */
export interface LogFlag {
  /** The setting that it sets. */
  readonly setting: keyof LogSettings;
  /** Its name, without `--`. */
  readonly name: string;
  /** What its value is called in the help text; undefined for a flag without a value. */
  readonly value?: string;
  /** What it does, for the help text. */
  readonly help: string;
  /** The default, as a person would type it. */
  readonly default: string | boolean;
  /** The allowed values, where there are few. */
  readonly choices?: readonly string[];
  /**
   * Turns the text of its value into the setting.
   *
   * @throws {RangeError} One line that says what is wrong and what is allowed.
   */
  readonly parse: (text: string) => LogSettings[keyof LogSettings];
}

const LEVELS: readonly LevelName[] = LogLevelNames.filter((name) => name !== "NOTSET");
const FORMATS: readonly LogFormat[] = ["text", "json"];

/** The flags of all three programs. */
export const LOG_FLAGS: readonly LogFlag[] = [
  {
    setting: "level",
    name: "log-level",
    value: "LEVEL",
    help: "log records of this level and above",
    default: DEFAULT_LOG_SETTINGS.level,
    choices: LEVELS,
    parse: (text) => choose("--log-level", text.toUpperCase(), LEVELS, text),
  },
  {
    setting: "dir",
    name: "log-dir",
    value: "DIR",
    help: "put the log files there",
    default: DEFAULT_LOG_SETTINGS.dir,
    parse: (text) => {
      if (text === "") throw new RangeError("Invalid value for --log-dir: must not be empty");
      return text;
    },
  },
  {
    setting: "when",
    name: "log-when",
    value: "WHEN",
    help:
      "rotate every S, M, H, D, W (second to week), at MIDNIGHT, or on W0-W6 (Monday to Sunday)",
    default: DEFAULT_LOG_SETTINGS.when,
    parse: (text) => {
      try {
        new Rollover({ when: text, utc: true });
      } catch {
        throw new RangeError(
          `Invalid value for --log-when: must be S, M, H, D, W, W0-W6 or MIDNIGHT, received '${text}'`,
        );
      }
      return text.toUpperCase();
    },
  },
  {
    setting: "interval",
    name: "log-interval",
    value: "N",
    help: "rotate every N units of --log-when",
    default: String(DEFAULT_LOG_SETTINGS.interval),
    parse: (text) => parseCount("--log-interval", text, 1, 10_000),
  },
  {
    setting: "backups",
    name: "log-backups",
    value: "N",
    help: "keep N old log files, 0 keeps all",
    default: String(DEFAULT_LOG_SETTINGS.backups),
    parse: (text) => parseCount("--log-backups", text, 0, 1_000_000),
  },
  {
    setting: "utc",
    name: "log-utc",
    help: "write times, and rotate, in UTC",
    default: DEFAULT_LOG_SETTINGS.utc,
    parse: (text) => text !== "false",
  },
  {
    setting: "format",
    name: "log-format",
    value: "FORMAT",
    help: "how the log file looks",
    default: DEFAULT_LOG_SETTINGS.format,
    choices: FORMATS,
    parse: (text) => choose("--log-format", text.toLowerCase(), FORMATS, text),
  },
  {
    setting: "file",
    name: "no-log-file",
    help: "log to the console only",
    default: false,
    parse: (text) => text === "false",
  },
];

function choose<T extends string>(
  flag: string,
  text: string,
  choices: readonly T[],
  received: string,
): T {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) {
    throw new RangeError(
      `Invalid value for ${flag}: must be ${choices.slice(0, -1).join(", ")} or ${
        choices.at(-1)
      }, received '${received}'`,
    );
  }
  return choice;
}

function parseCount(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw new RangeError(
      `Invalid value for ${flag}: must be an integer from ${min} to ${max}, received '${text}'`,
    );
  }
  return value;
}

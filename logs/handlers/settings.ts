/**
 * What can be set about logging.
 *
 * @module
 */
import type { LevelName } from "@std/log/levels";

import { defaultSettings } from "../../common/settings.ts";
import { LOG_FLAGS } from "./flags.ts";

export type { LevelName };

/** The least level that the console shows; `"OFF"`: it shows nothing. */
export type ConsoleLevel = LevelName | "OFF";

/** How records are written to the file. */
export type LogFormat = "text" | "json";

/** What {@linkcode setupLogging} needs to know. */
export interface LogSettings {
  /** What is below this level goes to no file, and to no console whose level is not given. */
  level: LevelName;
  /** The directory of the log files. */
  dir: string;
  /** When the file is rotated: `S`, `M`, `H`, `D`, `W`, `W0`–`W6` or `MIDNIGHT`. */
  when: string;
  /** How many units of `when` lie between two rotations. */
  interval: number;
  /** How many old files are kept; 0 keeps all. */
  backups: number;
  /** How many MiB the file and the old ones may have together; 0 is no limit. */
  maxSize: number;
  /** Write times, and rotate, in UTC instead of local time. */
  utc: boolean;
  /** How records are written to the file. */
  format: LogFormat;
  /** Whether there is a log file at all. */
  file: boolean;
  /** Whether a console whose level is not given shows nothing below ERROR. */
  quiet: boolean;
  /**
   * The level of the console, which may be below that of the file.
   *
   * @default {"INFO"} for the server, "WARN" for the launcher, "OFF" for the client, whose terminal is
   * the conversation; nothing below `level`
   */
  console?: ConsoleLevel | undefined;
}

/** The settings of a program that is started without flags. */
export const DEFAULT_LOG_SETTINGS: Readonly<LogSettings> = defaultSettings(LOG_FLAGS);

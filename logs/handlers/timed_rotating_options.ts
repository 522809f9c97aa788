/**
 * What can be set about a file that is rotated by time.
 *
 * @module
 */
import type { FormatterFunction } from "@std/log/base-handler";
import type { TimeOfDay } from "./rollover.ts";

export type { FormatterFunction, TimeOfDay };

/** Options of `TimedRotatingFileHandler`. */
export interface TimedRotatingFileHandlerOptions {
  /** The path of the log file. */
  filename: string;
  /**
   * The unit of `interval`, in upper or lower case: `S` seconds, `M` minutes, `H` hours, `D` days,
   * `W` weeks, all from the file's start; `MIDNIGHT`; or `W0` (Monday) to `W6` (Sunday).
   *
   * @default {"H"}
   */
  when?: string;
  /**
   * How many units lie between two rollovers, above 0.
   *
   * @default {1}
   */
  interval?: number;
  /**
   * How many old files are kept; 0 keeps all.
   *
   * @default {0}
   */
  backupCount?: number;
  /**
   * How many bytes the file and the old ones may have together, from 65 536; 0 is no limit.
   *
   * @default {0}
   */
  maxBytes?: number;
  /**
   * `utf-8`, `utf-16le`, `latin1` or `ascii`.
   *
   * @default {"utf-8"}
   */
  encoding?: string;
  /**
   * Make the file with the first record rather than in `setup()`.
   *
   * @default {false}
   */
  delay?: boolean;
  /**
   * Rotate by, and name files in, UTC instead of local time.
   *
   * @default {false}
   */
  utc?: boolean;
  /** With `MIDNIGHT` and `W0`–`W6`: the time of day of the rollover instead of midnight. */
  atTime?: TimeOfDay | undefined;
  /**
   * Turns a record into text.
   *
   * @default {({ levelName, msg }) => `${levelName} ${msg}`}
   */
  formatter?: FormatterFunction;
  /**
   * About how many bytes are gathered before they are written.
   *
   * @default {4096}
   */
  bufferSize?: number;
  /**
   * After how many milliseconds a gathered record is written at the latest; 0 gathers nothing.
   *
   * @default {1000}
   */
  flushInterval?: number;
  /**
   * The clock, in milliseconds since 1970.
   *
   * @default {Date.now}
   */
  now?: () => number;
  /**
   * On SIGTERM, end the process once the records are written. Set it to false where the program
   * listens for SIGTERM itself, and call `destroy()` there.
   *
   * @default {true}
   */
  exitOnSigterm?: boolean;
  /**
   * Told once for each failure of the file (not once for each record), and when it is over.
   *
   * @default {console.error}
   */
  onWarning?: (message: string) => void;
}

/**
 * The file handler that begins a new file at set times.
 *
 * @module
 */
import { messageOf } from "../common/errors.ts";
import { FileHandler, type FileHandlerOptions, type LogMode } from "@std/log/file-handler";
import type { FormatterFunction } from "@std/log/base-handler";
import { type LevelName, LogLevels } from "@std/log/levels";
import type { LogRecord } from "@std/log/logger";
import { Backups } from "./backups.ts";
import { encoderOf } from "./encoding.ts";
import { LogFile, statOf } from "./log_file.ts";
import { Rollover, type TimeOfDay } from "./rollover.ts";

export type { FileHandlerOptions, FormatterFunction, LevelName, LogMode, LogRecord, TimeOfDay };

/** Options of {@linkcode TimedRotatingFileHandler}. */
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

/**
 * Writes records to a file and rotates it by time, as CPython 3.13's class of that name does: the same
 * instants, the same names, the same deletions (docs/logging.md has the table of `when`, and where
 * this class goes further).
 *
 * What it guarantees:
 * 1. Records are written in order, each whole, and none is lost: what cannot be written (a full disk)
 *    is kept, up to 8 MiB, and written when it can be.
 * 2. A rotation that fails changes nothing: records go on into the open file, and the next record
 *    tries again.
 * 3. No file is overwritten: a name that is taken gets `.1`, `.2` … at its end.
 * 4. Several processes may write to one file: one of them rotates it, the others follow.
 * 5. No call throws for a failure of the file, except {@linkcode TimedRotatingFileHandler.setup}.
 *
 * Gathered records are written after `flushInterval`, at once from ERROR on, and at the events
 * `unload`, `error` and `unhandledrejection`, and on SIGTERM.
 *
 * Uses no private part of {@linkcode FileHandler}. Needs `--allow-read` and `--allow-write` for the
 * file's directory.
 *
 * @example
 * ```ts
 * import { TimedRotatingFileHandler } from "./timed_rotating_file_handler.ts";
 * import { Logger } from "@std/log/logger";
 *
 * const dir = Deno.makeTempDirSync();
 * const handler = new TimedRotatingFileHandler("INFO", {
 *   filename: `${dir}/app.log`,
 *   when: "MIDNIGHT",
 *   backupCount: 7,
 * });
 * handler.setup();
 * new Logger("app", "INFO", { handlers: [handler] }).info("ready");
 * handler.destroy();
 * Deno.removeSync(dir, { recursive: true });
 * ```
 */
export class TimedRotatingFileHandler extends FileHandler {
  readonly #filename: string;
  readonly #plan: Rollover;
  readonly #backups: Backups;
  readonly #file: LogFile;
  readonly #delay: boolean;
  readonly #flushInterval: number;
  readonly #now: () => number;
  readonly #exitOnSigterm: boolean;
  readonly #warn: (message: string) => void;
  readonly #onUnload = (): void => this.destroy();
  readonly #onFault = (): void => this.flush();
  readonly #onSigterm = (): void => this.#endBySigterm();
  #isSetUp = false;
  #rolloverAt: number | undefined;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  /** What fails at present and was warned of. */
  readonly #failing = new Set<"rotate" | "write">();
  #refused = 0;

  /**
   * Checks the options; opens nothing.
   *
   * @throws {RangeError} If `when`, `interval`, `backupCount`, `encoding`, `atTime`, `bufferSize` or
   * `flushInterval` is unknown or out of range.
   */
  constructor(levelName: LevelName, options: TimedRotatingFileHandlerOptions) {
    const { filename, formatter, backupCount = 0, bufferSize = 4096, flushInterval = 1000 } =
      options;
    // The base class opens nothing unless its own setup() runs; it needs no buffer.
    super(levelName, {
      filename,
      bufferSize: 0,
      ...(formatter === undefined ? {} : { formatter }),
    });
    if (filename === "") throw new RangeError("Cannot write log: 'filename' must not be empty");
    checkCount("backupCount", backupCount, Number.MAX_SAFE_INTEGER);
    checkCount("bufferSize", bufferSize, 64 * 1024 * 1024);
    checkCount("flushInterval", flushInterval, 2 ** 31 - 1);
    this.#filename = filename;
    this.#plan = new Rollover({
      when: options.when ?? "H",
      interval: options.interval ?? 1,
      utc: options.utc ?? false,
      atTime: options.atTime,
    });
    this.#backups = new Backups(filename, backupCount, (text) => this.#plan.isLabel(text));
    this.#file = new LogFile(filename, {
      encode: encoderOf(options.encoding ?? "utf-8"),
      bufferSize: flushInterval === 0 ? 0 : bufferSize,
    });
    this.#delay = options.delay ?? false;
    this.#flushInterval = flushInterval;
    this.#now = options.now ?? Date.now;
    this.#exitOnSigterm = options.exitOnSigterm ?? true;
    this.#warn = options.onWarning ?? ((message) => {
      // deno-lint-ignore no-console -- a log that fails has nowhere else to say so
      console.error(message);
    });
  }

  /**
   * Opens the file, unless `delay` is set, and plans the first rollover.
   *
   * @throws {Deno.errors.NotFound} If the directory does not exist.
   * @throws {Deno.errors.PermissionDenied} If the file may not be written.
   */
  override setup(): void {
    this.#rolloverAt = this.#plan.next(this.#startOfInterval());
    if (!this.#delay) this.#file.open();
    if (this.#isSetUp) return;
    this.#isSetUp = true;
    addEventListener("unload", this.#onUnload);
    addEventListener("error", this.#onFault);
    addEventListener("unhandledrejection", this.#onFault);
    if (this.#exitOnSigterm) listenForSigterm(this.#onSigterm);
  }

  /** Writes a record; one from ERROR on is in the file when this returns. */
  override handle(logRecord: LogRecord): void {
    super.handle(logRecord);
    if (logRecord.level >= LogLevels.ERROR) this.flush();
  }

  /** Rotates the file if its time has come, then writes one line, without any check of levels. */
  override log(msg: string): void {
    const now = Math.floor(this.#now() / 1000);
    // Before setup() or after destroy(): a late record is still written, and nothing kept open.
    this.#rolloverAt ??= this.#plan.next(this.#startOfInterval());
    if (now >= this.#rolloverAt) {
      this.flush();
      // What belongs into the old file must be there before that gets its name.
      if (!this.#file.hasPending) this.#attempt("rotate", () => this.#rollOver(now));
    }
    this.#write(`${msg}\n`);
    if (!this.#isSetUp) this.#close();
    else if (this.#file.hasPending) this.#flushSoon();
  }

  /** Writes what is gathered. */
  override flush(): void {
    this.#attempt("write", () => this.#file.flush());
  }

  /** Writes what is gathered and closes the file; may be called more than once. */
  override destroy(): void {
    this.#isSetUp = false;
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    removeEventListener("unload", this.#onUnload);
    removeEventListener("error", this.#onFault);
    removeEventListener("unhandledrejection", this.#onFault);
    ignoreSigterm(this.#onSigterm);
    this.#close();
    this.#rolloverAt = undefined;
  }

  /**
   * The first rollover after an instant.
   *
   * @param unixSeconds When the file's interval began.
   * @returns Unix seconds.
   */
  computeRollover(unixSeconds: number): number {
    return this.#plan.next(unixSeconds);
  }

  /**
   * When the file's current interval began, in Unix seconds: its birth, or its last change where the
   * system does not keep the birth or where the two contradict each other (a copy, a restored file).
   * A file from further ahead than the next rollover is from a clock that was wrong: it must not keep
   * the log from rotating until then.
   */
  #startOfInterval(): number {
    const now = Math.floor(this.#now() / 1000);
    let info: Deno.FileInfo | undefined;
    try {
      info = statOf(this.#filename);
    } catch {
      // What cannot be looked at cannot be opened, either: that tells what is wrong.
    }
    const changed = info?.mtime?.getTime();
    if (changed === undefined) return now;
    const born = info?.birthtime?.getTime();
    const start = Math.floor((born !== undefined && born <= changed ? born : changed) / 1000);
    return start < this.#plan.next(now) ? start : now;
  }

  /** Rotates, or throws and leaves all as it was. */
  #rollOver(now: number): void {
    const rolloverAt = this.#rolloverAt!;
    switch (this.#file.pathState()) {
      case "special":
        // A device or a pipe has no old content to put away.
        this.#rolloverAt = this.#plan.next(now);
        return;
      case "missing":
        // Never made (delay), or removed: there is nothing to rename.
        this.#file.close();
        break;
      case "regular":
        this.#file.open();
        if (!this.#file.moveTo(() => this.#backups.freeName(this.#plan.label(rolloverAt, now)))) {
          // Another process has the lock. Once it is done, the path names a new file: follow it.
          if (this.#file.isCurrent()) return;
          this.#file.reopen();
          this.#rolloverAt = this.#plan.next(now);
          return;
        }
    }
    this.#rolloverAt = this.#plan.next(now);
    this.#backups.deleteOld();
  }

  #flushSoon(): void {
    if (this.#flushTimer !== undefined) return;
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      this.flush();
      if (this.#file.hasPending) this.#flushSoon();
    }, this.#flushInterval);
    Deno.unrefTimer(this.#flushTimer);
  }

  #close(): void {
    this.flush();
    if (this.#file.hasPending) {
      this.#warn(`Log file ${this.#filename}: ${this.#file.discard()} bytes are lost`);
    }
    this.#file.close();
  }

  #write(line: string): void {
    if (this.#file.isFull) this.flush();
    if (this.#file.isFull) this.#refused++;
    else this.#attempt("write", () => this.#file.append(line));
  }

  /** Does one thing with the file; a failure is told once and never thrown. */
  #attempt(what: "rotate" | "write", action: () => void): void {
    try {
      action();
    } catch (error) {
      if (this.#failing.has(what)) return;
      this.#failing.add(what);
      const reason = messageOf(error);
      this.#warn(`Cannot ${what} log file ${this.#filename}, will try again: ${reason}`);
      return;
    }
    if (!this.#failing.delete(what)) return;
    const lost = this.#refused === 0 ? "no record is lost" : `${this.#refused} records are lost`;
    this.#refused = 0;
    this.#warn(`Can ${what} log file ${this.#filename} again, ${lost}`);
  }

  #endBySigterm(): void {
    this.flush();
    ignoreSigterm(this.#onSigterm);
    // Another listener may be shutting the program down in good order: then it has destroyed this
    // handler, or will keep the process until it is done.
    setTimeout(() => {
      if (!this.#isSetUp) return;
      try {
        // Without listeners the signal does what it would have done.
        Deno.kill(Deno.pid, "SIGTERM");
      } catch {
        Deno.exit(128 + 15);
      }
    });
  }
}

function checkCount(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(
      `Cannot write log: '${name}' must be an integer from 0 to ${max}, received ${value}`,
    );
  }
}

function listenForSigterm(listener: () => void): void {
  try {
    Deno.addSignalListener("SIGTERM", listener);
  } catch {
    // Windows has no SIGTERM.
  }
}

function ignoreSigterm(listener: () => void): void {
  try {
    Deno.removeSignalListener("SIGTERM", listener);
  } catch {
    // As above.
  }
}

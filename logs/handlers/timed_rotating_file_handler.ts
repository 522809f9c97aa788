/**
 * The file handler that begins a new file at set times.
 *
 * @module
 */
import { messageOf } from "../../common/errors.ts";
import { FileHandler, type FileHandlerOptions, type LogMode } from "@std/log/file-handler";
import { type LevelName, LogLevels } from "@std/log/levels";
import type { LogRecord } from "@std/log/logger";
import { Backups } from "./backups.ts";
import { encoderOf } from "./encoding.ts";
import { LogFile } from "./log_file.ts";
import { Rollover } from "./rollover.ts";
import { MIN_MAX_BYTES, Rotation } from "./rotation.ts";
import type {
  FormatterFunction,
  TimedRotatingFileHandlerOptions,
  TimeOfDay,
} from "./timed_rotating_options.ts";

export type {
  FileHandlerOptions,
  FormatterFunction,
  LevelName,
  LogMode,
  LogRecord,
  TimedRotatingFileHandlerOptions,
  TimeOfDay,
};

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
 * 3. No file is overwritten: a name that is taken gets `.1`, `.2` … at its end. A new file has the mode of the one
 *    before.
 * 4. Several processes may write to one file: one of them rotates it, the others follow.
 * 5. A file that was renamed or deleted by somebody else is noticed within a second: the path is looked at in each second
 *    in which something is written, and if it names another file or none, records go into that one, or a new one with
 *    the mode of the one before. As long as none can be made, also because a device, a pipe or a directory is in its
 *    place, they go on into a renamed file, and wait for a new one in place of a deleted one, or one that cannot be
 *    looked at any more.
 * 6. No call throws for a failure of the file, except {@linkcode TimedRotatingFileHandler.setup}.
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
  readonly #file: LogFile;
  readonly #rotation: Rotation;
  readonly #delay: boolean;
  readonly #flushInterval: number;
  readonly #now: () => number;
  readonly #exitOnSigterm: boolean;
  readonly #warn: (message: string) => void;
  readonly #onUnload = (): void => this.destroy();
  readonly #onFault = (): void => this.flush();
  readonly #onSigterm = (): void => this.#endBySigterm();
  #isSetUp = false;
  /** In which second the path was looked at, in Unix time. */
  #lookedAt: number | undefined;
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
    const { filename, formatter, backupCount = 0, maxBytes = 0, bufferSize = 4096 } = options;
    const { flushInterval = 1000 } = options;
    // The base class opens nothing unless its own setup() runs; it needs no buffer.
    super(levelName, {
      filename,
      bufferSize: 0,
      ...(formatter === undefined ? {} : { formatter }),
    });
    if (filename === "") throw new RangeError("Cannot write log: 'filename' must not be empty");
    checkCount("backupCount", backupCount, Number.MAX_SAFE_INTEGER);
    checkCount("maxBytes", maxBytes, Number.MAX_SAFE_INTEGER);
    if (maxBytes > 0 && maxBytes < MIN_MAX_BYTES) {
      throw new RangeError(
        `Cannot write log: 'maxBytes' must be 0 or at least ${MIN_MAX_BYTES}, received ${maxBytes}`,
      );
    }
    checkCount("bufferSize", bufferSize, 64 * 1024 * 1024);
    checkCount("flushInterval", flushInterval, 2 ** 31 - 1);
    this.#filename = filename;
    this.#plan = new Rollover({
      when: options.when ?? "H",
      interval: options.interval ?? 1,
      utc: options.utc ?? false,
      atTime: options.atTime,
    });
    this.#file = new LogFile(filename, {
      encode: encoderOf(options.encoding ?? "utf-8"),
      bufferSize: flushInterval === 0 ? 0 : bufferSize,
    });
    const backups = new Backups(filename, backupCount, (text) => this.#plan.isLabel(text));
    this.#rotation = new Rotation(this.#file, this.#plan, backups, maxBytes);
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
    this.#rotation.begin(this.#seconds());
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
    const now = this.#seconds();
    if (this.#rotation.isDue(now)) {
      // What belongs into the old file must be there before that gets its name, also if another process was first.
      this.#writePending();
      if (!this.#file.hasPending) this.#attempt("rotate", () => this.#rotation.rotate(now));
    }
    this.#look(now);
    this.#write(`${msg}\n`);
    if (!this.#isSetUp) this.#close();
    else if (this.#file.hasPending) this.#flushSoon();
  }

  /** Writes what is gathered. */
  override flush(): void {
    if (this.#file.hasPending) this.#look(this.#seconds());
    this.#writePending();
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
    this.#rotation.end();
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

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  #writePending(): void {
    this.#attempt("write", () => this.#file.flush());
  }

  /** Follows the path, if it was not looked at in this second: a system call for each record would cost more than the record. */
  #look(now: number): void {
    if (now === this.#lookedAt) return;
    this.#lookedAt = now;
    this.#file.follow();
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

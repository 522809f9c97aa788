/**
 * Sets up the logging of the server, the client and the launcher.
 *
 * @module
 */
import { messageOf } from "../../common/errors.ts";
import { makePrivateDirectory } from "../../common/private_files.ts";
import type { BaseHandler } from "@std/log/base-handler";
import { type LevelName, LogLevels } from "@std/log/levels";
import { Logger } from "@std/log/logger";
import { join } from "node:path";
import { jsonFormatter, textFormatter } from "./formatters.ts";
import { Repeats } from "./repeats.ts";
import type { ConsoleLevel, LogFormat, LogSettings } from "./settings.ts";
import { StderrHandler } from "./stderr_handler.ts";
import { TimedRotatingFileHandler } from "./timed_rotating_file_handler.ts";

export type { BaseHandler, ConsoleLevel, LevelName, LogFormat, Logger, LogSettings };

/** Whose logging it is. */
export type ProgramName = "server" | "client" | "launcher";

/** The logging of one program. Disposing of it also waits, at most half a second, for the console. */
export interface Logging extends AsyncDisposable {
  /** The program's own logger, named after it. */
  readonly logger: Logger;
  /** The path of the log file; undefined if there is none. */
  readonly path: string | undefined;
  /** The logger of a part of the program: `child("session")` of the server is `server.session`. */
  child(area: string): Logger;
  /**
   * Changes the least level of what is logged, as `--log-level` sets it, for all loggers and for the file; the console
   * follows as it does at the start, unless it is off.
   */
  setLevel(level: LevelName): void;
  /** Adds a handler to all loggers, those already given out included, and sets it up. */
  add(handler: BaseHandler): void;
  /** Writes what is gathered. */
  flush(): void;
  /** Writes what is gathered and closes the file; may be called more than once. */
  close(): void;
}

/** Options of {@linkcode setupLogging} that are not for the command line. */
export interface SetupOptions {
  /**
   * The handler for the console, instead of one for standard error with the level of the settings.
   */
  console?: BaseHandler;
}

const CONSOLE_LEVELS: Readonly<Record<ProgramName, ConsoleLevel>> = {
  server: "INFO",
  launcher: "WARN",
  client: "OFF",
};

/** Milliseconds for which the end of a program waits for its console. */
const CONSOLE_DRAIN_MS = 500;

/**
 * Sets up a program's loggers: one named after the program and one for each of its parts, all with the
 * same handlers, standard error and `DIR/NAME.log`.
 *
 * Never asks for a permission and never fails for lack of a file: where the program may not read and
 * write the directory, or the file cannot be opened, records go to the console alone, and a warning
 * there says why.
 *
 * What is gathered is written at exit and on an uncaught error. Signals are the program's own
 * business: its listener should call `close()`.
 *
 * @throws {RangeError} If `when`, `interval` or `backups` is out of range.
 *
 * @example
 * ```ts
 * import { setupLogging } from "./setup.ts";
 * import { DEFAULT_LOG_SETTINGS } from "./settings.ts";
 *
 * await using logging = await setupLogging("server", { ...DEFAULT_LOG_SETTINGS, file: false });
 * logging.child("session").info("connected", { peer: "127.0.0.1:5000", name: "eve" });
 * ```
 */
export async function setupLogging(
  name: ProgramName,
  settings: LogSettings,
  options: SetupOptions = {},
): Promise<Logging> {
  const handlers: BaseHandler[] = [];
  const consoleLevel = consoleLevelOf(name, settings);
  let stderr: StderrHandler | undefined;
  if (options.console !== undefined) handlers.push(options.console);
  else if (consoleLevel !== "OFF") {
    stderr = new StderrHandler(consoleLevel, {
      formatter: textFormatter({ utc: settings.utc, timeOnly: true }),
    });
    handlers.push(stderr);
  }
  for (const handler of handlers) handler.setup();

  const opened = settings.file ? await openFile(name, settings, handlers) : undefined;
  if (opened !== undefined) handlers.push(opened.handler);
  const logger = new Logger(name, lower(settings.level, consoleLevel), {
    handlers: [new Repeats(handlers)],
  });
  return new ProgramLogging(logger, handlers, { name, settings, opened, stderr });
}

/** What the console shows: what was asked for, or the program's own choice among what is logged. */
function consoleLevelOf(name: ProgramName, settings: LogSettings): ConsoleLevel {
  if (settings.console !== undefined) return settings.console;
  const own = higher(CONSOLE_LEVELS[name], settings.level);
  return settings.quiet ? higher(own, "ERROR") : own;
}

function rank(level: ConsoleLevel): number {
  return level === "OFF" ? Infinity : LogLevels[level];
}

function higher(one: ConsoleLevel, other: ConsoleLevel): ConsoleLevel {
  return rank(one) > rank(other) ? one : other;
}

function lower(level: LevelName, other: ConsoleLevel): LevelName {
  return other !== "OFF" && rank(other) < rank(level) ? other : level;
}

interface OpenedFile {
  readonly handler: TimedRotatingFileHandler;
  readonly path: string;
}

/** Opens the log file, or warns why there is none. */
async function openFile(
  name: string,
  settings: LogSettings,
  others: readonly BaseHandler[],
): Promise<OpenedFile | undefined> {
  const path = join(settings.dir, `${name}.log`);
  // Warnings about the file must not go to the file: only the console's handlers are there yet.
  const consoleOnly = new Logger(`${name}.log`, "NOTSET", { handlers: [...others] });
  const handler = new TimedRotatingFileHandler(settings.level, {
    filename: path,
    when: settings.when,
    interval: settings.interval,
    backupCount: settings.backups,
    maxBytes: settings.maxSize * 1024 ** 2,
    utc: settings.utc,
    formatter: settings.format === "json" ? jsonFormatter() : textFormatter({ utc: settings.utc }),
    exitOnSigterm: false,
    onWarning: (message) => consoleOnly.warn(message),
  });
  for (const permission of ["read", "write"] as const) {
    const { state } = await Deno.permissions.query({ name: permission, path: settings.dir });
    if (state !== "granted") {
      consoleOnly.warn("no log file", { reason: `no permission to ${permission}`, path });
      return undefined;
    }
  }
  try {
    makePrivateDirectory(settings.dir);
    handler.setup();
  } catch (error) {
    const reason = messageOf(error);
    consoleOnly.warn("no log file", { reason, path });
    return undefined;
  }
  return { handler, path };
}

/** What {@linkcode ProgramLogging} is made of, besides its logger and handlers. */
interface LoggingParts {
  readonly name: ProgramName;
  readonly settings: LogSettings;
  readonly opened: OpenedFile | undefined;
  readonly stderr: StderrHandler | undefined;
}

class ProgramLogging implements Logging {
  readonly logger: Logger;
  readonly path: string | undefined;
  readonly #handlers: BaseHandler[];
  readonly #parts: LoggingParts;
  readonly #children = new Map<string, Logger>();

  /** @param handlers Those that write the records which the logger's own handler passes on. */
  constructor(
    logger: Logger,
    handlers: BaseHandler[],
    parts: LoggingParts,
  ) {
    this.logger = logger;
    this.path = parts.opened?.path;
    this.#handlers = handlers;
    this.#parts = parts;
  }

  child(area: string): Logger {
    let child = this.#children.get(area);
    if (child === undefined) {
      child = new Logger(`${this.logger.loggerName}.${area}`, this.logger.levelName, {
        handlers: this.logger.handlers,
      });
      this.#children.set(area, child);
    }
    return child;
  }

  setLevel(level: LevelName): void {
    const { name, settings, opened, stderr } = this.#parts;
    const consoleLevel = consoleLevelOf(name, { ...settings, level });
    for (const logger of [this.logger, ...this.#children.values()]) {
      logger.levelName = lower(level, consoleLevel);
    }
    if (opened !== undefined) opened.handler.levelName = level;
    if (stderr !== undefined && consoleLevel !== "OFF") stderr.levelName = consoleLevel;
  }

  add(handler: BaseHandler): void {
    handler.setup();
    this.#handlers.push(handler);
  }

  flush(): void {
    for (const handler of this.#handlers) {
      if (handler instanceof TimedRotatingFileHandler) handler.flush();
    }
  }

  close(): void {
    for (const handler of [...this.logger.handlers, ...this.#handlers]) handler.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#parts.stderr?.drained(CONSOLE_DRAIN_MS);
  }
}

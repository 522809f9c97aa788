/**
 * Loggers, the records that they make, and how both are configured.
 *
 * @module
 */
import type { BaseHandler } from "./base_handler.ts";
import {
  getLevelByName,
  getLevelName,
  type LevelName,
  type LogLevel,
  LogLevels,
} from "./levels.ts";

export type { BaseHandler, LevelName, LogLevel };

/** Any function: a message of this type is called, not logged. */
// deno-lint-ignore no-explicit-any
export type GenericFunction = (...args: any[]) => any;

/** One entry of {@linkcode LogConfig.loggers}; any object of this shape will do. */
export class LoggerConfig {
  /**
   * Records below this level are dropped before they reach a handler.
   *
   * @default {"INFO"}
   */
  level?: LevelName;
  /** The names of its handlers in {@linkcode LogConfig.handlers}; unknown names are ignored. */
  handlers?: string[];
}

/** What {@linkcode setup} takes. */
export interface LogConfig {
  /** The handlers by name; `default` replaces the console handler that is there from the start. */
  handlers?: { [name: string]: BaseHandler };
  /** The loggers by name; `default` is the one behind `debug()`, `info()` and so on. */
  loggers?: { [name: string]: LoggerConfig };
}

/** What a {@linkcode LogRecord} is made of. */
export interface LogRecordOptions {
  /** The message, already text. */
  msg: string;
  /** What the caller passed after the message. */
  args: unknown[];
  /** The number of the record's level. */
  level: LogLevel;
  /** The logger that made the record. */
  loggerName: string;
}

/** One logged event: immutable, stamped with the time at which it was made. */
export class LogRecord {
  /** The message, already text. */
  readonly msg: string;
  /** The number of the record's level. */
  readonly level: number;
  /** The name of the record's level. */
  readonly levelName: string;
  /** The logger that made the record. */
  readonly loggerName: string;
  readonly #args: unknown[];
  readonly #time: number;

  /**
   * Makes a record of this moment.
   *
   * @throws {Error} If the level is none of {@linkcode LogLevels}.
   */
  constructor(options: LogRecordOptions) {
    this.msg = options.msg;
    this.#args = [...options.args];
    this.level = options.level;
    this.levelName = getLevelName(options.level);
    this.loggerName = options.loggerName;
    this.#time = Date.now();
  }

  /** A fresh copy of what the caller passed after the message. */
  get args(): unknown[] {
    return [...this.#args];
  }

  /** When the record was made, as a fresh copy. */
  get datetime(): Date {
    return new Date(this.#time);
  }
}

/** Options of {@linkcode Logger}. */
export interface LoggerOptions {
  /**
   * Where the records go.
   *
   * @default {[]}
   */
  handlers?: BaseHandler[];
}

/**
 * Makes records and hands them to its handlers, in order and synchronously.
 *
 * A message that is a function is called only if the record will be made, so that costly texts cost
 * nothing while their level is off. Each method returns its message, or the function's result, or
 * `undefined` where the function was not called.
 *
 * @example
 * ```ts
 * import { BaseHandler } from "@std/log/base-handler";
 * import { Logger } from "@std/log/logger";
 * import { assertEquals } from "@std/assert";
 *
 * class Lines extends BaseHandler {
 *   readonly lines: string[] = [];
 *   override log(msg: string): void {
 *     this.lines.push(msg);
 *   }
 * }
 * const handler = new Lines("INFO");
 * const logger = new Logger("example", "INFO", { handlers: [handler] });
 * logger.info("ready");
 * logger.debug(() => "never computed");
 * assertEquals(handler.lines, ["INFO ready"]);
 * ```
 */
export class Logger {
  #level: LogLevel;
  readonly #loggerName: string;
  /** Where the records go; may be replaced at any time. */
  handlers: BaseHandler[];

  /**
   * Makes a logger for records of that level and above.
   *
   * @throws {Error} If `levelName` is no level.
   */
  constructor(
    loggerName: string,
    levelName: LevelName,
    options: LoggerOptions = {},
  ) {
    this.#loggerName = loggerName;
    this.#level = getLevelByName(levelName);
    this.handlers = options.handlers ?? [];
  }

  /** The number of the level below which records are dropped. */
  get level(): LogLevel {
    return this.#level;
  }

  /** Sets the level; throws a `TypeError` if it is none. */
  set level(level: LogLevel) {
    try {
      this.#level = getLevelByName(getLevelName(level));
    } catch {
      throw new TypeError(`Invalid log level: ${level}`);
    }
  }

  /** The name of the level below which records are dropped. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  /** Sets the level; throws an `Error` if it is none. */
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** The name that its records carry. */
  get loggerName(): string {
    return this.#loggerName;
  }

  #emit<T>(
    level: LogLevel,
    msg: (T extends GenericFunction ? never : T) | (() => T),
    args: unknown[],
  ): T | undefined {
    const lazy = msg instanceof Function;
    if (this.#level > level) return lazy ? undefined : msg as T;
    const value = lazy ? msg() : msg as T;
    const record = new LogRecord({
      msg: asText(value),
      args,
      level,
      loggerName: this.#loggerName,
    });
    for (const handler of this.handlers) handler.handle(record);
    return value;
  }

  /** Logs at DEBUG what the function returns; it is not called while the level is off. */
  debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at DEBUG and returns the message. */
  debug<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  debug<T>(
    msg: (T extends GenericFunction ? never : T) | (() => T),
    ...args: unknown[]
  ): T | undefined {
    return this.#emit(LogLevels.DEBUG, msg, args);
  }

  /** Logs at INFO what the function returns; it is not called while the level is off. */
  info<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at INFO and returns the message. */
  info<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  info<T>(
    msg: (T extends GenericFunction ? never : T) | (() => T),
    ...args: unknown[]
  ): T | undefined {
    return this.#emit(LogLevels.INFO, msg, args);
  }

  /** Logs at WARN what the function returns; it is not called while the level is off. */
  warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at WARN and returns the message. */
  warn<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  warn<T>(
    msg: (T extends GenericFunction ? never : T) | (() => T),
    ...args: unknown[]
  ): T | undefined {
    return this.#emit(LogLevels.WARN, msg, args);
  }

  /** Logs at ERROR what the function returns; it is not called while the level is off. */
  error<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at ERROR and returns the message. */
  error<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  error<T>(
    msg: (T extends GenericFunction ? never : T) | (() => T),
    ...args: unknown[]
  ): T | undefined {
    return this.#emit(LogLevels.ERROR, msg, args);
  }

  /** Logs at CRITICAL what the function returns; it is not called while the level is off. */
  critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at CRITICAL and returns the message. */
  critical<T>(
    msg: T extends GenericFunction ? never : T,
    ...args: unknown[]
  ): T;
  critical<T>(
    msg: (T extends GenericFunction ? never : T) | (() => T),
    ...args: unknown[]
  ): T | undefined {
    return this.#emit(LogLevels.CRITICAL, msg, args);
  }
}

/** A message as text: errors with their stack, objects as `{"key":value}` with strings in quotes. */
function asText(
  data: unknown,
  nested = false,
  parents: readonly object[] = [],
): string {
  switch (typeof data) {
    case "string":
      return nested ? `"${data}"` : data;
    case "function":
      return "undefined";
    case "object":
      break;
    default:
      return String(data);
  }
  if (data === null) return "null";
  if (data instanceof Error) return data.stack ?? String(data);
  if (parents.includes(data)) return '"[Circular]"';
  const path = [...parents, data];
  const fields = Object.entries(data).map(([key, value]) =>
    `"${key}":${asText(value, true, path)}`
  );
  return `{${fields.join(",")}}`;
}

/**
 * What every handler has: a level, a formatter, and the calls that a logger makes.
 *
 * @module
 */
import { getLevelByName, getLevelName, type LevelName, type LogLevel } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

export type { LevelName, LogLevel, LogRecord };

/** Turns a record into the text that a handler writes. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** Options of {@linkcode BaseHandler}. */
export interface BaseHandlerOptions {
  /**
   * Turns a record into text.
   *
   * @default {({ levelName, msg }) => `${levelName} ${msg}`}
   */
  formatter?: FormatterFunction;
}

const defaultFormatter: FormatterFunction = ({ levelName, msg }) => `${levelName} ${msg}`;

/**
 * The base of all handlers: drops records below its level, formats the others, and gives the text to
 * {@linkcode BaseHandler.log}, which each kind of handler writes for itself.
 *
 * @example
 * ```ts
 * import { BaseHandler } from "@std/log/base-handler";
 *
 * class StderrHandler extends BaseHandler {
 *   override log(msg: string): void {
 *     console.error(msg);
 *   }
 * }
 * new StderrHandler("WARN").setup();
 * ```
 */
export abstract class BaseHandler {
  #level: LogLevel;
  /** Turns a record into text; may be replaced at any time. */
  formatter: FormatterFunction;

  /**
   * Makes a handler for records of that level and above.
   *
   * @throws {Error} If `levelName` is no level.
   */
  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.#level = getLevelByName(levelName);
    this.formatter = options.formatter ?? defaultFormatter;
  }

  /** The number of the level below which records are dropped. */
  get level(): LogLevel {
    return this.#level;
  }

  /** Sets the level; throws an `Error` if it is none. */
  set level(level: LogLevel) {
    this.#level = getLevelByName(getLevelName(level));
  }

  /** The name of the level below which records are dropped. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  /** Sets the level; throws an `Error` if it is none. */
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** Formats and writes a record, unless it is below the handler's level. */
  handle(logRecord: LogRecord): void {
    if (this.#level > logRecord.level) return;
    this.log(this.format(logRecord));
  }

  /** The record's text. */
  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  /** Writes one text, without any check of levels. */
  abstract log(msg: string): void;

  /** Called once before the first record: opens what the handler needs. */
  setup(): void {}

  /** Called after the last record: writes what is buffered and closes. */
  destroy(): void {}

  /** The same as {@linkcode BaseHandler.destroy}, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}

/**
 * The handler that writes to the console.
 *
 * @module
 */
import { BaseHandler, type BaseHandlerOptions } from "./base_handler.ts";
import { type LevelName, type LogLevel, LogLevels } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

export type { BaseHandlerOptions, LevelName, LogLevel, LogRecord };

/** Options of {@linkcode ConsoleHandler}. */
export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /**
   * Colour the text by level. The environment variable `NO_COLOR` turns colours off all the same.
   *
   * @default {true}
   */
  useColors?: boolean;
}

/** The SGR codes (ECMA-48, 8.3.117) that switch one style on and off. */
interface Style {
  readonly on: number;
  readonly off: number;
}

const BOLD: Style = { on: 1, off: 22 };
const RED: Style = { on: 31, off: 39 };
const YELLOW: Style = { on: 33, off: 39 };
const BLUE: Style = { on: 34, off: 39 };

/** The styles of a level, innermost first. */
const STYLES = new Map<number, readonly Style[]>([
  [LogLevels.INFO, [BLUE]],
  [LogLevels.WARN, [YELLOW]],
  [LogLevels.ERROR, [RED]],
  [LogLevels.CRITICAL, [RED, BOLD]],
]);

function paint(text: string, { on, off }: Style): string {
  // A style that ends inside the text would end this one too: begin it again there.
  const inner = text.replaceAll(`\x1b[${off}m`, `\x1b[${on}m`);
  return `\x1b[${on}m${inner}\x1b[${off}m`;
}

/** The text in the colour of a level's number; unchanged where `NO_COLOR` is set. */
function coloured(text: string, level: number): string {
  if (globalThis.Deno?.noColor) return text;
  return (STYLES.get(level) ?? []).reduce(paint, text);
}

/**
 * Writes to the console with `console.log`: INFO blue, WARN yellow, ERROR red, CRITICAL bold red.
 *
 * @example
 * ```ts
 * import { ConsoleHandler } from "@std/log/console-handler";
 *
 * const handler = new ConsoleHandler("INFO");
 * handler.log("hello");
 * ```
 */
export class ConsoleHandler extends BaseHandler {
  readonly #useColors: boolean;

  /**
   * Makes a handler for records of that level and above.
   *
   * @throws {Error} If `levelName` is no level.
   */
  constructor(levelName: LevelName, options: ConsoleHandlerOptions = {}) {
    super(levelName, options);
    this.#useColors = options.useColors ?? true;
  }

  /** The record's text, coloured by its level. */
  override format(logRecord: LogRecord): string {
    const text = super.format(logRecord);
    return this.#useColors ? coloured(text, logRecord.level) : text;
  }

  /** Writes one text with `console.log`. */
  override log(msg: string): void {
    // deno-lint-ignore no-console -- the console is what this handler is for
    console.log(msg);
  }
}

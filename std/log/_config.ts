import { ConsoleHandler } from "./console_handler.ts";
import type { LevelName } from "./levels.ts";
import type { LogConfig } from "./logger.ts";

/** The level of a logger whose configuration names none. */
export const DEFAULT_LEVEL: LevelName = "INFO";

/** What is there before {@linkcode setup} is called, and beneath what it is given. */
export const DEFAULT_CONFIG: LogConfig = {
  handlers: { default: new ConsoleHandler(DEFAULT_LEVEL) },
  loggers: { default: { level: DEFAULT_LEVEL, handlers: ["default"] } },
};

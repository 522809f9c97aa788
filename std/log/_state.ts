import type { BaseHandler } from "./base_handler.ts";
import type { Logger } from "./logger.ts";

/** The loggers and handlers of this process: the one thing in the package that is shared. */
export const state: {
  readonly handlers: Map<string, BaseHandler>;
  readonly loggers: Map<string, Logger>;
} = { handlers: new Map(), loggers: new Map() };

/**
 * Finds a logger by name.
 *
 * @module
 */
import { state } from "./_state.ts";
import { Logger } from "./logger.ts";

export type { Logger };

/**
 * The logger of that name, or `default` without a name. A name that was not configured gets a logger
 * without handlers, which logs nothing.
 *
 * @throws {Error} Without a name, if no `default` logger was set up.
 *
 * @example
 * ```ts
 * import { getLogger } from "@std/log/get-logger";
 * import "@std/log/setup";
 *
 * getLogger().info("hello");
 * ```
 */
export function getLogger(name?: string): Logger {
  const known = state.loggers.get(name || "default");
  if (known !== undefined) return known;
  if (!name) throw new Error(`"default" logger must be set for getting logger without name`);
  const logger = new Logger(name, "NOTSET", { handlers: [] });
  state.loggers.set(name, logger);
  return logger;
}

/**
 * Configures the loggers and handlers of the process.
 *
 * @module
 */
import { DEFAULT_CONFIG, DEFAULT_LEVEL } from "./_config.ts";
import { state } from "./_state.ts";
import type { BaseHandler } from "./base_handler.ts";
import { type LogConfig, Logger, type LoggerConfig } from "./logger.ts";

export type { BaseHandler, LogConfig, LoggerConfig };

/**
 * Replaces all loggers and handlers: destroys the old handlers, sets up the new ones, and makes the
 * loggers. A `default` handler or logger that `config` does not name is the one from the start.
 *
 * A {@linkcode Logger} got before this call keeps its old handlers, so get loggers after it.
 *
 * @example
 * ```ts
 * import { ConsoleHandler } from "@std/log/console-handler";
 * import { getLogger } from "@std/log/get-logger";
 * import { setup } from "@std/log/setup";
 *
 * setup({
 *   handlers: { console: new ConsoleHandler("DEBUG") },
 *   loggers: { tasks: { level: "WARN", handlers: ["console"] } },
 * });
 * getLogger("tasks").warn("late");
 * ```
 */
export function setup(config: LogConfig): void {
  const handlers = { ...DEFAULT_CONFIG.handlers, ...config.handlers };
  const loggers = { ...DEFAULT_CONFIG.loggers, ...config.loggers };

  for (const handler of state.handlers.values()) handler.destroy();
  state.handlers.clear();
  for (const [name, handler] of Object.entries(handlers)) {
    handler.setup();
    state.handlers.set(name, handler);
  }

  state.loggers.clear();
  for (
    const [name, { level = DEFAULT_LEVEL, handlers: names = [] }] of Object
      .entries(loggers)
  ) {
    const found = names.map((each) => state.handlers.get(each)).filter((each) =>
      each !== undefined
    );
    state.loggers.set(name, new Logger(name, level, { handlers: found }));
  }
}

setup(DEFAULT_CONFIG);

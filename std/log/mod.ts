/**
 * Stand-in for `@std/log` 0.224: loggers with levels, handlers for console and files, formatters.
 *
 * Written for this project with the names, signatures, defaults and behaviour of the package on JSR,
 * which the npm registry does not carry. Code that uses it through its `jsr:` name runs on either.
 *
 * @module
 */
export * from "./base_handler.ts";
export * from "./console_handler.ts";
export * from "./critical.ts";
export * from "./debug.ts";
export * from "./error.ts";
export * from "./file_handler.ts";
export * from "./formatters.ts";
export * from "./get_logger.ts";
export * from "./info.ts";
export * from "./levels.ts";
export * from "./logger.ts";
// Other modules export these two as types: without this line the classes themselves would be missing here.
export { Logger, LogRecord } from "./logger.ts";
export * from "./rotating_file_handler.ts";
export * from "./setup.ts";
export * from "./warn.ts";

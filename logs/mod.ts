/**
 * What other programs import as `@jim/messenger/logs`: the file handler that rotates by time, and the decorator that logs
 * calls. The project itself imports neither from here.
 *
 * @module
 */

export { BaseHandler, type BaseHandlerOptions } from "@std/log/base-handler";
export { FileHandler } from "@std/log/file-handler";
export { type LogLevel, LogLevels } from "@std/log/levels";
export * from "./calls/log_calls.ts";
export * from "./handlers/timed_rotating_file_handler.ts";

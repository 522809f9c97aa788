/**
 * Logs at ERROR with the default logger.
 *
 * @module
 */
import { getLogger } from "./get_logger.ts";
import type { GenericFunction } from "./logger.ts";
import "./setup.ts";

export type { GenericFunction };

/** Logs at ERROR what the function returns; it is not called while the level is off. */
export function error<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs at ERROR with the default logger and returns the message.
 *
 * @example
 * ```ts
 * import { error } from "@std/log/error";
 *
 * error("hello");
 * ```
 */
export function error<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function error<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  // The two calls differ only in their overload.
  if (msg instanceof Function) return getLogger("default").error(msg, ...args);
  return getLogger("default").error(msg, ...args);
}

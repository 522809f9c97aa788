/**
 * Logs at DEBUG with the default logger.
 *
 * @module
 */
import { getLogger } from "./get_logger.ts";
import type { GenericFunction } from "./logger.ts";
import "./setup.ts";

export type { GenericFunction };

/** Logs at DEBUG what the function returns; it is not called while the level is off. */
export function debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs at DEBUG with the default logger and returns the message.
 *
 * @example
 * ```ts
 * import { debug } from "@std/log/debug";
 *
 * debug("hello");
 * ```
 */
export function debug<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function debug<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  // The two calls differ only in their overload.
  if (msg instanceof Function) return getLogger("default").debug(msg, ...args);
  return getLogger("default").debug(msg, ...args);
}

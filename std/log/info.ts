/**
 * Logs at INFO with the default logger.
 *
 * @module
 */
import { getLogger } from "./get_logger.ts";
import type { GenericFunction } from "./logger.ts";
import "./setup.ts";

export type { GenericFunction };

/** Logs at INFO what the function returns; it is not called while the level is off. */
export function info<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs at INFO with the default logger and returns the message.
 *
 * @example
 * ```ts
 * import { info } from "@std/log/info";
 *
 * info("hello");
 * ```
 */
export function info<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function info<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  // The two calls differ only in their overload.
  if (msg instanceof Function) return getLogger("default").info(msg, ...args);
  return getLogger("default").info(msg, ...args);
}

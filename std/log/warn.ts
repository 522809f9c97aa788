/**
 * Logs at WARN with the default logger.
 *
 * @module
 */
import { getLogger } from "./get_logger.ts";
import type { GenericFunction } from "./logger.ts";
import "./setup.ts";

export type { GenericFunction };

/** Logs at WARN what the function returns; it is not called while the level is off. */
export function warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs at WARN with the default logger and returns the message.
 *
 * @example
 * ```ts
 * import { warn } from "@std/log/warn";
 *
 * warn("hello");
 * ```
 */
export function warn<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function warn<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  // The two calls differ only in their overload.
  if (msg instanceof Function) return getLogger("default").warn(msg, ...args);
  return getLogger("default").warn(msg, ...args);
}

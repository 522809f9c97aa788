/**
 * Logs at CRITICAL with the default logger.
 *
 * @module
 */
import { getLogger } from "./get_logger.ts";
import type { GenericFunction } from "./logger.ts";
import "./setup.ts";

export type { GenericFunction };

/** Logs at CRITICAL what the function returns; it is not called while the level is off. */
export function critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs at CRITICAL with the default logger and returns the message.
 *
 * @example
 * ```ts
 * import { critical } from "@std/log/critical";
 *
 * critical("hello");
 * ```
 */
export function critical<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function critical<T>(
  msg: (T extends GenericFunction ? never : T) | (() => T),
  ...args: unknown[]
): T | undefined {
  // The two calls differ only in their overload.
  if (msg instanceof Function) {
    return getLogger("default").critical(msg, ...args);
  }
  return getLogger("default").critical(msg, ...args);
}

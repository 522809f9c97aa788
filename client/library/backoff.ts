/**
 * How long to wait before the next attempt to reconnect.
 *
 * @module
 */

/** Bounds of the waiting time. */
export interface BackoffOptions {
  /**
   * Upper bound of the first wait.
   *
   * @default {500}
   */
  firstMs?: number;
  /**
   * Upper bound of any wait.
   *
   * @default {30000}
   */
  maxMs?: number;
}

/**
 * Exponential backoff with jitter: the bound doubles with each attempt, and the wait is a random part of it,
 * at least half, so that the clients of a restarted server do not all come back at the same moment.
 *
 * @param attempt 1 for the first.
 * @param random In [0, 1), as from `Math.random`.
 * @returns Milliseconds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(backoffMs(3, 0.5), 1500);
 * ```
 */
export function backoffMs(attempt: number, random: number, options: BackoffOptions = {}): number {
  const { firstMs = 500, maxMs = 30_000 } = options;
  const boundMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(boundMs * (0.5 + random / 2));
}

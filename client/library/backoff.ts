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

/** What is known of a server that is away. */
export interface RestartOptions {
  /**
   * For how long it has been away, if it has said that it shuts down. The bound is then a quarter of that at most, or a
   * second: it costs a server that comes back after n seconds little to be asked then, and nobody waits for another n.
   */
  restartMs?: number | undefined;
}

/** A server that has said that it shuts down is mostly started again, or replaced by a new version, within seconds. */
const RESTART_MS = 1_000;

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
export function backoffMs(
  attempt: number,
  random: number,
  options: BackoffOptions & RestartOptions = {},
): number {
  const { firstMs = 500, maxMs = 30_000, restartMs } = options;
  const restartBoundMs = restartMs === undefined ? Infinity : Math.max(RESTART_MS, restartMs / 4);
  const boundMs = Math.min(maxMs, restartBoundMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(boundMs * (0.5 + random / 2));
}

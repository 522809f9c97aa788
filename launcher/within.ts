/**
 * Waiting with a time limit.
 *
 * @module
 */

import { type Clock, systemClock } from "../common/clock.ts";

/** What is promised, or `undefined` if it takes longer than that many milliseconds. */
export async function within<T>(
  ms: number,
  promised: Promise<T>,
  clock: Clock = systemClock,
): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.setTimeout(() => late.resolve(undefined), ms);
  try {
    return await Promise.race([promised, late.promise]);
  } finally {
    clock.clearTimeout(timer);
  }
}

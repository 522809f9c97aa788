/**
 * Time, as a thing that is passed in: tests use a clock that they move themselves.
 *
 * @module
 */

/** A pending timer of a {@linkcode Clock}; means something to that clock only. */
export type Timer = ReturnType<typeof setTimeout> | number;

/** What of time this project uses. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. For durations. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z, as the system believes. For time stamps. */
  epochMs(): number;
  /** Calls `callback` once, after `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): Timer;
  /** Forgets a timer; does nothing if it has fired or is `undefined`. */
  clearTimeout(timer: Timer | undefined): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/** The clock's time in whole Unix seconds, as frames carry it. */
export function unixSeconds(clock: Clock): number {
  return Math.floor(clock.epochMs() / 1000);
}

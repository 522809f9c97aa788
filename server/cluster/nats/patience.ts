/**
 * Asking JetStream again while it has no leader or no connection.
 *
 * @module
 */

import { JetStreamApiError } from "@nats-io/jetstream";

import type { Clock } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import { printable } from "../../../common/printable.ts";
import { UnavailableError } from "../operation_log.ts";

/** So long is waited before something is asked again, in milliseconds. */
export const RETRY_MS = 200;

/** So long may an answer take before the question is taken for lost, in milliseconds. */
export const ANSWER_MS = 2_000;

/** How long to try. */
export interface Patience {
  /** Milliseconds from the first try on. */
  readonly patienceMs: number;
  /** What times are taken by. */
  readonly clock: Clock;
}

/**
 * Asks until there is an answer. What is asked must be the same if it is done twice.
 *
 * @throws {UnavailableError} If there is none in time.
 * @throws {JetStreamApiError} If the answer is no.
 * @throws {StartError} If `ask` does.
 */
export async function patiently<T>(
  ask: () => Promise<T>,
  { patienceMs, clock }: Patience,
): Promise<T> {
  const end = clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (isFinal(error)) throw error;
      if (clock.monotonicMs() + RETRY_MS > end) throw unavailable(messageOf(error), error);
    }
    await new Promise<void>((resolve) => clock.setTimeout(resolve, RETRY_MS));
  }
}

/** Says why something could not be done. */
export function unavailable(reason: string, cause?: unknown): UnavailableError {
  return new UnavailableError(`NATS cannot do it at the moment: ${printable(reason)}`, { cause });
}

/** Whether JetStream has understood and said no; 503 and the like pass. */
function isFinal(error: unknown): boolean {
  return error instanceof StartError || error instanceof JetStreamApiError && error.status < 500;
}

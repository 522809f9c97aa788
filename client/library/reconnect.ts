/**
 * Getting a lost connection back.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import { type CloseReason, CODE } from "../../common/wire/protocol.ts";
import { backoffMs, type BackoffOptions } from "./backoff.ts";
import { ConnectionLostError, RefusedError } from "./errors.ts";
import { sleep } from "./waiting.ts";

/** How to get a connection back. */
export interface ReconnectOptions extends BackoffOptions {
  /** Connects and logs in; throws if it does not work. */
  attempt: () => Promise<void>;
  /**
   * Attempts that were made before: the waits go on from there.
   *
   * @default {0}
   */
  attempts?: number;
  /** Called before each wait: why there is no connection, and which attempt comes next in how many milliseconds. */
  onWait: (error: Error, attempt: number, retryMs: number) => void;
  /** Ends the attempts. */
  signal: AbortSignal;
  /** Where time comes from. */
  clock: Clock;
  /** In [0, 1), for the jitter. */
  random: () => number;
}

/** Codes after which another login under the same name would be refused as well. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  CODE.badRequest,
  CODE.unauthorized,
  CODE.wrongLogin,
  CODE.forbidden,
]);

/** Why a server has ended a connection for good: the name is somebody else's to use now, or nobody's. */
const FINAL_REASONS: ReadonlySet<string> = new Set<CloseReason>(["replaced", "blocked", "removed"]);

/** Whether trying again cannot mend it, or would only take the name back from where the person went on. */
function isFinal(error: unknown): error is RefusedError | ConnectionLostError {
  if (error instanceof RefusedError) return FINAL_CODES.has(error.code);
  return error instanceof ConnectionLostError &&
    (error.reason === "overload" || FINAL_REASONS.has(error.announced ?? ""));
}

/**
 * Waits and tries, again and again, until an attempt succeeds or the signal says so. The waits grow, see
 * {@linkcode backoffMs}.
 *
 * @param lost Why the connection is lost.
 * @returns What trying again cannot mend, if that is what ended it: a refusal (400, 401, 402, 403), a connection that was
 *   replaced, or whose name was blocked or removed, or a server that sends more than is kept; then there is no attempt.
 */
export async function reconnect(
  lost: Error,
  options: ReconnectOptions,
): Promise<RefusedError | ConnectionLostError | undefined> {
  const { attempt, attempts = 0, onWait, signal, clock, random } = options;
  if (isFinal(lost)) return lost;
  for (let count = attempts + 1, error = lost; !signal.aborted; count++) {
    const retryMs = backoffMs(count, random(), options);
    onWait(error, count, retryMs);
    await sleep(clock, retryMs, signal);
    if (signal.aborted) break;
    try {
      await attempt();
      break;
    } catch (thrown) {
      if (isFinal(thrown)) return thrown;
      error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
    }
  }
  return undefined;
}

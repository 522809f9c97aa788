/**
 * The last net: what nobody caught.
 *
 * @module
 */

import { stackOf } from "../common/errors.ts";
import type { Log } from "../common/log.ts";

/**
 * Logs errors and rejections that nobody caught and lets the process go on: such a fault is a mistake in the code
 * for one connection at most, and the others have done nothing wrong.
 *
 * @param log Gets a record with the stack.
 * @param target Where the events come from.
 * @default {globalThis}
 */
export function guardFaults(log: Log, target: EventTarget = globalThis): void {
  const report = (event: Event, error: unknown): void => {
    event.preventDefault();
    const stack = stackOf(error);
    log.error("uncaught fault, going on", { kind: event.type, stack });
  };
  target.addEventListener("error", (event) => report(event, (event as ErrorEvent).error));
  target.addEventListener(
    "unhandledrejection",
    (event) => report(event, (event as PromiseRejectionEvent).reason),
  );
}

/**
 * The launcher's own server as a child process.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import { Child, type ChildOptions, type ExitStatus } from "./child.ts";
import { type Command, listeningPlace, type Place } from "./commands.ts";

/**
 * The server drains for up to 5 s when it is asked to end (`drainSeconds` in `common/limits.ts`); then it has
 * this long in all.
 */
export const SERVER_GRACE_MS = 8_000;

/** A server that accepts connections. */
export interface RunningServer {
  /** Where clients on this machine reach it. */
  place: Place;
  /** Its process. */
  child: Child;
}

/**
 * Starts a server.
 *
 * @param command See `serverCommand`.
 * @param options Hears all of its lines, the one that says that it listens included.
 * @param onStart Called with the process as soon as there is one, so that it can be ended meanwhile.
 * @returns The server, once it says that it accepts connections.
 * @throws {StartError} If it ends before that; its own words were handed to `onLine`.
 */
export async function startServer(
  command: Command,
  options: ChildOptions,
  onStart: (child: Child) => void = () => {},
): Promise<RunningServer> {
  const listening = Promise.withResolvers<Place>();
  const child = new Child(command, {
    onLine: (line, stream) => {
      options.onLine(line, stream);
      const place = stream === "stdout" ? listeningPlace(line) : undefined;
      if (place !== undefined) listening.resolve(place);
    },
  });
  onStart(child);
  const first = await Promise.race([listening.promise, child.ended]);
  if (typeof first === "number") throw new StartError(endedTooEarly("The server", first));
  return { place: first, child };
}

/** One line about a child that ended before it was of use. */
export function endedTooEarly(who: string, status: ExitStatus | undefined): string {
  return `${who} ended with status ${status ?? "unknown"} while the chat was starting`;
}

/**
 * What the layers below the entry scripts see of logging: four methods.
 *
 * @module
 */

/** Named values of a record. The log escapes them; texts and passwords of users never go in. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A place to say what happens. */
export interface Log {
  /** Details for whoever looks for a fault. */
  debug(message: string, fields?: LogFields): void;
  /** The normal course: start, stop, connections, logins. */
  info(message: string, fields?: LogFields): void;
  /** Something to look at: a limit was hit, a peer misbehaves. */
  warn(message: string, fields?: LogFields): void;
  /** Something failed that should not. */
  error(message: string, fields?: LogFields): void;
  /** Whether {@linkcode Log.debug} does anything; ask before computing what to say. */
  readonly isDebug: boolean;
}

/** A log that says nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  isDebug: false,
};

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
  debug(message: string, fields?: LogFields): unknown;
  /** The normal course: start, stop, connections, logins. */
  info(message: string, fields?: LogFields): unknown;
  /** Something to look at: a limit was hit, a peer misbehaves. */
  warn(message: string, fields?: LogFields): unknown;
  /** Something failed that should not. */
  error(message: string, fields?: LogFields): unknown;
  /** What is below this level goes nowhere; {@linkcode DEBUG_LEVEL} and so on. */
  readonly level: number;
}

/** The level of {@linkcode Log.debug}: ask `log.level <= DEBUG_LEVEL` before computing what to say. */
export const DEBUG_LEVEL = 10;

/** A log that says nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  level: 50,
};

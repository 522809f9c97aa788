/**
 * What the operator may set, with the defaults of `common/limits.ts`.
 *
 * @module
 */

import { LIMITS } from "../common/limits.ts";

/** The server's settings. Times are in seconds and may have fractions. */
export interface ServerSettings {
  /** Whether a name that nobody registered may be used without a password. */
  readonly guests: boolean;
  /** Whether anybody may make an account. */
  readonly registration: boolean;
  /** A connection that is not online by then is closed. */
  readonly loginTimeout: number;
  /** Silence after which the client is asked whether it is there. */
  readonly probeInterval: number;
  /** How long it then has to send any byte. */
  readonly probeTimeout: number;
  /** How long a connection may take nothing while its queue is full. */
  readonly writeTimeout: number;
  /** Requests a second that a connection is read at; 0 is no limit. */
  readonly rate: number;
  /** Bytes of a line. */
  readonly maxLine: number;
  /** Code points of a message. */
  readonly maxMessage: number;
  /** Bytes that may wait for a connection. */
  readonly maxQueue: number;
  /** Connections at once; 0 is no limit. */
  readonly maxConnections: number;
  /** Connections at once from one address; 0 is no limit. */
  readonly maxPerIp: number;
}

/** The settings of a server that is started without flags. */
export const DEFAULT_SETTINGS: ServerSettings = {
  guests: true,
  registration: true,
  loginTimeout: LIMITS.loginTimeoutSeconds,
  probeInterval: LIMITS.probeIntervalSeconds,
  probeTimeout: LIMITS.probeTimeoutSeconds,
  writeTimeout: LIMITS.writeTimeoutSeconds,
  rate: LIMITS.requestsPerSecond,
  maxLine: LIMITS.maxLine,
  maxMessage: LIMITS.maxMessage,
  maxQueue: LIMITS.maxQueueBytes,
  maxConnections: LIMITS.maxConnections,
  maxPerIp: LIMITS.maxConnectionsPerAddress,
};

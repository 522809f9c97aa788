/**
 * What a session is made of, and whom it tells.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";
import type { BackoffOptions } from "./backoff.ts";
import type { Connection, ConnectionEvent } from "./connection.ts";
import type { EnteredRoomsOptions } from "./entered_rooms.ts";
import type { ClientEvent } from "./events.ts";
import type { Login } from "./incoming.ts";
import type { NodesDialer } from "./nodes_dialer.ts";

/** What the session itself tells of. */
export type SessionEvent = Extract<ClientEvent, { type: "online" | "offline" | "room-lost" }>;

/** How a {@linkcode Session} behaves. */
export interface SessionOptions extends BackoffOptions, Omit<EnteredRoomsOptions, "onLost"> {
  /** Where time comes from. */
  clock: Clock;
  /** In [0, 1), for the jitter. */
  random: () => number;
  /** Opens a link to the server. */
  dial: (signal: AbortSignal) => Promise<Link>;
  /** The nodes among which `dial` chooses, if there are several. */
  nodes?: Pick<NodesDialer, "begin" | "turnAway" | "lifeMs"> | undefined;
  /** Whether a connection that is lost after login is made again. */
  reconnects: boolean;
  /** Whether the server is asked to keep the session meanwhile. @default {true, if it `reconnects`} */
  resumes?: boolean | undefined;
  /** Whether links are encrypted. */
  tls?: boolean | undefined;
  /** Milliseconds of silence before the server is probed. */
  probeIntervalMs?: number | undefined;
  /** Milliseconds that it has to answer. */
  probeTimeoutMs?: number | undefined;
  /** A connection was made; nothing has been read from it yet. */
  onConnection?: () => void;
  /** The client is online on another connection than before; nothing has been read behind the answer yet. */
  onLogin?: (connection: Connection, login: Login) => void;
  /** The number up to which the frames of the session were dealt with; the server is told it at once. */
  tellSeen?: () => number;
  /** Whether what is said in a room is brought to those who miss it: nobody has to be waited for there. Changes nothing. */
  isKept?: (room: string) => boolean;
  /** The server said something unasked; a probe has been answered by then. */
  onReceived: (connection: Connection, event: ConnectionEvent) => void;
  /** Called with what happens to the session. */
  onEvent: (event: SessionEvent) => void;
  /** Called once at the end: with the error that ended it, or with nothing if it was asked to end. */
  onEnd: (error: Error | undefined) => void;
}

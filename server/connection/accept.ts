/**
 * Accepting connections, whatever goes wrong with one of them.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";

/** A connection as it came: a `Deno.Conn` is one. */
export interface Accepted extends Link {
  /** Where it comes from: a `Deno.NetAddr`. */
  readonly remoteAddr: Deno.Addr;
  /** Whether a proxy made it for itself, to look whether the server is there. */
  readonly isProxysOwn?: boolean;
  /** See `Deno.TcpConn.setNoDelay`. */
  setNoDelay?(): void;
  /** See `Deno.TcpConn.setKeepAlive`. */
  setKeepAlive?(): void;
}

/** Where connections come from: a `Deno.Listener`, for instance. */
export interface ConnectionSource {
  /** See `Deno.Listener.accept`. */
  accept(): Promise<Accepted>;
  /** See `Deno.Listener.close`. */
  close(): void;
}

/** What {@linkcode acceptAll} is told. */
export interface AcceptOptions {
  /** Measures the waits. */
  readonly clock: Pick<Clock, "setTimeout">;
  /** Gets each connection. What it throws counts as a failed accept. */
  readonly admit: (conn: Accepted) => void;
  /** Whether the listener was closed on purpose. */
  readonly isStopping: () => boolean;
  /** Told once, when accepting begins to fail. */
  readonly onFault: (reason: string) => void;
  /** Told when it works again. */
  readonly onRecovered: () => void;
}

/** The first wait after a failed accept (no descriptor left …); each further one is twice as long. */
const MIN_BACKOFF_MS = 5;
/** No longer than this, so that it is back soon after the end of the fault. */
const MAX_BACKOFF_MS = 250;

/**
 * Accepts connections until it is to stop. A failing accept (no descriptors left, a peer that has gone again) never ends
 * it.
 */
export async function acceptAll(
  listener: ConnectionSource,
  { clock, admit, isStopping, onFault, onRecovered }: AcceptOptions,
): Promise<void> {
  let backoff = 0;
  while (!isStopping()) {
    try {
      const conn = await listener.accept();
      if (backoff > 0) onRecovered();
      backoff = 0;
      admit(conn);
    } catch (error) {
      if (isStopping()) break;
      // The peer reset the connection while it waited to be accepted: no reason to keep the next one waiting.
      if (isPeersFault(error)) continue;
      if (backoff === 0) onFault(String(error));
      backoff = Math.min(MAX_BACKOFF_MS, Math.max(MIN_BACKOFF_MS, 2 * backoff));
      await new Promise<void>((resolve) => clock.setTimeout(resolve, backoff));
    }
  }
}

/** Whether an accept failed because that one peer is gone again (accept(2): "already-pending network errors"). */
function isPeersFault(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}

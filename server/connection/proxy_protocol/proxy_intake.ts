/**
 * Connections from proxies, until their header has come.
 *
 * @module
 */

import { LIMITS } from "../../../common/limits.ts";
import { messageOf } from "../../../common/errors.ts";
import type { Accepted } from "../accept.ts";
import { peerName } from "../peer_name.ts";
import type { Plumbing } from "../plumbing.ts";
import type { CidrList } from "./cidr_list.ts";
import { ProxiedConn } from "./proxied_conn.ts";
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader, ProxyHeaderError } from "./proxy_header.ts";

const STOPPING = "the server is shutting down";

/**
 * Reads the header that must come first on a connection from one of the operator's proxies.
 *
 * Guarantees:
 * 1. Where no valid header comes within {@linkcode LIMITS.proxyHeaderSeconds}, the connection is closed without an
 *    answer, and the log says why: a WARN, since it is the operator's own proxy that is at fault. A peer that says
 *    nothing and hangs up has only looked whether the port is open; that is for DEBUG.
 * 2. At most {@linkcode LIMITS.maxProxyHeaders} connections wait for theirs. For one more the oldest is closed, so that
 *    those who say nothing shut out nobody.
 * 3. `read` never rejects.
 */
export class ProxyIntake {
  readonly #terms: Pick<Plumbing, "clock" | "settings" | "log">;
  readonly #proxies: CidrList;
  /** Gives up a connection that waits; the oldest first. */
  readonly #waiting = new Set<(reason: string) => void>();
  #isStopping = false;

  /**
   * Waits for nothing yet.
   *
   * @param proxies Whom to believe.
   */
  constructor(terms: Pick<Plumbing, "clock" | "settings" | "log">, proxies: CidrList) {
    this.#terms = terms;
    this.#proxies = proxies;
  }

  /** How many connections wait for their header. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether the connection comes from a proxy, so that it has to begin with a header. */
  covers(conn: Accepted): boolean {
    return this.#proxies.has((conn.remoteAddr as Deno.NetAddr).hostname);
  }

  /**
   * Reads the header.
   *
   * @returns The connection from behind its header on; `undefined` if it was closed.
   */
  async read(conn: Accepted): Promise<ProxiedConn | undefined> {
    const { clock, settings } = this.#terms;
    let whyGivenUp: string | undefined;
    const giveUp = (reason: string): void => {
      this.#waiting.delete(giveUp);
      whyGivenUp = reason;
      closeQuietly(conn);
    };
    const [oldest] = this.#waiting;
    if (this.#waiting.size >= LIMITS.maxProxyHeaders) {
      oldest!(`more than ${LIMITS.maxProxyHeaders} wait for theirs`);
    }
    this.#waiting.add(giveUp);
    if (this.#isStopping) giveUp(STOPPING);
    const seconds = Math.min(LIMITS.proxyHeaderSeconds, settings.loginTimeout);
    const timer = clock.setTimeout(() => giveUp(`not there within ${seconds} s`), seconds * 1_000);
    const buffer = new Uint8Array(MAX_PROXY_HEADER_BYTES);
    let filled = 0;
    try {
      for (;;) {
        const count = await conn.read(buffer.subarray(filled));
        if (count === null) throw new Deno.errors.UnexpectedEof("the peer hung up");
        filled += count;
        const received = buffer.subarray(0, filled);
        const header = parseProxyHeader(received);
        if (whyGivenUp !== undefined) throw new ProxyHeaderError(whyGivenUp);
        if (header !== undefined) return new ProxiedConn(conn, received, header);
      }
    } catch (error) {
      closeQuietly(conn);
      const hasJustGone = whyGivenUp === undefined && filled === 0;
      this.#tell(conn, whyGivenUp ?? messageOf(error), hasJustGone);
      return undefined;
    } finally {
      clock.clearTimeout(timer);
      this.#waiting.delete(giveUp);
    }
  }

  /** Closes all that wait, and all that come. */
  stop(): void {
    this.#isStopping = true;
    for (const giveUp of this.#waiting) giveUp(STOPPING);
  }

  #tell(conn: Accepted, reason: string, hasJustGone: boolean): void {
    const { log } = this.#terms;
    const level = hasJustGone || this.#isStopping ? "debug" : "warn";
    log[level]("no PROXY header", { peer: peerName(conn.remoteAddr as Deno.NetAddr), reason });
  }
}

function closeQuietly(conn: Accepted): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}

/**
 * Who may connect, and what is said to the others.
 *
 * @module
 */

import { unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import type { Link } from "../../common/link.ts";
import { encodeFrame } from "../../common/wire/encode.ts";
import { CODE } from "../../common/wire/protocol.ts";
import { Farewell, within } from "./farewell.ts";
import type { Plumbing } from "./plumbing.ts";

/** Refused connections that are told why in peace; beyond that they are told and closed at once. */
const MAX_REFUSALS = 64;
/** How long such a connection has to take the sentence. */
const REFUSAL_SECONDS = 0.5;

/** A connection that may have a session. */
export interface Admitted {
  /** The connection, with TLS if the server has it. */
  readonly link: Link;
  /** The peer's address, for the log. */
  readonly address: string;
  /** Waits for what comes before the first byte; `false` if it came to nothing. */
  handshake(): Promise<boolean>;
  /** The connection has ended. */
  leave(): void;
}

/**
 * Counts connections, in all and by address, and turns away those over the limits.
 *
 * Guarantees: a refused connection gets 101 with the reason and is closed; refusing holds up nobody and never fails.
 */
export class Admission {
  readonly #plumbing: Plumbing;
  readonly #tls: { secure(conn: Deno.Conn): Link } | undefined;
  readonly #perAddress = new Map<string, number>();
  readonly #handshakes = new Set<Link>();
  #count = 0;
  #refusals = 0;
  #isStopping = false;

  /**
   * Lets nobody in yet.
   *
   * @param tls Puts TLS on every connection; without it they are plain.
   */
  constructor(plumbing: Plumbing, tls: { secure(conn: Deno.Conn): Link } | undefined) {
    this.#plumbing = plumbing;
    this.#tls = tls;
  }

  /** Lets a connection in, or refuses it: then the result is `undefined`. */
  admit(conn: Deno.Conn): Admitted | undefined {
    const { settings, log } = this.#plumbing;
    const { hostname, port } = conn.remoteAddr as Deno.NetAddr;
    const host = hostname.replace(/^::ffff:(?=\d+\.)/, ""); // an IPv4 peer of an IPv6 socket
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const { maxConnections, maxPerIp } = settings;
    const sameHost = this.#perAddress.get(host) ?? 0;
    if (maxConnections > 0 && this.#count >= maxConnections) {
      log.warn("refused, too many connections", { peer: address, limit: maxConnections });
      this.#refuse(conn, `The server has ${maxConnections} connections, the most allowed`);
      return undefined;
    }
    if (maxPerIp > 0 && sameHost >= maxPerIp) {
      log.warn("refused, too many from one address", { peer: address, limit: maxPerIp });
      this.#refuse(conn, `Your address has ${maxPerIp} connections, the most allowed`);
      return undefined;
    }
    this.#count++;
    this.#perAddress.set(host, sameHost + 1);
    // A one-line answer must not wait for the peer's acknowledgement of the line before (Nagle, RFC 896).
    try {
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay();
    } catch {
      // The peer is gone already, as the session will find out.
    }
    const link = this.#secure(conn);
    return {
      link,
      address,
      handshake: () => this.#handshake(link, address),
      leave: () => this.#leave(host),
    };
  }

  /** Gives up handshakes that are under way, and all that come: nothing can be said to those peers. */
  stop(): void {
    this.#isStopping = true;
    for (const link of this.#handshakes) link.close();
  }

  #secure(conn: Deno.Conn): Link {
    return this.#tls?.secure(conn) ?? conn;
  }

  #leave(host: string): void {
    this.#count--;
    const left = this.#perAddress.get(host)! - 1;
    if (left > 0) this.#perAddress.set(host, left);
    else this.#perAddress.delete(host);
  }

  async #handshake(link: Link, peer: string): Promise<boolean> {
    if (link.handshake === undefined) return true;
    const { clock, settings, log } = this.#plumbing;
    const seconds = Math.min(LIMITS.tlsHandshakeSeconds, settings.loginTimeout);
    let isLate = false;
    const timer = clock.setTimeout(() => {
      isLate = true;
      link.close();
    }, seconds * 1_000);
    this.#handshakes.add(link);
    try {
      await link.handshake();
      return !this.#isStopping;
    } catch (error) {
      const reason = isLate ? `not finished within ${seconds} s` : String(error);
      log.info("no TLS handshake", { peer, reason });
      return false;
    } finally {
      clock.clearTimeout(timer);
      this.#handshakes.delete(link);
    }
  }

  /** Says why and closes, beside everything else. */
  async #refuse(conn: Deno.Conn, sentence: string): Promise<void> {
    const { clock } = this.#plumbing;
    const link = this.#secure(conn);
    const farewell = new Farewell(link, clock, () => closeQuietly(link));
    const frame = {
      response: CODE.important,
      time: unixSeconds(clock),
      alert: sentence,
      reason: "full",
    };
    const lingers = this.#refusals < MAX_REFUSALS;
    if (lingers) this.#refusals++;
    const said = say(link, encodeFrame(frame));
    if (lingers) {
      await farewell.hangUp(said, REFUSAL_SECONDS);
      await readOut(link);
      this.#refusals--;
    } else {
      await within(clock, REFUSAL_SECONDS, said);
    }
    farewell.cancel();
    closeQuietly(link);
  }
}

async function say(link: Link, line: string): Promise<void> {
  await link.handshake?.();
  await link.write(new TextEncoder().encode(line));
}

/** Reads until the peer, or somebody else, has closed the connection. */
async function readOut(link: Link): Promise<void> {
  const sink = new Uint8Array(512);
  try {
    while (await link.read(sink) !== null);
  } catch {
    // It is closed.
  }
}

function closeQuietly(link: Link): void {
  try {
    link.close();
  } catch {
    // It is closed already.
  }
}

/**
 * Who may connect, and what is said to the others.
 *
 * @module
 */

import { unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import type { Link } from "../../common/link.ts";
import { encodeFrame } from "../../common/wire/encode.ts";
import { type CloseReason, CODE } from "../../common/wire/protocol.ts";
import type { Accepted } from "./accept.ts";
import { Farewell, within } from "./farewell.ts";
import { type Network, Networks } from "./networks.ts";
import { type Newcomer, Pending } from "./pending.ts";
import { peerName } from "./peer_name.ts";
import type { Plumbing } from "./plumbing.ts";

/** Refused connections that are told why in peace; beyond that they are told, unless that takes TLS, and closed at once. */
const MAX_REFUSALS = 64;
/** How long such a connection has to take the sentence. */
const REFUSAL_SECONDS = 0.5;

/** Who serves a connection. */
export interface AdmittedHost {
  /** Whether the server is at work on a login of this peer. */
  isLoggingIn(): boolean;
  /** Says a last word with code 101 and closes the connection. */
  close(sentence: string, reason: CloseReason): void;
}

/** A connection that may have a session. */
export interface Admitted extends Newcomer {
  /** The connection, with TLS if the server has it. */
  readonly link: Link;
  /** The peer's address, for the log. */
  readonly address: string;
  /** At which level its coming and going is logged: health checks of a proxy come every other second. */
  readonly level: "info" | "debug";
  /** The peer's network: everything that is counted by address is counted by this. */
  readonly network: Network;
  /** Who serves it; to be set in the turn in which it was admitted. */
  host: AdmittedHost | undefined;
  /** Waits for what comes before the first byte; `false` if it came to nothing. */
  handshake(): Promise<boolean>;
  /** Has the system find out whether a silent peer is still there: for those who are not probed. */
  keepAlive(): void;
  /** The connection is online: it no longer counts among those that are not. */
  online(): void;
  /** The connection has ended. */
  leave(): void;
}

/**
 * Counts connections, in all, by network, and those that are not online yet, and turns away those over the limits.
 *
 * Guarantees:
 * 1. A refused connection gets 101 with the reason and is closed; refusing holds up nobody and never fails.
 * 2. Where too many are not online yet, the one too many is chosen by {@linkcode Pending}: who comes from elsewhere
 *    than a flood is not refused for it.
 */
export class Admission {
  readonly #plumbing: Plumbing;
  readonly #tls: { secure(conn: Link): Link } | undefined;
  readonly #networks: Networks;
  readonly #pending = new Pending<Admitted>();
  readonly #handshakes = new Set<Link>();
  #count = 0;
  #refusals = 0;
  #isStopping = false;

  /**
   * Lets nobody in yet.
   *
   * @param tls Puts TLS on every connection; without it they are plain.
   */
  constructor(plumbing: Plumbing, tls: { secure(conn: Link): Link } | undefined) {
    this.#plumbing = plumbing;
    this.#tls = tls;
    const { clock, settings, turns } = plumbing;
    this.#networks = new Networks({ bytesPerSecond: settings.work * 1_024, clock, turns });
  }

  /** Lets a connection in, or refuses it: then the result is `undefined`. */
  admit(conn: Accepted): Admitted | undefined {
    const { settings, log } = this.#plumbing;
    const remote = conn.remoteAddr as Deno.NetAddr;
    const network = this.#networks.of(remote.hostname);
    const address = peerName(remote, network.key);
    const { maxConnections, maxPerIp } = settings;
    if (maxConnections > 0 && this.#count >= maxConnections) {
      log.warn("refused, too many connections", { peer: address, limit: maxConnections });
      this.#refuse(conn, `The server has ${maxConnections} connections, the most allowed`);
      return undefined;
    }
    if (maxPerIp > 0 && network.connections >= maxPerIp) {
      log.warn("refused, too many from one address", { peer: address, limit: maxPerIp });
      this.#refuse(conn, `Your address has ${maxPerIp} connections, the most allowed`);
      return undefined;
    }
    if (!this.#hasRoomForPending(network, address)) {
      this.#refuse(conn, this.#tooManyPending);
      return undefined;
    }
    // A one-line answer must not wait for the peer's acknowledgement of the line before (Nagle, RFC 896).
    try {
      conn.setNoDelay?.();
    } catch {
      // The peer is gone already, as the session will find out.
    }
    return this.#enter(conn, address, network);
  }

  /** Gives up handshakes that are under way, and all that come: nothing can be said to those peers. */
  stop(): void {
    this.#isStopping = true;
    for (const link of this.#handshakes) link.close();
  }

  #secure(conn: Link): Link {
    return this.#tls?.secure(conn) ?? conn;
  }

  #enter(conn: Accepted, address: string, network: Network): Admitted {
    this.#count++;
    this.#plumbing.counters.connections++;
    this.#networks.enter(network);
    const admitted = new Entry(this, conn, this.#secure(conn), address, network);
    this.#pending.add(admitted);
    return admitted;
  }

  /** For {@linkcode Admitted}: the connection is online, or has ended. */
  online(admitted: Admitted): void {
    this.#pending.delete(admitted);
  }

  /** For {@linkcode Admitted}. */
  leave(admitted: Admitted): void {
    this.#count--;
    this.#networks.leave(admitted.network);
    this.#pending.delete(admitted);
  }

  get #tooManyPending(): string {
    const { maxPending } = this.#plumbing.settings;
    return `The server has ${maxPending} connections that are not online yet, the most allowed`;
  }

  /** Whether there may be one more that is not online yet; if need be, another one has to go for it. */
  #hasRoomForPending(network: Network, peer: string): boolean {
    const { settings: { maxPending: limit }, log } = this.#plumbing;
    if (limit === 0 || this.#pending.count < limit) return true;
    const other = this.#pending.oneTooMany(network);
    if (other === undefined) {
      log.warn("refused, too many that are not online", { peer, limit });
      return false;
    }
    log.warn("closed, too many that are not online", { peer: other.address, limit });
    this.#pending.delete(other);
    if (this.#handshakes.has(other.link)) {
      this.#plumbing.counters.closes.full++;
      other.link.close(); // nothing can be said to it
    } else other.host?.close(this.#tooManyPending, "full");
    return true;
  }

  /** For {@linkcode Admitted}. */
  async handshake({ link, address: peer, level }: Admitted): Promise<boolean> {
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
      log[level]("no TLS handshake", { peer, reason });
      return false;
    } finally {
      clock.clearTimeout(timer);
      this.#handshakes.delete(link);
    }
  }

  /** Says why and closes, beside everything else. */
  async #refuse(conn: Accepted, sentence: string): Promise<void> {
    const { clock, counters } = this.#plumbing;
    counters.closes.full++;
    // A handshake each, just to say so, would be what a flood is after.
    if (this.#tls !== undefined && this.#refusals >= MAX_REFUSALS) return closeQuietly(conn);
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

/** What an {@linkcode Admission} lets in. */
class Entry implements Admitted {
  readonly link: Link;
  readonly address: string;
  readonly level: "info" | "debug";
  readonly network: Network;
  host: AdmittedHost | undefined;
  readonly #admission: Admission;
  readonly #conn: Accepted;

  constructor(admission: Admission, conn: Accepted, link: Link, address: string, network: Network) {
    this.#admission = admission;
    this.#conn = conn;
    this.link = link;
    this.address = address;
    this.network = network;
    this.level = conn.isProxysOwn ? "debug" : "info";
  }

  isAtWork(): boolean {
    return this.host?.isLoggingIn() ?? false;
  }

  handshake(): Promise<boolean> {
    return this.#admission.handshake(this);
  }

  keepAlive(): void {
    try {
      this.#conn.setKeepAlive?.();
    } catch {
      // The peer is gone already, as the session will find out.
    }
  }

  online(): void {
    this.#admission.online(this);
  }

  leave(): void {
    this.#admission.leave(this);
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

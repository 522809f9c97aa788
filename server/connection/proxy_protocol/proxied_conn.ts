/**
 * A connection behind a proxy.
 *
 * @module
 */

import type { Accepted } from "../admission.ts";
import { peerName } from "../peer_name.ts";
import type { ProxyHeader } from "./proxy_header.ts";

/** An accepted connection whose header has been read: it has the address that the header says. */
export class ProxiedConn implements Accepted {
  readonly remoteAddr: Deno.NetAddr;
  readonly isProxysOwn: boolean;
  readonly #conn: Deno.Conn;
  /** What came right behind the header. */
  #rest: Uint8Array;

  /**
   * Takes over a connection.
   *
   * @param received All that was read from it.
   * @param header The header at the start of that.
   */
  constructor(conn: Deno.Conn, received: Uint8Array, { length, source }: ProxyHeader) {
    const own = conn.remoteAddr as Deno.NetAddr;
    this.#conn = conn;
    this.#rest = received.slice(length);
    this.remoteAddr = source ?? own;
    // A proxy of version 1 may fill in its own address instead of UNKNOWN (proxy-protocol.txt, 2.1).
    this.isProxysOwn = peerName(this.remoteAddr) === peerName(own);
  }

  /** See `Deno.Conn.read`. */
  read(buffer: Uint8Array): Promise<number | null> {
    const part = this.#rest.subarray(0, buffer.length);
    if (part.length === 0) return this.#conn.read(buffer);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return Promise.resolve(part.length);
  }

  /** See `Deno.Conn.write`. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  /** See `Deno.Conn.closeWrite`. */
  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  /** See `Deno.Conn.close`. */
  close(): void {
    this.#conn.close();
  }

  /** See `Deno.TcpConn.setNoDelay`. */
  setNoDelay(): void {
    (this.#conn as Deno.TcpConn).setNoDelay();
  }

  /** See `Deno.TcpConn.setKeepAlive`. */
  setKeepAlive(): void {
    (this.#conn as Deno.TcpConn).setKeepAlive();
  }
}

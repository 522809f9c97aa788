/**
 * A connection behind a proxy.
 *
 * @module
 */

import type { ByteReceiver } from "../../../common/link.ts";
import type { Accepted } from "../accept.ts";
import { peerName } from "../peer_name.ts";
import type { ProxyHeader } from "./proxy_header.ts";

const NOTHING = new Uint8Array(0);

/** An accepted connection whose header has been read: it has the address that the header says. */
export class ProxiedConn implements Accepted {
  readonly remoteAddr: Deno.NetAddr;
  readonly isProxysOwn: boolean;
  /** See `ByteSource.receive`: there if the connection has it. */
  readonly receive?: (receiver: ByteReceiver) => void;
  /** See `ByteSink.writeText`: there if the connection has it. */
  readonly writeText?: (text: string) => number | Promise<number>;
  readonly #conn: Accepted;
  /** What came right behind the header. */
  #rest: Uint8Array;

  /**
   * Takes over a connection.
   *
   * @param received All that was read from it.
   * @param header The header at the start of that.
   */
  constructor(conn: Accepted, received: Uint8Array, { length, source }: ProxyHeader) {
    const own = conn.remoteAddr as Deno.NetAddr;
    this.#conn = conn;
    if (conn.receive !== undefined) this.receive = (receiver) => this.#receive(receiver);
    if (conn.writeText !== undefined) this.writeText = (text) => conn.writeText!(text);
    this.#rest = received.slice(length);
    this.remoteAddr = source ?? own;
    // A proxy of version 1 may fill in its own address instead of UNKNOWN (proxy-protocol.txt, 2.1).
    this.isProxysOwn = peerName(this.remoteAddr) === peerName(own);
  }

  /** See `Deno.Conn.read`. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const part = this.#rest.subarray(0, buffer.length);
    if (part.length === 0) return this.#conn.read(buffer);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return Promise.resolve(part.length);
  }

  #receive(receiver: ByteReceiver): void {
    if (this.#rest.length === 0) return this.#conn.receive!(receiver);
    const rest = this.#rest;
    this.#rest = NOTHING;
    queueMicrotask(() => receiver.onBytes(rest));
  }

  /** See `ByteSink.write`. */
  write(bytes: Uint8Array): number | Promise<number> {
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
    this.#conn.setNoDelay?.();
  }

  /** See `Deno.TcpConn.setKeepAlive`. */
  setKeepAlive(): void {
    this.#conn.setKeepAlive?.();
  }
}

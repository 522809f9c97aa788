/**
 * What the log calls a peer.
 *
 * @module
 */

import { networkKey } from "./network_key.ts";

/**
 * A peer's address and port, for the log. An IPv4 peer of an IPv6 socket is written as one of an IPv4 socket.
 *
 * @param key The peer's {@linkcode networkKey}, if the caller has it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const peer = { transport: "tcp", port: 4711 } as const;
 * assertEquals(peerName({ ...peer, hostname: "::ffff:192.0.2.7" }), "192.0.2.7:4711");
 * assertEquals(peerName({ ...peer, hostname: "2001:db8::1" }), "[2001:db8::1]:4711");
 * ```
 */
export function peerName(
  { hostname, port }: Deno.NetAddr,
  key: string = networkKey(hostname),
): string {
  // Of IPv4 each address is a network of its own.
  return key.includes(":") ? `[${hostname}]:${port}` : `${key}:${port}`;
}

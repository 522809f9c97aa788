/**
 * The part of an address that belongs to one customer.
 *
 * @module
 */

import { addressGroups } from "./address_groups.ts";

/**
 * What to count by when counting per address: an IPv4 address itself; of an IPv6 address the first 64 bits,
 * since that is the smallest network anybody gets (RFC 6177), with 2^64 addresses to switch between. However an
 * address is spelt (RFC 4291, 2.2), its key is the same.
 *
 * @param address As in `Deno.NetAddr.hostname`; may have brackets and a zone. What is no address is its own key.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(networkKey("2001:db8::1:2:3:4"), "2001:db8:0:0::/64");
 * assertEquals(networkKey("::ffff:192.0.2.7"), "192.0.2.7");
 * ```
 */
export function networkKey(address: string): string {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*/, "");
  const groups = addressGroups(plain);
  if (groups === undefined) return plain;
  if (isIpv4InIpv6(groups)) return ipv4Of(groups);
  return `${groups.slice(0, 4).map((group) => group.toString(16)).join(":")}::/64`;
}

/** Whether it stands for an IPv4 peer of an IPv6 socket: `::ffff:0:0/96` (RFC 4291, 2.5.5.2). */
function isIpv4InIpv6(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function ipv4Of(groups: readonly number[]): string {
  return groups.slice(6).flatMap((group) => [group >> 8, group & 255]).join(".");
}

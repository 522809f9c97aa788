/**
 * The part of an address that belongs to one customer.
 *
 * @module
 */

const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/i;

/**
 * What to count by when counting per address: an IPv4 address itself; of an IPv6 address the first 64 bits,
 * since that is the smallest network anybody gets (RFC 6177), with 2^64 addresses to switch between.
 *
 * @param address As in `Deno.NetAddr.hostname`.
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
  const plain = address.replace(IPV4_IN_IPV6, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail = ""] = plain.replace(/%.*/, "").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return `${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}

/**
 * The site that a network belongs to: of IPv6 the first 48 bits, since whoever has many /64 networks to switch
 * between mostly got them as one block of that size (RFC 6177); an IPv4 address is its own site.
 *
 * @param network As `networkKey` gives it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(siteKey("2001:db8:0:7::/64"), "2001:db8:0::/48");
 * assertEquals(siteKey("192.0.2.7"), "192.0.2.7");
 * ```
 */
export function siteKey(network: string): string {
  return network.includes(":") ? `${network.split(":").slice(0, 3).join(":")}::/48` : network;
}

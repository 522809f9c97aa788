/**
 * Blocks of addresses that usually have one owner.
 *
 * @module
 */

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

/**
 * The part of an address that belongs to one customer.
 *
 * @module
 */

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
  const groups = groupsOf(plain);
  if (groups === undefined) return plain;
  if (isIpv4InIpv6(groups)) return ipv4Of(groups);
  return `${groups.slice(0, 4).map((group) => group.toString(16)).join(":")}::/64`;
}

/** The eight numbers of an IPv6 address; `undefined` for anything else. */
function groupsOf(address: string): number[] | undefined {
  if (!address.includes(":")) return undefined;
  const [head = "", tail, more] = address.split("::");
  const [left, right] = [numbersOf(head), numbersOf(tail ?? "")];
  const missing = 8 - left.length - right.length;
  const isWhole = tail === undefined ? missing === 0 : missing >= 0 && more === undefined;
  const groups = [...left, ...Array<number>(Math.max(0, missing)).fill(0), ...right];
  return isWhole && groups.every((group) => group <= 0xffff) ? groups : undefined;
}

/** Groups between colons; the last may be an IPv4 address, which is two. A group that is none is NaN. */
function numbersOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return /^[\da-f]{1,4}$/i.test(group) ? parseInt(group, 16) : NaN;
    const bytes = group.split(".").map((byte) => /^\d{1,3}$/.test(byte) ? Number(byte) : NaN);
    const [a = NaN, b = NaN, c = NaN, d = NaN] = bytes;
    return bytes.length === 4 && Math.max(...bytes) <= 255 ? [a << 8 | b, c << 8 | d] : NaN;
  });
}

/** Whether it stands for an IPv4 peer of an IPv6 socket: `::ffff:0:0/96` (RFC 4291, 2.5.5.2). */
function isIpv4InIpv6(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function ipv4Of(groups: readonly number[]): string {
  return groups.slice(6).flatMap((group) => [group >> 8, group & 255]).join(".");
}

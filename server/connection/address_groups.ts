/**
 * Addresses as numbers.
 *
 * @module
 */

/**
 * The eight numbers of an IPv6 address, however it is spelt (RFC 4291, 2.2); `undefined` for anything else, IPv4
 * addresses included.
 *
 * @param address Without brackets and zone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressGroups("::ffff:192.0.2.7"), [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x207]);
 * ```
 */
export function addressGroups(address: string): number[] | undefined {
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

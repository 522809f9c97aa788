/**
 * Addresses of 127.0.0.0/8: to a server each is a network of its own.
 *
 * @module
 */

/**
 * The network of that number.
 *
 * @param group Whose networks they are, 0–253; groups share no network, and none has 127.0.0.1.
 * @param index 0–64 769.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(network(2, 300), "127.3.1.47");
 * ```
 */
export function network(group: number, index: number): string {
  return `127.${group + 1}.${Math.floor(index / 254)}.${index % 254 + 1}`;
}

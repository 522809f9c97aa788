/**
 * Where a node of a server listens.
 *
 * @module
 */

/** Where a node of a server listens. */
export interface NodeAddress {
  /** Host name or address, without brackets. */
  readonly hostname: string;
  /** 1–65535. */
  readonly port: number;
}

/**
 * The address as people write it: an IPv6 address stands in brackets.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressText({ hostname: "::1", port: 7777 }), "[::1]:7777");
 * ```
 */
export function addressText({ hostname, port }: NodeAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

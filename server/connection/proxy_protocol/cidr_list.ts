/**
 * Networks that an operator lists.
 *
 * @module
 */

import { isIPv4, isIPv6 } from "node:net";

import { FlagError } from "../../../common/errors.ts";
import { quoted } from "../../../common/flags.ts";
import { addressGroups } from "../address_groups.ts";

/** An IPv4 address takes the last 32 bits of an IPv6 address (RFC 4291, 2.5.5.2). */
const IPV4_PREFIX_BITS = 96;

interface Block {
  /** Eight numbers of 16 bits. */
  readonly groups: readonly number[];
  /** How many of the first bits count: 0–128. */
  readonly bits: number;
}

/**
 * A list of networks.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const list = CidrList.parse("10.0.0.0/8, ::1");
 * assertEquals([list.has("::ffff:10.1.2.3"), list.has("11.0.0.1")], [true, false]);
 * ```
 */
export class CidrList {
  readonly #blocks: readonly Block[];

  private constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
  }

  /**
   * Reads networks in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3) with commas between them. Without a prefix length an
   * address is a network of one.
   *
   * @param text What `--proxy-protocol` says.
   * @throws {FlagError} If something in it is no network, or has bits set behind its prefix: an address that was
   * taken, with its prefix length, for its whole network would be a gift of trust.
   */
  static parse(text: string): CidrList {
    return new CidrList(text.split(",").map((entry) => readBlock(entry.trim())));
  }

  /**
   * Whether the address is in one of the networks.
   *
   * @param address As in `Deno.NetAddr.hostname`: of an IPv4 peer of an IPv6 socket, too.
   */
  has(address: string): boolean {
    const groups = groupsOf(address.replace(/%.*/, ""));
    return groups !== undefined && this.#blocks.some((block) => isIn(groups, block));
  }
}

function readBlock(text: string): Block {
  const [, address = "", , length] = /^([^/]*)(\/(\d{1,3}))?$/.exec(text) ?? [];
  const groups = groupsOf(address);
  const offset = isIPv4(address) ? IPV4_PREFIX_BITS : 0;
  const bits = length === undefined ? 128 : offset + Number(length);
  if (groups === undefined || bits > 128) {
    throw new FlagError(
      "proxy-protocol",
      (shown) =>
        `${shown("proxy-protocol")} must be networks such as 10.0.0.0/8 or 2001:db8::/32, with ` +
        `commas between them, received ${quoted(text)}`,
    );
  }
  if (groups.some((group, index) => (group & ~mask(index, bits)) !== 0)) {
    throw new FlagError(
      "proxy-protocol",
      (shown) =>
        `${shown("proxy-protocol")}: ${quoted(text)} has bits set behind its first ${length}; ` +
        `for this one address leave out /${length}`,
    );
  }
  return { groups, bits };
}

/** An IPv4 address counts as the IPv6 address that stands for it. */
function groupsOf(address: string): number[] | undefined {
  if (isIPv4(address)) return addressGroups(`::ffff:${address}`);
  return isIPv6(address) ? addressGroups(address) : undefined;
}

function isIn(groups: readonly number[], block: Block): boolean {
  return groups.every((group, index) => (group & mask(index, block.bits)) === block.groups[index]);
}

/** The bits of a group that are among the first `bits` of an address. */
function mask(index: number, bits: number): number {
  const own = Math.min(16, Math.max(0, bits - 16 * index));
  return 0xffff & ~(0xffff >> own);
}

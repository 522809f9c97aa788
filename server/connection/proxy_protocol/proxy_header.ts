/**
 * The header of the PROXY protocol, versions 1 and 2.
 *
 * @module
 */

import { isIPv4, isIPv6 } from "node:net";

/** A header in full. */
export interface ProxyHeader {
  /** How many bytes it takes; what is behind them is the connection's own. */
  readonly length: number;
  /** Where the connection comes from; `undefined` if the header does not say: then from whoever sent it. */
  readonly source: Deno.NetAddr | undefined;
}

/** What came is no header, or not an allowed one. */
export class ProxyHeaderError extends Error {
  /** @ignore */
  override name = "ProxyHeaderError";
}

/**
 * More bytes no header has. The specification wants a header to fit into one segment; 4096 leave room for a client's
 * certificate name and a proxy's own additions.
 */
export const MAX_PROXY_HEADER_BYTES = 4_096;

/** With its CR LF a line is no longer (proxy-protocol.txt, 2.1). */
const MAX_LINE_BYTES = 107;
const LINE_START = new TextEncoder().encode("PROXY ");
const [CR, LF] = [13, 10];

/** How a binary header begins (2.2). */
const SIGNATURE = new Uint8Array([13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]);
/** Signature, version and command, family and protocol, length of the rest. */
const FIXED_BYTES = 16;
/** Version 2, made by the proxy for itself: a health check. */
const LOCAL = 0x20;
/** Version 2, made for somebody else. */
const PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/**
 * Reads a header at the start of what has come so far.
 *
 * Guarantees:
 * 1. However the bytes were cut on their way, the result is the same.
 * 2. It needs no more than {@linkcode MAX_PROXY_HEADER_BYTES}: of so many it never says that there must be more.
 * 3. What cannot become a header is refused as soon as that is certain, at the latest when it should be complete.
 * 4. Where the header has no address of a TCP peer (`UNKNOWN`, `LOCAL`, UNSPEC, UNIX sockets, datagrams), there is no
 *    source. What else is in it, TLVs above all, is skipped.
 *
 * @param bytes All that the peer has said.
 * @returns `undefined` if there must be more.
 * @throws {ProxyHeaderError} If it is no header. The message has no byte of the peer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("PROXY TCP4 192.0.2.7 192.0.2.1 4711 7777\r\n");
 * assertEquals(parseProxyHeader(bytes)?.source?.hostname, "192.0.2.7");
 * assertEquals(parseProxyHeader(bytes.subarray(0, 20)), undefined);
 * ```
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  if (agree(bytes, SIGNATURE)) return parseBinary(bytes);
  if (agree(bytes, LINE_START)) return parseLine(bytes);
  throw new ProxyHeaderError("what came is no PROXY header");
}

/** Whether they are the same as far as both go. */
function agree(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => index >= bytes.length || bytes[index] === byte);
}

function parseLine(bytes: Uint8Array): ProxyHeader | undefined {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf(LF);
  if (end === -1) {
    if (bytes.length < MAX_LINE_BYTES) return undefined;
    throw new ProxyHeaderError(`the line is longer than ${MAX_LINE_BYTES} bytes`);
  }
  if (bytes[end - 1] !== CR) throw new ProxyHeaderError("the line does not end with CR LF");
  const line = String.fromCharCode(...bytes.subarray(0, end - 1));
  return { length: end + 1, source: sourceOf(line) };
}

function sourceOf(line: string): Deno.NetAddr | undefined {
  if (/^PROXY UNKNOWN(?: [^\r\n]*)?$/.test(line)) return undefined;
  const [, version, from = "", to = "", port, toPort] =
    /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line) ?? [];
  const isAddress = version === "4" ? isIPv4 : isZonelessIpv6;
  if (!isAddress(from) || !isAddress(to) || !isPort(port) || !isPort(toPort)) {
    throw new ProxyHeaderError("the line is not as the PROXY protocol has it");
  }
  return netAddr(version === "4" ? from : canonical(from), Number(port));
}

function isZonelessIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}

function isPort(digits: string | undefined): boolean {
  return digits === String(Number(digits)) && Number(digits) <= 65_535;
}

function parseBinary(bytes: Uint8Array): ProxyHeader | undefined {
  const [command, kind = 0, high = 0, low = 0] = bytes.subarray(SIGNATURE.length);
  if (command === undefined) return undefined;
  if (command !== LOCAL && command !== PROXY) {
    throw new ProxyHeaderError("its version is not 2, or its command neither LOCAL nor PROXY");
  }
  if (bytes.length < FIXED_BYTES) return undefined;
  const length = FIXED_BYTES + (high << 8 | low);
  if (length > MAX_PROXY_HEADER_BYTES) {
    throw new ProxyHeaderError(`${length} bytes, allowed are ${MAX_PROXY_HEADER_BYTES}`);
  }
  if (command === PROXY) checkKind(kind, length - FIXED_BYTES);
  if (bytes.length < length) return undefined;
  return {
    length,
    source: command === PROXY ? addressOf(kind, bytes.subarray(FIXED_BYTES, length)) : undefined,
  };
}

/** Source and destination, then their ports. */
function checkKind(kind: number, size: number): void {
  const [family, protocol] = [kind >> 4, kind & 15];
  if (family > 3 || protocol > 2) {
    throw new ProxyHeaderError("its family or protocol is none that there is");
  }
  const least = kind === TCP_OVER_IPV4 ? 12 : kind === TCP_OVER_IPV6 ? 36 : 0;
  if (size < least) throw new ProxyHeaderError("it is too short for its addresses");
}

function addressOf(kind: number, block: Uint8Array): Deno.NetAddr | undefined {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  if (kind === TCP_OVER_IPV4) return netAddr(block.subarray(0, 4).join("."), view.getUint16(8));
  if (kind !== TCP_OVER_IPV6) return undefined;
  const groups = Array.from({ length: 8 }, (_, n) => view.getUint16(2 * n).toString(16));
  return netAddr(canonical(groups.join(":")), view.getUint16(32));
}

/** The one spelling of an IPv6 address (RFC 5952), as sockets have it, so that a search in the log finds it. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function netAddr(hostname: string, port: number): Deno.NetAddr {
  return { transport: "tcp", hostname, port };
}

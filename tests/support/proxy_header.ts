/**
 * Headers as proxies send them, made by hand: the tests do not trust the server's own reading of the format.
 *
 * @module
 */

const encoder = new TextEncoder();

/** A header of version 1 for a client of that IPv4 address. */
export function lineHeader(address: string, port = 4_711): Uint8Array<ArrayBuffer> {
  return encoder.encode(`PROXY TCP4 ${address} 192.0.2.1 ${port} 7777\r\n`);
}

/**
 * A header of version 2.
 *
 * @param command 0x20 is LOCAL, 0x21 is PROXY.
 * @param kind Family and protocol; 0x11 is TCP over IPv4.
 * @param block Addresses and TLVs.
 * @param length What the header says of its length; by default the truth.
 */
export function binaryHeader(
  command: number,
  kind: number,
  block: readonly number[],
  length = block.length,
): Uint8Array<ArrayBuffer> {
  const signature = [13, 10, 13, 10, 0, 13, 10, ...encoder.encode("QUIT\n")];
  return new Uint8Array([...signature, command, kind, length >> 8, length & 255, ...block]);
}

/** The block of version 2 for a client 192.0.2.7:4711 over TCP and IPv4. */
export const IPV4_BLOCK: readonly number[] = [192, 0, 2, 7, 192, 0, 2, 1, 0x12, 0x67, 0x1e, 0x61];

import { assert, assertEquals, assertThrows } from "@std/assert";

import {
  MAX_PROXY_HEADER_BYTES,
  parseProxyHeader,
  ProxyHeaderError,
} from "../../../../server/connection/proxy_protocol/proxy_header.ts";
import { binaryHeader, IPV4_BLOCK, lineHeader } from "../../../support/proxy_header.ts";
import { seededRandom } from "../../../support/random.ts";

const encoder = new TextEncoder();
const IPV6_BLOCK = [
  ...[0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 7],
  ...[0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 1],
  ...[0x12, 0x67, 0x1e, 0x61],
];
const UNIX_BLOCK = [...encoder.encode("/run/x"), ...Array(210).fill(0)];
/** PP2_TYPE_NOOP with four bytes, PP2_TYPE_AUTHORITY with two. */
const TLVS = [4, 0, 4, 13, 10, 13, 10, 2, 0, 2, 0x61, 0x62];
const WORST = `${Array(8).fill("ffff").join(":")} ${Array(8).fill("ffff").join(":")} 65535 65535`;

/** Header, and whom it names. */
const VALID: Record<string, [bytes: Uint8Array, source: string | undefined]> = {
  "1, TCP4": [lineHeader("192.0.2.7"), "192.0.2.7 4711"],
  "1, TCP6": [
    encoder.encode("PROXY TCP6 2001:DB8:0:0:0::7 2001:db8::1 4711 7777\r\n"),
    "2001:db8::7 4711",
  ],
  "1, TCP6, as long as one gets": [
    encoder.encode(`PROXY TCP6 ${WORST}\r\n`),
    `${WORST.slice(0, 39)} 65535`,
  ],
  "1, ports at their ends": [
    encoder.encode("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n"),
    "0.0.0.0 0",
  ],
  "1, UNKNOWN": [encoder.encode("PROXY UNKNOWN\r\n"), undefined],
  "1, UNKNOWN, as long as a line gets": [encoder.encode(`PROXY UNKNOWN ${WORST}\r\n`), undefined],
  "1, UNKNOWN with anything": [encoder.encode("PROXY UNKNOWN \0 { PROXY\r\n"), undefined],
  "2, TCP over IPv4": [binaryHeader(0x21, 0x11, IPV4_BLOCK), "192.0.2.7 4711"],
  "2, TCP over IPv6": [binaryHeader(0x21, 0x21, IPV6_BLOCK), "2001:db8::7 4711"],
  "2, IPv4 with TLVs": [binaryHeader(0x21, 0x11, [...IPV4_BLOCK, ...TLVS]), "192.0.2.7 4711"],
  "2, IPv6 with TLVs": [binaryHeader(0x21, 0x21, [...IPV6_BLOCK, ...TLVS]), "2001:db8::7 4711"],
  "2, as large as allowed": [
    binaryHeader(0x21, 0x11, [...IPV4_BLOCK, ...Array(MAX_PROXY_HEADER_BYTES - 28).fill(13)]),
    "192.0.2.7 4711",
  ],
  "2, UDP": [binaryHeader(0x21, 0x12, IPV4_BLOCK), undefined],
  "2, UNIX stream": [binaryHeader(0x21, 0x31, UNIX_BLOCK), undefined],
  "2, UNSPEC": [binaryHeader(0x21, 0, []), undefined],
  "2, UNSPEC with TLVs": [binaryHeader(0x21, 0, TLVS), undefined],
  "2, LOCAL": [binaryHeader(0x20, 0, []), undefined],
  "2, LOCAL with a family and addresses, which are ignored": [
    binaryHeader(0x20, 0xff, IPV4_BLOCK),
    undefined,
  ],
};

/** What may come behind a header, and must not be taken for a part of it. */
const TAILS = ["", '{"event":"probe"}\n', "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n", "\r\n", "\0"];

/** Adds one piece after the other until the header is read; how many bytes that took. */
function feed(bytes: Uint8Array, cuts: readonly number[]): ReturnType<typeof parseProxyHeader> {
  for (const cut of cuts) {
    const header = parseProxyHeader(bytes.subarray(0, cut));
    if (header !== undefined) return header;
  }
  return parseProxyHeader(bytes);
}

Deno.test("a header is read, whatever is behind it and however it was cut", () => {
  const random = seededRandom(7);
  for (const [what, [bytes, source]] of Object.entries(VALID)) {
    for (const tail of TAILS) {
      const all = new Uint8Array([...bytes, ...encoder.encode(tail)]);
      const ways = Array.from({ length: 20 }, () => {
        const cuts = Array.from(
          { length: 1 + 8 * random() },
          () => Math.floor(all.length * random()),
        );
        return cuts.sort((a, b) => a - b);
      });
      for (const cuts of [[], ...ways]) {
        const header = feed(all, cuts);
        assertEquals(header?.length, bytes.length, what);
        const named = header?.source && `${header.source.hostname} ${header.source.port}`;
        assertEquals(named, source, what);
      }
    }
  }
});

Deno.test("what is not all there waits for more, byte by byte", () => {
  for (const [what, [bytes]] of Object.entries(VALID)) {
    for (let end = 0; end < bytes.length; end++) {
      assertEquals(parseProxyHeader(bytes.subarray(0, end)), undefined, `${what}, ${end} bytes`);
    }
  }
});

const HOSTILE: Record<string, string | Uint8Array> = {
  "a request": '{"event":"probe"}\n',
  "HTTP": "GET / HTTP/1.1\r\n\r\n",
  "TLS": new Uint8Array([22, 3, 1, 2, 0, 1]),
  "another case": "proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n",
  "space before it": " PROXY UNKNOWN\r\n",
  "another word": "PROXYTCP4 1.2.3.4 1.2.3.4 1 1\r\n",
  "no protocol": "PROXY \r\n",
  "UDP": "PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n",
  "a longer word": "PROXY UNKNOWNS\r\n",
  "two spaces": "PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n",
  "a tab": "PROXY\tUNKNOWN\r\n",
  "space at the end": "PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n",
  "no ports": "PROXY TCP4 1.2.3.4 1.2.3.4\r\n",
  "no CR": "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n",
  "CR inside": "PROXY UNKNOWN \r \r\n",
  "LF CR": "PROXY UNKNOWN\n\r\n",
  "leading zero in an address": "PROXY TCP4 01.2.3.4 1.2.3.4 1 1\r\n",
  "leading zero in a port": "PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n",
  "signed port": "PROXY TCP4 1.2.3.4 1.2.3.4 +1 1\r\n",
  "port too large": "PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n",
  "destination port too large": "PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n",
  "three bytes": "PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n",
  "256": "PROXY TCP4 1.2.3.256 1.2.3.4 1 1\r\n",
  "hexadecimal": "PROXY TCP4 0x1.2.3.4 1.2.3.4 1 1\r\n",
  "wrong destination": "PROXY TCP4 1.2.3.4 x 1 1\r\n",
  "IPv6 as IPv4": "PROXY TCP4 ::1 ::1 1 1\r\n",
  "IPv4 as IPv6": "PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n",
  "a zone": "PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n",
  "two double colons": "PROXY TCP6 1::2::3 ::1 1 1\r\n",
  "a name": "PROXY TCP4 localhost 1.2.3.4 1 1\r\n",
  "escapes": "PROXY TCP4 \x1b[2J 1.2.3.4 1 1\r\n",
  "a line one byte too long": `PROXY UNKNOWN ${WORST}x\r\n`,
  "an endless line": `PROXY ${"x".repeat(101)}`,
  "version 1 in binary": binaryHeader(0x11, 0x11, IPV4_BLOCK),
  "version 3": binaryHeader(0x31, 0x11, IPV4_BLOCK),
  "an unknown command": binaryHeader(0x22, 0x11, IPV4_BLOCK),
  "a family that there is not": binaryHeader(0x21, 0x41, IPV4_BLOCK),
  "a protocol that there is not": binaryHeader(0x21, 0x13, IPV4_BLOCK),
  "too short for IPv4": binaryHeader(0x21, 0x11, IPV4_BLOCK.slice(1)),
  "no addresses": binaryHeader(0x21, 0x11, []),
  "too short for IPv6": binaryHeader(0x21, 0x21, IPV4_BLOCK),
  "one byte more than allowed, said": binaryHeader(
    0x21,
    0x11,
    IPV4_BLOCK,
    MAX_PROXY_HEADER_BYTES - 15,
  ),
  "64 KiB, LOCAL": binaryHeader(0x20, 0, [], 0xffff),
};

Deno.test("what is no header is refused in one line of plain words", () => {
  for (const [what, given] of Object.entries(HOSTILE)) {
    const bytes = typeof given === "string" ? encoder.encode(given) : given;
    const { message } = assertThrows(() => parseProxyHeader(bytes), ProxyHeaderError, "", what);
    assert(/^[\w ,]+$/.test(message), message);
  }
});

Deno.test("what cannot become a header is refused at the byte that shows it", () => {
  const refusedAt = (bytes: Uint8Array): number => {
    for (let end = 1; end <= bytes.length; end++) {
      try {
        assertEquals(parseProxyHeader(bytes.subarray(0, end)), undefined);
      } catch (error) {
        assert(error instanceof ProxyHeaderError);
        return end;
      }
    }
    return Infinity;
  };
  assertEquals(refusedAt(encoder.encode("{")), 1);
  assertEquals(refusedAt(encoder.encode("PROXX")), 5);
  assertEquals(refusedAt(encoder.encode(`PROXY ${"1".repeat(5_000)}`)), 107);
  assertEquals(refusedAt(binaryHeader(0x31, 0x11, IPV4_BLOCK)), 13);
  assertEquals(refusedAt(binaryHeader(0x21, 0x11, IPV4_BLOCK, 5_000)), 16);
  assertEquals(refusedAt(binaryHeader(0x21, 0x91, IPV4_BLOCK)), 16);
});

Deno.test("bytes changed at random are a header, an error or too few, and never too few for ever", () => {
  const random = seededRandom(11);
  const headers = Object.values(VALID).map(([bytes]) => bytes);
  let refused = 0;
  for (let n = 0; n < 3_000; n++) {
    const bytes = new Uint8Array(MAX_PROXY_HEADER_BYTES);
    bytes.set(headers[n % headers.length]!);
    for (let change = 0; change < 1 + 3 * random(); change++) {
      bytes[Math.floor(random() ** 2 * 120)] = 256 * random();
    }
    try {
      const header = parseProxyHeader(bytes);
      assert(header !== undefined && header.length <= bytes.length);
      if (header.source !== undefined) {
        assert(/^[\d.]+$|^[\da-f:]+$/.test(header.source.hostname), header.source.hostname);
      }
    } catch (error) {
      assert(error instanceof ProxyHeaderError, String(error));
      refused++;
    }
  }
  assert(refused > 300 && refused < 2_990, String(refused));
});

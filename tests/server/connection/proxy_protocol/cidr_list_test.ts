import { assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../../../common/errors.ts";
import { CidrList } from "../../../../server/connection/proxy_protocol/cidr_list.ts";

function inside(text: string, ...addresses: string[]): string[] {
  const list = CidrList.parse(text);
  return addresses.filter((address) => list.has(address));
}

Deno.test("CidrList: what is in a network, to the bit", () => {
  assertEquals(
    inside("10.0.0.0/8", "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "::a00:1"),
    ["10.0.0.0", "10.255.255.255"],
  );
  assertEquals(
    inside("192.0.2.128/25", "192.0.2.127", "192.0.2.128", "192.0.2.255", "192.0.3.128"),
    ["192.0.2.128", "192.0.2.255"],
  );
  assertEquals(inside("172.16.0.0/12", "172.15.0.1", "172.31.255.1", "172.32.0.1"), [
    "172.31.255.1",
  ]);
  assertEquals(
    inside("2001:db8:8000::/33", "2001:db8:7fff::1", "2001:db8:ffff::1", "2001:db9:8000::1"),
    ["2001:db8:ffff::1"],
  );
  assertEquals(inside("fe80::/10", "fe80::1%eth0", "febf::1", "fec0::1"), [
    "fe80::1%eth0",
    "febf::1",
  ]);
});

Deno.test("CidrList: an address alone, several networks, all of IPv4", () => {
  assertEquals(inside("::1", "::1", "::2", "127.0.0.1"), ["::1"]);
  assertEquals(
    inside(" 127.0.0.1 ,\t::1/128,10.0.0.0/8", "127.0.0.1", "127.0.0.2", "::1", "10.9.8.7"),
    ["127.0.0.1", "::1", "10.9.8.7"],
  );
  assertEquals(inside("0.0.0.0/0", "203.0.113.9", "::ffff:203.0.113.9", "::1", "2001:db8::1"), [
    "203.0.113.9",
    "::ffff:203.0.113.9",
  ]);
});

Deno.test("CidrList: an IPv4 peer of an IPv6 socket is an IPv4 peer; what is no address is nowhere", () => {
  assertEquals(inside("127.0.0.0/8", "::ffff:127.0.0.2", "::ffff:7f00:3", "::127.0.0.4", "", "x"), [
    "::ffff:127.0.0.2",
    "::ffff:7f00:3",
  ]);
});

Deno.test("CidrList: anything else is refused in one line", () => {
  for (
    const text of [
      ...["", ",", "10.0.0.0/8,", "x", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8"],
      ...["10.0.0/8", "010.0.0.0/8", "::/129", "1::2::3", "[::1]", "::1%eth0", "/8", "localhost"],
      ...["10.0.0.0/8 ::1", "10.0.0.0/255.0.0.0", "\x1b[2J\n10.0.0.0/8"],
    ]
  ) {
    const { message } = assertThrows(
      () => CidrList.parse(text),
      UsageError,
      "--proxy-protocol must be networks such as 10.0.0.0/8",
    );
    assertEquals(message.split("\n").length, 1, text);
    assertEquals(message.includes("\x1b"), false, text);
  }
});

Deno.test("CidrList: an address is not taken for the network around it", () => {
  for (const text of ["10.0.0.5/24", "0.0.0.1/0", "2001:db8::1/64", "10.0.0.128/24"]) {
    assertThrows(() => CidrList.parse(`::1,${text}`), UsageError, `'${text}' has bits set behind`);
  }
});

import { assertEquals } from "@std/assert";

import { networkKey } from "../../../server/connection/network_key.ts";

/** Keys, each with spellings of addresses that have it. */
const SPELLINGS: Record<string, readonly string[]> = {
  "192.0.2.7": [
    "192.0.2.7",
    "::ffff:192.0.2.7",
    "::FFFF:192.0.2.7",
    "[::ffff:192.0.2.7]",
    "0:0:0:0:0:ffff:192.0.2.7",
    "0000:0000:0000:0000:0000:ffff:192.0.2.7",
    "::ffff:c000:0207",
    "::FFFF:C000:207",
    "0:0:0:0:0:ffff:c000:207",
    "[::ffff:c000:207]",
    "::ffff:192.0.2.7%eth0",
  ],
  "0.0.0.0": ["::ffff:0:0", "::ffff:0.0.0.0"],
  "0:0:0:0::/64": ["::", "::1", "[::1]", "0:0:0:0:0:0:0:1", "::192.0.2.7", "::fffe:192.0.2.7"],
  "2001:db8:1:2::/64": [
    "2001:db8:1:2:3:4:5:6",
    "2001:DB8:1:2:3:4:5:6",
    "2001:0db8:0001:0002:0003:0004:0005:0006",
    "[2001:0DB8:1:02::]",
    "2001:db8:1:2::",
    "2001:db8:1:2::6",
    "2001:db8:1:2:3:4:5::",
    "2001:db8:1:2::ffff:192.0.2.7",
    "2001:db8:1:2:3:4:192.0.2.7",
  ],
  "2001:db8:0:0::/64": ["2001:db8::6", "2001:db8::", "2001:db8:0::5:6:7:8"],
  "2001:0:0:1::/64": ["2001::1:0:0:0:0", "2001:0:0:1::"],
  "0:0:0:1::/64": ["::1:0:0:0:0", "::1:2:3:4:5"],
  "fe80:0:0:0::/64": ["fe80::1%eth0", "FE80::1%25", "[fe80::1%eth0]", "fe80::ffff:1"],
  "64:ff9b:0:0::/64": ["64:ff9b::192.0.2.7"],
};

Deno.test("addresses of one customer have one key, however they are spelt", () => {
  for (const [key, addresses] of Object.entries(SPELLINGS)) {
    for (const address of addresses) assertEquals(networkKey(address), key, address);
  }
});

Deno.test("what is no address is counted under what it is", () => {
  const wrong = [
    "",
    "localhost",
    "1:2",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::9",
    "12345::",
    "g::1",
    "::ffff:192.0.2",
    "::ffff:192.0.2.256",
    "::ffff:192.0.2.7.1",
    ":::",
    "1:",
  ];
  for (const text of wrong) assertEquals(networkKey(text), text, text);
});

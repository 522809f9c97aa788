import { assertEquals } from "@std/assert";

import { networkKey, siteKey } from "../../../server/accounts/network_key.ts";

Deno.test("addresses of one customer have one key", () => {
  const cases: [string, string][] = [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::6", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ];
  for (const [address, key] of cases) assertEquals(networkKey(address), key, address);
});

Deno.test("the networks of one IPv6 site have one key, an IPv4 address is its own", () => {
  for (const address of ["2001:db8:1::1", "2001:db8:1:ffff::1"]) {
    assertEquals(siteKey(networkKey(address)), "2001:db8:1::/48");
  }
  assertEquals(siteKey(networkKey("2001:db8:2::1")), "2001:db8:2::/48");
  assertEquals(siteKey(networkKey("::1")), "0:0:0::/48");
  assertEquals(siteKey("192.0.2.1"), "192.0.2.1");
});

import { assertEquals } from "@std/assert";

import { siteKey } from "../../../server/accounts/site_key.ts";
import { networkKey } from "../../../server/connection/network_key.ts";

Deno.test("the networks of one IPv6 site have one key, an IPv4 address is its own", () => {
  for (const address of ["2001:db8:1::1", "2001:db8:1:ffff::1"]) {
    assertEquals(siteKey(networkKey(address)), "2001:db8:1::/48");
  }
  assertEquals(siteKey(networkKey("2001:db8:2::1")), "2001:db8:2::/48");
  assertEquals(siteKey(networkKey("::1")), "0:0:0::/48");
  assertEquals(siteKey("192.0.2.1"), "192.0.2.1");
});

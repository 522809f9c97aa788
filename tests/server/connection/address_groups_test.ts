import { assertEquals } from "@std/assert";

import { addressGroups } from "../../../server/connection/address_groups.ts";

Deno.test("an IPv6 address is the same eight numbers in every spelling", () => {
  const groups = [0x2001, 0xdb8, 0, 0, 0, 0, 0xc000, 0x207];
  for (
    const text of ["2001:db8::c000:207", "2001:DB8:0:0::192.0.2.7", "2001:0db8:0:0:0:0:C000:0207"]
  ) assertEquals(addressGroups(text), groups, text);
  assertEquals(addressGroups("::"), Array(8).fill(0));
});

Deno.test("what is no IPv6 address has none", () => {
  for (
    const text of [
      ...["", "192.0.2.7", "localhost", "1:2:3", "1::2::3", "::12345", "::1.2.3", "::1.2.3.256"],
      ...["1:2:3:4:5:6:7:8:9", "::g", "::1%eth0", "[::1]"],
    ]
  ) assertEquals(addressGroups(text), undefined, text);
});

import { assertEquals } from "@std/assert";

import { peerName } from "../../../server/connection/peer_name.ts";

Deno.test("a peer is written with its address and port, an IPv4 one always the same way", () => {
  const name = (hostname: string): string => peerName({ transport: "tcp", hostname, port: 1 });
  assertEquals(name("192.0.2.7"), "192.0.2.7:1");
  assertEquals(name("::ffff:192.0.2.7"), "192.0.2.7:1");
  assertEquals(name("::ffff:c000:207"), "192.0.2.7:1");
  assertEquals(name("2001:db8::1"), "[2001:db8::1]:1");
});

import { assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../../common/errors.ts";
import { readMetricsAddress } from "../../../server/metrics/metrics_address.ts";

Deno.test("a port alone is one of the loopback interface", () => {
  assertEquals(readMetricsAddress("9464"), { hostname: "127.0.0.1", port: 9_464 });
  assertEquals(readMetricsAddress("0"), { hostname: "127.0.0.1", port: 0 });
});

Deno.test("an address, a name or an IPv6 address in brackets may stand before it", () => {
  assertEquals(readMetricsAddress("0.0.0.0:65535"), { hostname: "0.0.0.0", port: 65_535 });
  assertEquals(readMetricsAddress("mon-1.lan:9464"), { hostname: "mon-1.lan", port: 9_464 });
  assertEquals(readMetricsAddress("[::1]:9464"), { hostname: "::1", port: 9_464 });
});

Deno.test("anything else is refused in one line", () => {
  for (
    const text of ["65536", "::1:9464", "host", "host:", ":9464", "[::1]", "1 2", "-1", "a\nb:1"]
  ) {
    const { message } = assertThrows(
      () => readMetricsAddress(text),
      UsageError,
      "--metrics must be",
    );
    assertEquals(message.split("\n").length, 1, text);
  }
});

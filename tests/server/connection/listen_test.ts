import { assert, assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { formatAddress, listen } from "../../../server/connection/listen.ts";

Deno.test("listen: at the address, on the port that the system chooses", () => {
  using listener = listen("127.0.0.1", 0);
  assertEquals(listener.addr.hostname, "127.0.0.1");
  assert(listener.addr.port > 0);
});

Deno.test("listen: without an address it takes peers from everywhere", async () => {
  using listener = listen(undefined, 0);
  assert(["::", "0.0.0.0"].includes(listener.addr.hostname));
  using near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const far = await listener.accept();
  assertEquals((far.remoteAddr as Deno.NetAddr).port, near.localAddr.port);
  far.close();
});

Deno.test("listen: a port in use is said to be so, with and without an address", () => {
  using first = listen(undefined, 0);
  const { hostname, port } = first.addr;
  const why = "the port is in use; stop the other program or choose another one with --port";
  for (const address of [hostname, undefined]) {
    const error = assertThrows(() => listen(address, port), StartError);
    assertEquals(error.message, `Cannot listen on ${formatAddress(first.addr)}: ${why}`);
    assert(error.cause instanceof Deno.errors.AddrInUse);
  }
});

Deno.test("listen: an address of another machine is said to be so", () => {
  assertThrows(
    () => listen("192.0.2.1", 0), // no machine has it (RFC 5737)
    StartError,
    "Cannot listen on 192.0.2.1:0: this machine has no such address; choose another one with --addr",
  );
});

Deno.test({
  name: "listen: a missing permission is named",
  permissions: { net: false },
  fn: () => {
    assertThrows(
      () => listen("127.0.0.1", 0),
      StartError,
      "Cannot listen on 127.0.0.1:0: run with --allow-net",
    );
  },
});

Deno.test("formatAddress: an IPv6 address is in brackets", () => {
  const format = (hostname: string): string =>
    formatAddress({ transport: "tcp", hostname, port: 7_777 });
  assertEquals([format("127.0.0.1"), format("::")], ["127.0.0.1:7777", "[::]:7777"]);
});

Deno.test("an address that is none is named in one short line", () => {
  const long = `x\n\x1b[1m${"y".repeat(5_000)}`;
  const { message } = assertThrows(() => listen(long, 0), StartError);
  assert(message.startsWith("Cannot listen on x\\n\\u{1b}[1myyy"), message);
  assert(message.length < 300, message);
});

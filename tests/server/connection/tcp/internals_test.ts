import { assert, assertEquals } from "@std/assert";
import process from "node:process";

import { findTcpInternals } from "../../../../server/connection/tcp/internals.ts";

Deno.test("this version of Deno has all that is expected", () => {
  const internals = findTcpInternals();
  assert(internals !== undefined);
  assertEquals(internals.nameOf(-4095), "EOF");
  internals.makeSocket().close();
});

Deno.test("a runtime without such a thing, or with another one, has none", () => {
  const internal = process as unknown as { binding: (name: string) => unknown };
  const real = internal.binding;
  const others: ((name: string) => unknown)[] = [
    () => {
      throw new Error("No such binding");
    },
    () => undefined,
    () => ({}),
    (name) => name === "tcp_wrap" ? { TCP: class {}, constants: { SOCKET: 0 } } : real(name),
    (name) => name === "stream_wrap" ? { streamBaseState: [0, 0, 0, 0] } : real(name),
  ];
  try {
    for (const other of others) {
      internal.binding = other;
      assertEquals(findTcpInternals(), undefined);
    }
  } finally {
    internal.binding = real;
  }
  assert(findTcpInternals() !== undefined);
});

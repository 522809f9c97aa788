import { assert, assertEquals } from "@std/assert";

import { Redaction } from "../../../logs/calls/redaction.ts";

class Room {}

Deno.test("Redaction describes values in a line", () => {
  const { describe, covers } = new Redaction();
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  for (
    const [value, expected] of [
      ["a\n\x1b[2J", String.raw`"a\n\u001b[2J"`],
      ["x".repeat(300), `"${"x".repeat(200)}… (100 more)"`],
      [5n, "5n"],
      [null, "null"],
      [undefined, "undefined"],
      [Symbol("s"), "Symbol(s)"],
      [covers, "[function covers]"],
      [new Uint8Array(32), "[32 bytes]"],
      [new Map([["password", "x"]]), "[Map of 1]"],
      [new Error("why"), "Error: why"],
      [new Date(5), "[Date 5]"],
      [new Room(), "[Room]"],
      [Array.from({ length: 22 }, () => 0), `[${"0, ".repeat(20)}… 2 more]`],
      [{ "a b": [[[[1]]]] }, '{"a b": [[[Array of 1]]]}'],
      [cyclic, "{self: {self: {self: {1 keys}}}}"],
    ] as const
  ) {
    assertEquals(describe(value), expected);
  }
  for (
    const name of [
      "password",
      "PASSWORD",
      "newPassword",
      "password_hash",
      "fingerprint",
      "resume",
      "oldHash",
      "texts",
      "HTTPToken",
    ]
  ) {
    assert(covers(name), name);
  }
  for (const name of ["pass", "context", "online", "messenger", "name"]) {
    assert(!covers(name), name);
  }
});

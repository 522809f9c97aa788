import { assertEquals } from "@std/assert";

import { readBeat } from "../../../../server/cluster/nats/beat.ts";

const BEAT = {
  node: "0123456789abcdef",
  number: 1,
  heard: { fedcba9876543210: 7 },
  told: 0,
  position: 12,
  users: 3,
  address: "127.0.0.1:7777",
};

Deno.test("a beat is read; what it has besides is dropped, a long address cut", () => {
  assertEquals(readBeat(JSON.stringify({ ...BEAT, more: 1 })), BEAT);
  const long = readBeat(JSON.stringify({ ...BEAT, address: "x".repeat(1000) }));
  assertEquals(long?.address.length, 100);
});

Deno.test("what is no beat is not read", () => {
  for (const text of ["", "{", "null", "7", "[]", '"x"']) assertEquals(readBeat(text), undefined);
  const wrong: Record<string, unknown[]> = {
    node: ["", "x", "0123456789ABCDEF", "0123456789abcdef0", 7],
    heard: [null, 7, { x: 1 }, { fedcba9876543210: -1 }, { fedcba9876543210: "1" }],
    address: [7, null],
  };
  for (const key of ["number", "told", "position", "users"]) {
    wrong[key] = [-1, 0.5, "1", null, 1e300];
  }
  for (const [key, values] of Object.entries(wrong)) {
    for (const value of [...values, undefined]) {
      assertEquals([key, readBeat(JSON.stringify({ ...BEAT, [key]: value }))], [key, undefined]);
    }
  }
});

import { assertEquals, assertMatch } from "@std/assert";

import { escapeText, formatValue, toJson } from "../../logs/escape.ts";

Deno.test("values that are no JSON do not stop a record", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const shared = { a: 1 };
  assertEquals(toJson(cyclic), '["[Circular]"]');
  assertEquals(toJson([shared, shared]), '[{"a":1},{"a":1}]');
  assertEquals(toJson(5n), '"5"');
  assertEquals(toJson(undefined), '"undefined"');
  assertEquals(toJson(new Map([["k", new Set([1])]])), '{"k":[1]}');
  assertMatch(toJson(new Error("why")), /^"Error: why\\n {4}at /);
  assertEquals(
    toJson({
      toJSON() {
        throw new Error("no");
      },
    }),
    '"[Error: no]"',
  );
  assertEquals(formatValue("x".repeat(5000)), `"${"x".repeat(4096)}… (904 more)"`);
  assertEquals(formatValue(true), "true");
  assertEquals(escapeText("a\tb\u{e0041}"), "a\\tb\\udb40\\udc41");
});

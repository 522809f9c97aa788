import { assertEquals, assertMatch } from "@std/assert";

import { escapeText, formatValue, toJson } from "../../../logs/handlers/escape.ts";

Deno.test("escapeText leaves nothing that ends a line, commands a terminal or reorders text", () => {
  assertEquals(
    escapeText("\0\x1b[2J\r\n\x7f\x85\u202e\u2028\ufeff\ud800"),
    "\\u0000\\u001b[2J\\r\\n\\u007f\\u0085\\u202e\\u2028\\ufeff\\ud800",
  );
  assertEquals(escapeText("три 日本 😀 é"), "три 日本 😀 é");
});

Deno.test("formatValue writes bare what is unmistakable, and quotes all else", () => {
  for (const bare of ["eve", "127.0.0.1:5000", "#dev", "~/a.log", "50%", "f(x)", "ж1"]) {
    assertEquals(formatValue(bare), bare);
  }
  for (const quoted of ["", "two words", "a=b", 'say "hi"', "(x", "a\u00a0b"]) {
    assertEquals(formatValue(quoted), JSON.stringify(quoted));
  }
  assertEquals(formatValue(-1.5), "-1.5");
  assertEquals(formatValue(null), "null");
  assertEquals(formatValue({ a: ["b", 1] }), '{"a":["b",1]}');
  assertEquals(formatValue("a\nb"), String.raw`"a\nb"`);
});

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

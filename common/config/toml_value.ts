/**
 * Values as TOML has them.
 *
 * @module
 */

import { printableJson } from "../printable.ts";

/**
 * A value in one line of TOML, in which nothing steers a terminal. Half a surrogate pair, which TOML cannot have,
 * becomes U+FFFD.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([tomlValue(true), tomlValue('a "b"\n')], ["true", '"a \\"b\\"\\n"']);
 * ```
 */
export function tomlValue(value: unknown): string {
  if (typeof value !== "string") return String(value);
  // Strings of JSON are those of TOML but for characters that take two escapes.
  return printableJson([value.toWellFormed()]).slice(1, -1).replace(
    /\\(?:u(d[89ab]..)\\u(d[c-f]..)|.)/g,
    (escape, high?: string, low?: string) => {
      if (high === undefined || low === undefined) return escape;
      const char = String.fromCharCode(parseInt(high, 16), parseInt(low, 16));
      return `\\U${char.codePointAt(0)!.toString(16).padStart(8, "0")}`;
    },
  );
}

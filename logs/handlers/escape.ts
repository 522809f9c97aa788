/**
 * Makes text from outside safe to show on one line.
 *
 * @module
 */

/**
 * What may not reach a log raw: control characters (a line break would forge a record, an escape
 * sequence would command the terminal), format characters (bidirectional overrides would show the
 * text in another order), line and paragraph separators, halves of surrogate pairs, private use.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** What needs no quotes as a value: begins and goes on with characters that separate nothing. */
const PLAIN = /^[\p{L}\p{N}._:\/#@+~-][\p{L}\p{M}\p{N}._:\/#@+~,%()*[\]-]*$/u;

/** UTF-16 code units to which a value is cut. */
const MAX_VALUE_LENGTH = 4096;

/**
 * Replaces what may not reach a log raw by `\n`, `\t`, `\u001b` and the like.
 *
 * @example
 * ```ts
 * import { escapeText } from "./escape.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeText("a\nb\u202ec"), "a\\nb\\u202ec");
 * ```
 */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (char) => {
    switch (char) {
      case "\n":
        return "\\n";
      case "\r":
        return "\\r";
      case "\t":
        return "\\t";
    }
    // Beyond U+FFFF as the two halves, so that the result is an escape in JSON, too.
    return char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join("");
  });
}

/**
 * Writes a value for a line of `key=value` pairs: bare where that is unmistakable, else as JSON. Text
 * longer than 4096 code units is cut, and says by how much.
 *
 * @example
 * ```ts
 * import { formatValue } from "./escape.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatValue("127.0.0.1:5000"), "127.0.0.1:5000");
 * assertEquals(formatValue("two words"), '"two words"');
 * assertEquals(formatValue(["eve", 7]), '["eve",7]');
 * ```
 */
export function formatValue(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string" && PLAIN.test(value) && value.length <= MAX_VALUE_LENGTH) {
    return escapeText(value);
  }
  return toJson(value);
}

/**
 * Writes any value as JSON on one line that is safe to show. Never throws: what JSON lacks becomes
 * text (a bigint, a symbol, an error with its stack), what refers to itself `"[Circular]"`.
 */
export function toJson(value: unknown): string {
  const parents: unknown[] = [];
  try {
    const json = JSON.stringify(value, function (this: unknown, _: string, each: unknown): unknown {
      while (parents.length > 0 && parents.at(-1) !== this) parents.pop();
      const plain = toPlain(each);
      if (typeof plain !== "object" || plain === null) return plain;
      if (parents.includes(plain)) return "[Circular]";
      parents.push(plain);
      return plain;
    });
    return escapeText(json ?? JSON.stringify(String(value)));
  } catch (error) {
    // A toJSON method or a getter that throws.
    return escapeText(JSON.stringify(`[${String(error)}]`));
  }
}

function toPlain(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return value.length <= MAX_VALUE_LENGTH
        ? value
        : `${value.slice(0, MAX_VALUE_LENGTH)}… (${value.length - MAX_VALUE_LENGTH} more)`;
    case "bigint":
    case "symbol":
    case "function":
      return String(value);
    case "object":
      if (value instanceof Error) return value.stack ?? String(value);
      if (value instanceof Map) return Object.fromEntries(value);
      if (value instanceof Set) return [...value];
      return value;
    default:
      return value;
  }
}

/**
 * Values as short text for a log, without secrets and without what people write to each other.
 *
 * @module
 */

/** What stands for a value that must not be read. */
export const REDACTED = "[redacted]";

/** Names of what never goes to a log: secrets, and what people write to each other. */
export const REDACTED_NAMES: readonly string[] = [
  "password",
  "passphrase",
  "hash",
  "fingerprint",
  "secret",
  "token",
  "resume",
  "credentials",
  "text",
  "message",
  "topic",
  "reason",
  "body",
  "line",
];

const MAX_DEPTH = 3;
const MAX_ITEMS = 20;
const MAX_LENGTH = 200;

/**
 * Describes values in one line, leaving out those with certain names.
 *
 * @example
 * ```ts
 * import { Redaction } from "./redaction.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { describe } = new Redaction();
 * assertEquals(describe({ name: "eve", newPassword: "s3cret" }), '{name: "eve", newPassword: [redacted]}');
 * ```
 */
export class Redaction {
  readonly #names: ReadonlySet<string>;

  /**
   * Makes a redaction.
   *
   * @param names A name is redacted if it is one of these, in upper or lower case, or has one of them as a word:
   * `password` covers `newPassword` and `password_hash`, too.
   */
  constructor(names: readonly string[] = REDACTED_NAMES) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** Whether what has this name must not be read. */
  readonly covers = (name: string): boolean => {
    if (this.#names.has(name.toLowerCase())) return true;
    const words = name.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+/gu) ?? [];
    return words.some((word) =>
      this.#names.has(word.toLowerCase()) || this.#names.has(word.toLowerCase().replace(/s$/, ""))
    );
  };

  /**
   * A value as text: strings quoted and cut to 200 code units, plain objects and arrays written out three levels
   * deep and 20 items long, bytes and everything else only named. Never throws.
   */
  readonly describe = (value: unknown): string => {
    try {
      return this.#describe(value, MAX_DEPTH);
    } catch {
      // A getter or a proxy that throws.
      return "[unreadable]";
    }
  };

  #describe(value: unknown, depth: number): string {
    switch (typeof value) {
      case "string":
        return quote(value);
      case "bigint":
        return `${value}n`;
      case "function":
        return `[function ${value.name || "(anonymous)"}]`;
      case "object":
        return value === null ? "null" : this.#describeObject(value, depth);
      default:
        return String(value);
    }
  }

  #describeObject(value: object, depth: number): string {
    if (value instanceof Error) return describeError(value);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof Date) return `[Date ${value.getTime()}]`;
    if (value instanceof Map || value instanceof Set) {
      return `[${value.constructor.name} of ${value.size}]`;
    }
    if (Array.isArray(value)) {
      if (depth === 0) return `[Array of ${value.length}]`;
      const items = value.slice(0, MAX_ITEMS).map((item) => this.#describe(item, depth - 1));
      return `[${withRest(items, value.length)}]`;
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      return `[${prototype.constructor?.name || "object"}]`;
    }
    const keys = Object.keys(value);
    if (depth === 0) return `{${keys.length} keys}`;
    const fields = keys.slice(0, MAX_ITEMS).map((key) => {
      const text = this.covers(key)
        ? REDACTED
        : this.#describe((value as Record<string, unknown>)[key], depth - 1);
      return `${/^[\w$]+$/.test(key) ? key : quote(key)}: ${text}`;
    });
    return `{${withRest(fields, keys.length)}}`;
  }
}

/** An error in a line; its stack is for those who handle it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `[${typeof error}]`;
  return error.message === "" ? error.name : `${error.name}: ${cut(error.message)}`;
}

function withRest(items: string[], count: number): string {
  const more = count - items.length;
  return (more === 0 ? items : [...items, `… ${more} more`]).join(", ");
}

function quote(text: string): string {
  return JSON.stringify(cut(text));
}

function cut(text: string): string {
  return text.length <= MAX_LENGTH
    ? text
    : `${text.slice(0, MAX_LENGTH)}… (${text.length - MAX_LENGTH} more)`;
}

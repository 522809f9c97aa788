/**
 * From text to the bytes of a log file.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Turns text into bytes. */
export type Encode = (text: string) => Uint8Array;

const ENCODINGS: ReadonlyMap<string, Encode> = new Map<string, Encode>([
  ["utf-8", encodeUtf8],
  ["utf8", encodeUtf8],
  ["utf-16le", encodeUtf16],
  ["utf16le", encodeUtf16],
  ["latin1", (text) => Buffer.from(escapeAbove(text, LATIN1), "latin1")],
  ["ascii", (text) => Buffer.from(escapeAbove(text, ASCII), "latin1")],
]);

const LATIN1 = /[^\0-\xff]/gu;
const ASCII = /[^\0-\x7f]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Finds the encoder of an encoding. No byte order mark is written.
 *
 * Nothing is lost: a character that the encoding lacks, or half of a surrogate pair, is written as
 * `\xe9`, `\u20ac` or `\U0001f600`, like Python's `backslashreplace`.
 *
 * @param encoding `utf-8`, `utf-16le`, `latin1` or `ascii`; case does not matter.
 * @throws {RangeError} If it is none of these.
 *
 * @example
 * ```ts
 * import { encoderOf } from "./encoding.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new TextDecoder().decode(encoderOf("ascii")("5 €")), "5 \\u20ac");
 * ```
 */
export function encoderOf(encoding: string): Encode {
  const encode = ENCODINGS.get(String(encoding).toLowerCase());
  if (encode === undefined) {
    throw new RangeError(
      `Cannot write log: 'encoding' must be utf-8, utf-16le, latin1 or ascii, received '${encoding}'`,
    );
  }
  return encode;
}

const utf8 = new TextEncoder();

function encodeUtf8(text: string): Uint8Array {
  return utf8.encode(escapeSurrogates(text));
}

function encodeUtf16(text: string): Uint8Array {
  return Buffer.from(escapeSurrogates(text), "utf16le");
}

function escapeSurrogates(text: string): string {
  return text.isWellFormed() ? text : escapeAbove(text, LONE_SURROGATE);
}

function escapeAbove(text: string, missing: RegExp): string {
  return text.replace(missing, (char) => {
    const code = char.codePointAt(0)!;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
    return `\\U${code.toString(16).padStart(8, "0")}`;
  });
}

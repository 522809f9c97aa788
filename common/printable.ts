/**
 * Other people's text, made harmless for a terminal or a log.
 *
 * @module
 */

/**
 * Everything that steers a terminal or reorders a line instead of being read: C0 and C1 controls (line ends
 * among them), bidirectional controls (Unicode Standard Annex #9), line and paragraph separators, interlinear
 * annotations, tags, the byte order mark, and halves of surrogate pairs.
 */
const UNPRINTABLE =
  /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

/** Those of them that stand between words. */
const BREAK = /[\p{Cc}\u2028\u2029]/u;

/**
 * The text without what {@linkcode printable} would escape, for texts that others are shown in a list: controls and
 * separators of lines become spaces, all else is left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(withoutControls("at lunch\n\u202e:-)"), "at lunch :-)");
 * ```
 */
export function withoutControls(text: string): string {
  return text.replace(UNPRINTABLE, (char) => BREAK.test(char) ? " " : "");
}

/**
 * The text with each character that could do harm replaced by its escape: `\n`, `\t`, else `\u{1b}`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(printable("\x1b[2Jhi"), "\\u{1b}[2Jhi");
 * ```
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    if (char === "\n") return "\\n";
    if (char === "\t") return "\\t";
    return `\\u{${char.codePointAt(0)!.toString(16)}}`;
  });
}

/**
 * Somebody's own words in an error: {@linkcode printable}, and not longer than a line should be.
 *
 * @param max Characters of the text that are shown.
 * @default {60}
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shown("no\x1b[1m.pem", 5), "no\\u{1b}[1…");
 * ```
 */
export function shown(text: string, max: number = 60): string {
  return printable(text.length > max ? `${text.slice(0, max)}…` : text);
}

/**
 * JSON in one line in which each of these characters is escaped as JSON has it: `\u009b`. `JSON.stringify` leaves most
 * of them as they are. Whoever parses it gets the value itself.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(printableJson({ topic: "\u202ehi" }), '{"topic":"\\u202ehi"}');
 * ```
 */
export function printableJson(value: object): string {
  return JSON.stringify(value).replace(
    UNPRINTABLE,
    (char) =>
      char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(
        "",
      ),
  );
}

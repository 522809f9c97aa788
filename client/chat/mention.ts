/**
 * Who is meant by a message in a room. Pure.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import { foldName, scriptsOf } from "../../common/names.ts";
import { isRoomAddress } from "../../common/wire/protocol.ts";

/** No more of the text than a name may have is looked at on either side. */
const NAME_UNITS = 2 * LIMITS.maxNameChars;
/** The characters that may stand in a name, but not at its beginning. */
const JOINTS_AT_END = /[_.\-]*$/;
const WORD_AT_END = /[\p{L}\p{M}\p{Nd}]$/u;
/** Russian particles that are written with a hyphen behind any word. */
const PARTICLE = /^-(?:то|ка|таки|де|с)(?![\p{L}\p{M}\p{Nd}_])/u;

/**
 * Whether a name stands in a text as a word of its own, whatever its case: not as a part of a longer name, which may
 * have `.`, `-` and `_` in its middle and at its end. No name has letters of two scripts, so `eve-то` is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isMentioned("eve", "ask Eve."), true);
 * assertEquals(isMentioned("eve", "ask eve-2"), false);
 * ```
 */
export function isMentioned(name: string, text: string): boolean {
  const folded = foldName(name);
  if (folded === "") return false;
  const where = foldName(text);
  for (let at = where.indexOf(folded); at !== -1; at = where.indexOf(folded, at + 1)) {
    const end = at + folded.length;
    const before = where.slice(Math.max(0, at - NAME_UNITS), at);
    if (isFreeBefore(before) && isFreeBehind(folded, where.slice(end, end + NAME_UNITS))) {
      return true;
    }
  }
  return false;
}

/** Whether a message in a room has a name in it; a direct one is for whoever gets it in any case. */
export function isRoomMention(
  name: string,
  { to, message }: { readonly to: string; readonly message: string },
): boolean {
  return isRoomAddress(to) && isMentioned(name, message);
}

function isFreeBefore(before: string): boolean {
  const [joints] = JOINTS_AT_END.exec(before)!;
  if (!WORD_AT_END.test(before.slice(0, before.length - joints.length))) return true;
  return joints.length > 1 && !joints.includes("_");
}

function isFreeBehind(name: string, behind: string): boolean {
  const [next = ""] = behind;
  if (/[\p{L}\p{M}\p{Nd}_]/u.test(next)) return false;
  if (!/[.\-]/.test(next) || PARTICLE.test(behind)) return true;
  const [, word] = /^.([\p{L}\p{M}\p{Nd}_]+)/u.exec(behind) ?? [];
  return word === undefined || scriptsOf(name + word).length > 1;
}

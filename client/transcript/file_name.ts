/**
 * Names of people and rooms as names of files.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";

/** Bytes of a name that all file systems take, with room for what stands around it. */
const MAX_BYTES = 120;
/** Names that Windows has for devices, whatever stands behind a dot. */
const DEVICES = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/;
/** What may stand in a name: no separator of paths, nothing that a shell or Windows forbids, no leading dot. */
const ALLOWED = /^[\p{L}\p{M}\p{Nd}_#-][\p{L}\p{M}\p{Nd}_.#-]*$/u;
/** In a name that has to be changed, dots go as well. */
const FORBIDDEN = /[^\p{L}\p{M}\p{Nd}_#-]/gu;

/**
 * A file name for a name, the same for all its spellings. One that cannot be a file's, or is too long, is changed and
 * gets `~` and a number behind it (FNV-1a), so that two names are never one file by chance, and never that of a name
 * that could be a file's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([fileNameOf("#Dev"), fileNameOf("ева")], ["#dev", "ева"]);
 * assertEquals(fileNameOf("../x").startsWith("___x~"), true);
 * ```
 */
export function fileNameOf(name: string): string {
  const folded = foldName(name).normalize("NFC").toWellFormed();
  const isFine = ALLOWED.test(folded) && !DEVICES.test(folded) && !folded.endsWith(".") &&
    bytesOf(folded) <= MAX_BYTES;
  if (isFine) return folded;
  const plain = folded.replace(FORBIDDEN, "_");
  let cut = "";
  for (const char of plain) {
    if (bytesOf(cut + char) > MAX_BYTES - 9) break;
    cut += char;
  }
  return `${cut}~${hashOf(folded)}`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

/**
 * Invitation codes: random texts that a person can type, and what is kept of them.
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";

/** Letters and digits of which none is taken for another. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
/** Of 31 signs, 20 are 99 bits. */
const CHARS = 20;
const GROUP = 5;

/** A new code: a guest gets it, the server keeps its hash. */
export interface NewCode {
  /** Four groups of five letters and digits with dashes between them; 99 random bits. */
  readonly code: string;
  /** What is kept of it. */
  readonly hash: string;
}

/**
 * Makes a code.
 *
 * @param random Gives so many random bytes. @default {randomBytes}
 */
export function newInvite(random: (count: number) => Uint8Array = randomBytes): NewCode {
  let chars = "";
  while (chars.length < CHARS) {
    for (const byte of random(CHARS - chars.length)) {
      // Without what is left over, so that no sign is likelier than another.
      if (byte < 256 - 256 % ALPHABET.length) chars += ALPHABET[byte % ALPHABET.length];
    }
  }
  const code = chars.match(new RegExp(`.{${GROUP}}`, "g"))!.join("-");
  return { code, hash: hashOfInvite(code) };
}

/**
 * What is kept of a code, and looked up: so a look-up tells nothing of other codes by its time. Capitals, spaces and
 * dashes do not matter. SHA-256, since a random text of that length needs no slow hash.
 */
export function hashOfInvite(code: string): string {
  const plain = code.toLowerCase().replace(/[\s-]/g, "");
  return createHash("sha256").update(plain).digest("base64url");
}

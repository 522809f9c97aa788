/**
 * Random texts that prove something, and what is kept of them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Bytes that nobody guesses: of the random half of a token, and of what seals it. */
const HALF_BYTES = 24;
/** The same in base64url. */
const HALF_CHARS = 32;
/** What this process seals its tokens with. */
const KEY = randomBytes(32);

/** Tokens of one account or session that are right at once: those of logins whose answers may have been lost. */
export const MAX_TOKENS = 4;

/** A new token: the client gets it, the server keeps its hash. */
export interface NewToken {
  /** For the client alone. */
  readonly token: string;
  /** What is kept of it. */
  readonly hash: string;
}

/** Makes a token: 24 random bytes, and a seal by which this process knows it. */
export function newToken(): NewToken {
  const random = randomBytes(HALF_BYTES).toString("base64url");
  const token = random + sealOf(random);
  return { token, hash: hashOfToken(token) };
}

/** Whether a text is a token that this process has made, whatever it is worth by now. */
export function wasGivenOut(token: string): boolean {
  return isSameHash(sealOf(token.slice(0, HALF_CHARS)), token.slice(HALF_CHARS));
}

/** What is kept of a token: SHA-256, since a random text of that length needs no slow hash. */
export function hashOfToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** Whether two hashes are the same, in a time that does not tell where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function sealOf(random: string): string {
  const seal = createHmac("sha256", KEY).update(random).digest();
  return seal.subarray(0, HALF_BYTES).toString("base64url");
}

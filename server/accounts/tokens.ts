/**
 * Random texts that prove something, and what is kept of them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Bytes that nobody guesses. */
const TOKEN_BYTES = 32;

/** Tokens of one account or session that are right at once: those of logins whose answers may have been lost. */
export const MAX_TOKENS = 4;

/** A new token: the client gets it, the server keeps its hash. */
export interface NewToken {
  /** For the client alone. */
  readonly token: string;
  /** What is kept of it. */
  readonly hash: string;
}

/** Makes a token of 32 random bytes. */
export function newToken(): NewToken {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, hash: hashOfToken(token) };
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

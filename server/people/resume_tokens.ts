/**
 * What proves to a session that a client is its own.
 *
 * @module
 */

import { isSameHash, MAX_TOKENS } from "../accounts/tokens.ts";

/** What a token proves to a session. */
export type Proof =
  /** It was given out in this very session. */
  | "session"
  /** It was given out in the session before, and opened this one: the client has not shown that it knows of this one. */
  | "name";

/**
 * The tokens of a session: those that were given out in it since its client was heard last, and the one that they were
 * given for.
 */
export class ResumeTokens {
  /** The latest is the last. */
  #own: string[];
  #opener: string | undefined;

  /**
   * Begins with a token.
   *
   * @param current Its hash; several if the session has begun on another node, the latest last.
   * @param opener The hash of the token of an earlier session that opened this one, if one did.
   */
  constructor(current: string | readonly string[], opener?: string) {
    this.#own = typeof current === "string" ? [current] : [...current];
    this.#opener = opener;
  }

  /** The hashes of those that were given out in this session, the latest last. */
  get own(): readonly string[] {
    return this.#own;
  }

  /** The hash of the token that opened the session, as long as it proves something. */
  get opener(): string | undefined {
    return this.#opener;
  }

  /** What a token of that hash proves; `undefined` if nothing. */
  prove(hash: string): Proof | undefined {
    if (this.#own.some((own) => isSameHash(hash, own))) return "session";
    const isOpener = this.#opener !== undefined && isSameHash(hash, this.#opener);
    return isOpener ? "name" : undefined;
  }

  /** One of its own was used, and the next given out: both are right, and the latest of the others. */
  renew(used: string, next: string): void {
    const others = this.#own.filter((own) => own !== used).slice(2 - MAX_TOKENS);
    this.#own = [...others, used, next];
  }

  /** The client has this one: no other is right. */
  settle(hash: string): void {
    this.#own = [hash];
    this.#opener = undefined;
  }
}

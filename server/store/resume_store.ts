/**
 * What proves an account's name without its password, behind one asynchronous interface: a part of `Store`, with the
 * same promises. Hashes are those of `people/resume_tokens.ts`; they are compared in a time that tells nothing of them.
 *
 * Besides what is said here, the tokens of an account go with a new password that an administrator sets, with a block
 * of its name, and with the account. They take no more than four rows an account, so no limit of the database applies.
 *
 * @module
 */

/** A token that proves its account's name. */
export interface RightToken {
  /** The session in which it was given out, if that has ended in order. */
  readonly session: string | undefined;
}

/** The end of a session's connection. */
export interface SessionEnd {
  /** Hashes of the tokens that were given out in it. */
  readonly hashes: readonly string[];
  /** Names the session. */
  readonly session: string;
}

/** The tokens of accounts. */
export interface ResumeStore {
  /**
   * Gives an account a token; all that it had are wrong from now on. Durable when it resolves with `true`.
   *
   * @param passwordHash What was right. If the account has another hash by now, nothing is changed.
   */
  save(folded: string, passwordHash: string, hash: string): Promise<boolean>;

  /**
   * Uses a token: it and the next one are right from now on, and those that were given out lately, since answers may
   * be lost or come late. Durable when it resolves.
   *
   * @returns `undefined` if it is not right: then nothing is changed, and nothing was written.
   */
  use(folded: string, hash: string, nextHash: string): Promise<RightToken | undefined>;

  /** The client has that token: no other is right any more. Durable when it resolves. */
  settle(folded: string, hash: string): Promise<void>;

  /** The connection of a session has ended: its tokens are right for `resumeHours` more. Durable when it resolves. */
  end(folded: string, end: SessionEnd): Promise<void>;

  /** No token of that account is right any more. Writes nothing if it has none. Durable when it resolves. */
  forget(folded: string): Promise<void>;
}

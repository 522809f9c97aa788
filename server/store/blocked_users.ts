/**
 * Which accounts take no direct messages from which others, behind one asynchronous interface: a part of `Store`, with
 * the same promises. These are blocks between accounts, each made by the one who wants no messages; names that an
 * administrator has blocked are another matter (`Store.blockReason`).
 *
 * Both are known by their accounts, not by their names: a block goes with either account, and who gets the name of one
 * that was removed is neither blocked nor blocks anybody.
 *
 * @module
 */

/** Blocks between accounts. All names are folded, except where they are to be shown. */
export interface BlockedUsers {
  /**
   * An account takes no direct messages from another from now on, or takes them again. Durable when it resolves; no
   * letter of the other one that is given to the store later gets into the mailbox.
   *
   * @param folded Who wants no messages.
   * @param other From whom.
   * @returns `"no-account"` if there is none of one of the names, `"too-many"` if that account blocks 1000 others
   * already: then nothing is changed.
   */
  set(folded: string, other: string, isOn: boolean): Promise<"done" | "no-account" | "too-many">;

  /** Whether an account takes no direct messages from another. */
  has(folded: string, other: string): Promise<boolean>;

  /** The names of the accounts that an account blocks, as shown, sorted by folded name. */
  list(folded: string): Promise<string[]>;

  /**
   * The folded names of the accounts that an account blocks; `undefined` if it blocks none. At once: who goes online has
   * to have them in that very turn.
   *
   * @throws {StoreError} If the engine fails.
   */
  of(folded: string): Set<string> | undefined;
}

/**
 * The public keys of classic clients.
 *
 * @module
 */

import type { User } from "../../people/user.ts";

interface Entry {
  readonly user: User;
  readonly key: string;
}

/** Public keys by name, each for as long as its owner is online. One for each user at most. */
export class ClassicKeys {
  readonly #entries = new Map<string, Entry>();

  /** Keeps a user's key, in place of an earlier one. */
  set(user: User, key: string): void {
    this.#entries.set(user.folded, { user, key });
  }

  /** The key of who is online under that folded name. */
  find(folded: string): string | undefined {
    const entry = this.#entries.get(folded);
    return entry?.user.isOnline ? entry.key : undefined;
  }

  /** Forgets a user's key; that of another one under the same name stays. */
  delete(user: User): void {
    if (this.#entries.get(user.folded)?.user === user) this.#entries.delete(user.folded);
  }
}

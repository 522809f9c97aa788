/**
 * Where the owners of accounts have been.
 *
 * @module
 */

import { createHash } from "node:crypto";

import { messageOf } from "../../common/errors.ts";
import type { Log } from "../../common/log.ts";
import type { Account, Store } from "../store/store.ts";

/**
 * Knows from which networks the owner of an account has logged in, also after a restart. The store is told no
 * address, but a hash of name and network: whoever reads the database does not see where people are, though
 * somebody determined can try out all IPv4 addresses.
 */
export class TrustedNetworks {
  readonly #store: Store;
  readonly #log: Log;

  /** Makes one that remembers in that store. */
  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /**
   * Whether a network is trusted with a name.
   *
   * @param folded The folded name, account or not.
   * @param network As `networkKey` gives it.
   * @throws {StoreError} If the store fails.
   */
  has(folded: string, network: string): Promise<boolean> {
    return this.#store.isTrustedNetwork(folded, mark(folded, network));
  }

  /**
   * Remembers that a login was right. Nobody waits for it: it never rejects, and a login does not fail because it
   * cannot be remembered.
   *
   * @param account As it was when the password was checked: if it has another one meanwhile, nothing happens.
   * @param network As `networkKey` gives it.
   */
  async add(
    { folded, passwordHash }: Pick<Account, "folded" | "passwordHash">,
    network: string,
  ): Promise<void> {
    try {
      await this.#store.trustNetwork(folded, passwordHash, mark(folded, network));
    } catch (error) {
      this.#log.error("network not remembered", { name: folded, reason: messageOf(error) });
    }
  }
}

function mark(folded: string, network: string): string {
  return createHash("sha256").update(`${folded} ${network}`).digest("base64url");
}

/**
 * The names that Tab completes.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { BoundedMap } from "../library/bounded_map.ts";
import type { JimClient } from "../library/jim_client.ts";

/** As many users as a server has connections; whoever was met first is forgotten first. */
const MAX_NAMES = 10_000;

/** Names of users that were met or are online; each once, in the spelling that was met last. */
export class KnownNames {
  readonly #client: Pick<JimClient, "isOnline" | "who">;
  readonly #names = new BoundedMap<string>({ entries: MAX_NAMES });
  #isLearning = false;

  /**
   * Knows nobody yet.
   *
   * @param client Whom to ask who is online.
   */
  constructor(client: Pick<JimClient, "isOnline" | "who">) {
    this.#client = client;
  }

  /** All of them. */
  get all(): string[] {
    return [...this.#names.values()];
  }

  /** Adds names. */
  add(names: Iterable<string>): void {
    for (const name of names) this.#names.set(foldName(name), name);
  }

  /** Forgets a name. */
  delete(name: string): void {
    this.#names.delete(foldName(name));
  }

  /** Asks the server who is online, unless it is being asked already; what it answers is not shown. */
  async learn(): Promise<void> {
    if (!this.#client.isOnline || this.#isLearning) return;
    this.#isLearning = true;
    try {
      const { users } = await this.#client.who();
      this.add(users.map(({ account_name }) => account_name));
    } catch {
      // Then Tab knows fewer names.
    } finally {
      this.#isLearning = false;
    }
  }
}

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
/** More than one remembers to have read something from. */
const MAX_SPEAKERS = 500;

/** Names of users that were met or are online; each once, in the spelling that was met last. */
export class KnownNames {
  readonly #client: Pick<JimClient, "isOnline" | "who">;
  readonly #names = new BoundedMap<string>({ entries: MAX_NAMES });
  readonly #speakers = new BoundedMap<string>({ entries: MAX_SPEAKERS });
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

  /** Somebody has said something. */
  spoke(name: string): void {
    const folded = foldName(name);
    this.#speakers.delete(folded);
    this.#speakers.set(folded, name);
  }

  /**
   * Whom a person means most likely: who is here before all others, and who has spoken last first.
   *
   * @param here The names of those who are where the person talks.
   */
  likeliest(here: readonly string[]): string[] {
    const spoken = [...this.#speakers.entries()].toReversed();
    const members = new Map(here.map((name) => [foldName(name), name]));
    const speakers = spoken.filter(([folded]) => members.has(folded));
    return [
      ...speakers.map(([, name]) => name),
      ...here.toSorted().filter((name) => !this.#speakers.has(foldName(name))),
      ...spoken.filter(([folded]) => !members.has(folded)).map(([, name]) => name),
    ];
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

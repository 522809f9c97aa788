/**
 * A map of bounded size.
 *
 * @module
 */

/**
 * Remembers what was set last, and forgets what was set longest ago when it is full.
 *
 * @typeParam Value What is remembered under a text.
 */
export class RecentMap<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, Value>();

  /** @param limit Entries at most; at least 1. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many there are. */
  get size(): number {
    return this.#values.size;
  }

  /** What was set last under a key, unless that is forgotten. */
  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  /** Remembers a value; it is the latest from now on. */
  set(key: string, value: Value): void {
    this.#values.delete(key);
    if (this.#values.size >= this.#limit) this.#values.delete(this.#values.keys().next().value!);
    this.#values.set(key, value);
  }

  /** Forgets one. */
  delete(key: string): void {
    this.#values.delete(key);
  }

  /** All that is remembered, the oldest first. */
  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries();
  }
}

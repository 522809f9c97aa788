/**
 * A map that forgets.
 *
 * @module
 */

/** How much a {@linkcode BoundedMap} holds. */
export interface Bounds {
  /** Entries. */
  readonly entries: number;
  /**
   * UTF-16 units of all keys together.
   *
   * @default {8388608}
   */
  readonly units?: number;
}

const MAX_UNITS = 8_388_608;

/** A map of texts that forgets its oldest entries when it holds too much; a key that is set again keeps its age. */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, Value>();
  /**
   * Stands before the oldest entry. It is kept: a new one would pass all that was deleted since the map was last put in
   * order, for each entry anew.
   */
  #oldest = this.#entries.keys();
  readonly #maxEntries: number;
  readonly #maxUnits: number;
  #units = 0;

  /** Makes an empty map. */
  constructor({ entries, units = MAX_UNITS }: Bounds) {
    this.#maxEntries = entries;
    this.#maxUnits = units;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is such a key. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The value of a key. */
  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** Sets a value; what is too much goes, the oldest first. */
  set(key: string, value: Value): void {
    if (!this.#entries.has(key)) this.#units += key.length;
    this.#entries.set(key, value);
    while (this.size > this.#maxEntries || this.#units > this.#maxUnits) {
      this.delete(this.#oldest.next().value!);
    }
  }

  /** Forgets a key. */
  delete(key: string): void {
    if (this.#entries.delete(key)) this.#units -= key.length;
  }

  /** Forgets all. */
  clear(): void {
    this.#entries.clear();
    this.#oldest = this.#entries.keys();
    this.#units = 0;
  }

  /** The entries, oldest first. */
  entries(): IterableIterator<[string, Value]> {
    return this.#entries.entries();
  }

  /** The values, oldest first. */
  values(): IterableIterator<Value> {
    return this.#entries.values();
  }
}

/**
 * One at a time for each name.
 *
 * @module
 */

/** Lets what is done about one name be done one after the other, in the order of the calls. */
export class NameTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** How many names somebody has a turn for, or waits for one. */
  get size(): number {
    return this.#last.size;
  }

  /**
   * Waits until all earlier turns of that name are over.
   *
   * @returns The turn; it is over when it is disposed of.
   */
  async take(name: string): Promise<Disposable> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const before = this.#last.get(name);
    this.#last.set(name, over);
    await before;
    return {
      [Symbol.dispose]: () => {
        if (this.#last.get(name) === over) this.#last.delete(name);
        resolve();
      },
    };
  }
}

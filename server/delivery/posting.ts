/**
 * Letters that are on their way to disk.
 *
 * @module
 */

/** Letters under way to one mailbox. */
interface UnderWay {
  count: number;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Knows to whom letters are under way: a message that is handed over directly must not overtake them. Letters do not
 * wait for each other, else each would be a commit of its own; the store keeps them in the order of the calls.
 */
export class Posting {
  readonly #underWay = new Map<string, UnderWay>();

  /**
   * What to wait for before something else is handed to an addressee.
   *
   * @param folded The addressee's name, folded.
   * @returns `undefined` if no letter is under way.
   */
  to(folded: string): Promise<void> | undefined {
    return this.#underWay.size === 0 ? undefined : this.#underWay.get(folded)?.done.promise;
  }

  /** Says that work with a letter to an addressee is under way until the promise settles; gives it back. */
  async during<T>(folded: string, work: Promise<T>): Promise<T> {
    let entry = this.#underWay.get(folded);
    if (entry === undefined) {
      entry = { count: 0, done: Promise.withResolvers() };
      this.#underWay.set(folded, entry);
    }
    entry.count++;
    try {
      return await work;
    } finally {
      if (--entry.count === 0) {
        this.#underWay.delete(folded);
        entry.done.resolve();
      }
    }
  }
}

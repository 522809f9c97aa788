/**
 * Generators that report how they end.
 *
 * @module
 */

/** What is counted of a generator. */
export type Counts = {
  /** How many values it yielded. */
  yielded: number;
};

/** Where a generator reports its end, with the number of values that it yielded. */
export interface Ends {
  /** It returned. */
  returned(value: unknown, counts: Counts): void;
  /** It threw, or was made to. */
  threw(error: unknown, counts: Counts): void;
  /** Its user gave it up. */
  closed(counts: Counts): void;
}

/** A generator that does what the other does, and reports its end. */
export function* watch(generator: Generator, ends: Ends): Generator {
  const end = new End(ends);
  try {
    const result = yield* {
      [Symbol.iterator]() {
        return this;
      },
      next: (sent: unknown) => end.count(generator.next(sent)),
      return: (value: unknown) => end.count(generator.return(value)),
      throw: (error: unknown) => end.count(generator.throw(error)),
    };
    end.returned(result);
    return result;
  } catch (error) {
    end.threw(error);
    throw error;
  } finally {
    end.closed();
  }
}

/** As {@linkcode watch}, for an async generator. */
export async function* watchAsync(generator: AsyncGenerator, ends: Ends): AsyncGenerator {
  const end = new End(ends);
  try {
    const result = yield* {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async (sent: unknown) => end.count(await generator.next(sent)),
      return: async (value: unknown) => end.count(await generator.return(value)),
      throw: async (error: unknown) => end.count(await generator.throw(error)),
    };
    end.returned(result);
    return result;
  } catch (error) {
    end.threw(error);
    throw error;
  } finally {
    end.closed();
  }
}

/** Counts what a generator yields and reports its end once, whatever follows. */
class End {
  readonly #ends: Ends;
  #yielded = 0;
  #isTold = false;

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  count<Step extends IteratorResult<unknown>>(step: Step): Step {
    if (!step.done) this.#yielded++;
    return step;
  }

  returned(value: unknown): void {
    this.#tell((counts) => this.#ends.returned(value, counts));
  }

  threw(error: unknown): void {
    this.#tell((counts) => this.#ends.threw(error, counts));
  }

  /** What is left, if it neither returned nor threw. */
  closed(): void {
    this.#tell((counts) => this.#ends.closed(counts));
  }

  #tell(how: (counts: Counts) => void): void {
    if (this.#isTold) return;
    this.#isTold = true;
    how({ yielded: this.#yielded });
  }
}

/** Whether a value is what a generator function returns. */
export function isGenerator(value: unknown): value is Generator {
  return Object.prototype.toString.call(value) === "[object Generator]";
}

/** Whether a value is what an async generator function returns. */
export function isAsyncGenerator(value: unknown): value is AsyncGenerator {
  return Object.prototype.toString.call(value) === "[object AsyncGenerator]";
}

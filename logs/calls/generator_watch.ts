/**
 * Generators whose end is told.
 *
 * @module
 */

/** What is counted of a generator. */
export type Counts = {
  /** How many values it yielded. */
  yielded: number;
};

/** How a generator's end is told, with how many values it had yielded. */
export interface Ends {
  /** It returned. */
  returned(value: unknown, counts: Counts): void;
  /** It threw, or was made to. */
  threw(error: unknown, counts: Counts): void;
  /** Whoever used it gave it up. */
  closed(counts: Counts): void;
}

/** A generator that does what the other does, and tells its end. */
export function* watch(generator: Generator, ends: Ends): Generator {
  let yielded = 0;
  let isTold = false;
  const count = (step: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (!step.done) yielded++;
    return step;
  };
  try {
    const result = yield* {
      [Symbol.iterator]() {
        return this;
      },
      next: (sent: unknown) => count(generator.next(sent)),
      return: (value: unknown) => count(generator.return(value)),
      throw: (error: unknown) => count(generator.throw(error)),
    };
    isTold = true;
    ends.returned(result, { yielded });
    return result;
  } catch (error) {
    isTold = true;
    ends.threw(error, { yielded });
    throw error;
  } finally {
    if (!isTold) ends.closed({ yielded });
  }
}

/** As {@linkcode watch}, for an async generator. */
export async function* watchAsync(generator: AsyncGenerator, ends: Ends): AsyncGenerator {
  let yielded = 0;
  let isTold = false;
  const count = async (
    next: Promise<IteratorResult<unknown>>,
  ): Promise<IteratorResult<unknown>> => {
    const step = await next;
    if (!step.done) yielded++;
    return step;
  };
  try {
    const result = yield* {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: (sent: unknown) => count(generator.next(sent)),
      return: (value: unknown) => count(generator.return(value)),
      throw: (error: unknown) => count(generator.throw(error)),
    };
    isTold = true;
    ends.returned(result, { yielded });
    return result;
  } catch (error) {
    isTold = true;
    ends.threw(error, { yielded });
    throw error;
  } finally {
    if (!isTold) ends.closed({ yielded });
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

/**
 * Waiting, but not for ever.
 *
 * @module
 */

/**
 * What is promised, or `undefined` if it takes longer than that.
 *
 * @param ms Milliseconds.
 */
export async function within<T>(ms: number, promised: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([promised, promise]);
  } finally {
    clearTimeout(timer);
  }
}

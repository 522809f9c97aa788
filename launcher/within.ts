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

/** When all clients end, the server is given so long to turn out as the cause. */
const CAUSE_MS = 1_000;

/**
 * The end of the server or of all clients, whichever comes first. Clients end with their server: then what the
 * server's end says is the reason, even if they were faster.
 */
export async function firstCause<End>(server: Promise<End>, clients: Promise<End>): Promise<End> {
  const first = await Promise.race([server, clients]);
  return await within(CAUSE_MS, server) ?? first;
}

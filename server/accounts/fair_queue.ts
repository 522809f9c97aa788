/**
 * Costly jobs, a few at a time, with the waiting shared out fairly.
 *
 * @module
 */

interface Job {
  start(): void;
}

/**
 * A queue with one lane per key: the lanes take turns, within a lane it is first come, first served. So a thousand
 * jobs under one key delay each other key by one job.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new FairQueue(1);
 * const order: string[] = [];
 * const job = (name: string) => () => Promise.resolve(void order.push(name));
 * await Promise.all([
 *   queue.run("a", job("a1")),
 *   queue.run("a", job("a2")),
 *   queue.run("a", job("a3")),
 *   queue.run("b", job("b1")),
 * ]);
 * assertEquals(order, ["a1", "a2", "b1", "a3"]);
 * ```
 */
export class FairQueue {
  readonly #concurrency: number;
  /** The waiting jobs; the first lane is the next to be served. A lane without jobs is not kept. */
  readonly #lanes = new Map<string, Job[]>();
  #running = 0;

  /**
   * Makes an empty queue.
   *
   * @param concurrency Jobs under way at once; a whole number from 1.
   * @throws {RangeError} If it is not.
   */
  constructor(concurrency: number) {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new RangeError(
        `Cannot make queue: concurrency must be a whole number from 1, received ${concurrency}`,
      );
    }
    this.#concurrency = concurrency;
  }

  /**
   * Runs a job when its turn comes.
   *
   * @param key Whose job it is.
   * @param job Called once, or never if the signal is aborted first.
   * @param signal Gives up the place in the queue; a job that has begun goes on.
   * @returns What the job gives.
   * @throws {DOMException} "AbortError" (or the signal's reason) if aborted while waiting.
   */
  run<T>(key: string, job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const entry: Job = {
        start: () => {
          signal?.removeEventListener("abort", giveUp);
          Promise.try(job).then(resolve, reject).finally(() => {
            this.#running--;
            this.#next();
          });
        },
      };
      const giveUp = (): void => {
        this.#remove(key, entry);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      const lane = this.#lanes.get(key);
      if (lane === undefined) this.#lanes.set(key, [entry]);
      else lane.push(entry);
      this.#next();
    });
  }

  #next(): void {
    if (this.#running >= this.#concurrency) return;
    for (const [key, lane] of this.#lanes) {
      const job = lane.shift()!;
      this.#lanes.delete(key);
      if (lane.length > 0) this.#lanes.set(key, lane); // behind all others
      this.#running++;
      job.start();
      return;
    }
  }

  #remove(key: string, entry: Job): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return;
    const index = lane.indexOf(entry);
    if (index >= 0) lane.splice(index, 1);
    if (lane.length === 0) this.#lanes.delete(key);
  }
}

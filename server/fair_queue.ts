/**
 * Costly jobs, a few at a time, with the waiting shared out fairly.
 *
 * @module
 */

/** One class of jobs in a {@linkcode FairQueue}. */
export interface QueueClass {
  /**
   * Whether its latest and its earliest job go first in turn, whatever the keys: so in a crowd that comes at once and
   * then no more, neither the first nor the last waits for all others.
   *
   * @default {false}
   */
  readonly fromBothEnds?: boolean;
  /**
   * Jobs that may wait.
   *
   * @default {Infinity}
   */
  readonly maxWaiting?: number;
}

/** How a job is queued. */
export interface QueuePlace {
  /** Whose job it is. */
  readonly key: string;
  /**
   * Its class: an index into the queue's list.
   *
   * @default {0}
   */
  readonly rank?: number;
  /** Gives up the place; a job that has begun goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Thrown at a job for which there is no room. */
export class QueueFullError extends Error {
  /** See {@linkcode Error.name}. */
  override readonly name = "QueueFullError";

  /** Makes one. */
  constructor() {
    super("Cannot queue job: too many of its class wait already");
  }
}

/** Jobs of other classes that may begin, one after the other, while some of a class wait: then it is their turn. */
const MAX_PASSED = 7;

/** Keys of which a class remembers when they were served. */
const MAX_REMEMBERED = 10_000;

interface Job {
  start(): void;
  refuse(): void;
}

/**
 * A queue of several classes: jobs of an earlier class go first, but where some of a later one wait, at most seven
 * others begin before one of them. In a class there is one lane per key, and the lane that was served the longest ago
 * is next; within a lane it is first come, first served. So a thousand jobs under one key, and a thousand keys that
 * never stop, delay another key by one job. If a class is full, the latest job of its longest lane is refused.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new FairQueue(1);
 * const order: string[] = [];
 * const job = (name: string) => () => Promise.resolve(void order.push(name));
 * await Promise.all([
 *   queue.run({ key: "a" }, job("a1")),
 *   queue.run({ key: "a" }, job("a2")),
 *   queue.run({ key: "a" }, job("a3")),
 *   queue.run({ key: "b" }, job("b1")),
 * ]);
 * assertEquals(order, ["a1", "b1", "a2", "a3"]);
 * ```
 */
export class FairQueue {
  readonly #concurrency: number;
  readonly #classes: readonly Lanes[];
  #running = 0;

  /**
   * Makes an empty queue.
   *
   * @param concurrency Jobs under way at once; a whole number from 1.
   * @param classes The first goes first.
   * @throws {RangeError} If the concurrency is wrong.
   */
  constructor(concurrency: number, classes: readonly QueueClass[] = [{}]) {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new RangeError(
        `Cannot make queue: concurrency must be a whole number from 1, received ${concurrency}`,
      );
    }
    this.#concurrency = concurrency;
    this.#classes = classes.map((terms) => new Lanes(terms));
  }

  /** How many jobs wait. */
  get waiting(): number {
    return this.#classes.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Runs a job when its turn comes.
   *
   * @param job Called once, or never if the place is given up or lost first.
   * @returns What the job gives.
   * @throws {DOMException} "AbortError" (or the signal's reason) if aborted while waiting.
   * @throws {QueueFullError} If there is no room for it: at once, or when others come whose lane is shorter.
   */
  run<T>({ key, rank = 0, signal }: QueuePlace, job: () => Promise<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const lanes = this.#classes[rank]!;
    return new Promise((resolve, reject) => {
      const entry: Job = {
        start: () => {
          signal?.removeEventListener("abort", giveUp);
          this.#running++;
          Promise.try(job).then(resolve, reject).finally(() => {
            this.#running--;
            this.#next();
          });
        },
        refuse: () => {
          signal?.removeEventListener("abort", giveUp);
          reject(new QueueFullError());
        },
      };
      const giveUp = (): void => {
        lanes.remove(key, entry);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      lanes.add(key, entry);
      this.#next();
      lanes.refuseSurplus(key);
    });
  }

  #next(): void {
    if (this.#running >= this.#concurrency) return;
    const waiting = this.#classes.filter(({ size }) => size > 0);
    const lanes = waiting.find(({ isDue }) => isDue) ?? waiting[0];
    if (lanes === undefined) return;
    for (const others of waiting) others.passed++;
    lanes.passed = 0;
    lanes.take().start();
  }
}

/** The waiting jobs of one class. */
class Lanes {
  /** Jobs of other classes that have begun since one of this class last did. */
  passed = 0;
  readonly #fromBothEnds: boolean;
  #takesLatest = true;
  readonly #maxWaiting: number;
  /** In the order in which they came. A lane without jobs is not kept. */
  readonly #lanes = new Map<string, Job[]>();
  /** When each key was served last, counted in jobs of the class; the longest ago first. */
  readonly #served = new Map<string, number>();
  #count = 0;
  #size = 0;

  constructor({ fromBothEnds = false, maxWaiting = Infinity }: QueueClass) {
    this.#fromBothEnds = fromBothEnds;
    this.#maxWaiting = maxWaiting;
  }

  get size(): number {
    return this.#size;
  }

  get isDue(): boolean {
    return this.passed >= MAX_PASSED;
  }

  add(key: string, job: Job): void {
    const lane = this.#lanes.get(this.#laneOf(key));
    if (lane === undefined) this.#lanes.set(this.#laneOf(key), [job]);
    else lane.push(job);
    this.#size++;
  }

  take(): Job {
    const [key, lane] = this.#next();
    const job = this.#fromBothEnds && this.#takesLatest ? lane.pop()! : lane.shift()!;
    this.#takesLatest = !this.#takesLatest;
    if (lane.length === 0) this.#lanes.delete(key);
    this.#remember(key);
    this.#size--;
    return job;
  }

  /** The lane that was served the longest ago, or never: who comes seldom does not wait behind all who never stop. */
  #next(): [key: string, lane: Job[]] {
    let next: [string, Job[]] | undefined;
    let earliest = Infinity;
    for (const [key, lane] of this.#lanes) {
      const servedAt = this.#served.get(key) ?? 0;
      if (servedAt >= earliest) continue;
      next = [key, lane];
      earliest = servedAt;
    }
    return next!;
  }

  #remember(key: string): void {
    this.#served.delete(key);
    this.#served.set(key, ++this.#count);
    if (this.#served.size > MAX_REMEMBERED) {
      this.#served.delete(this.#served.keys().next().value!);
    }
  }

  remove(key: string, job: Job): void {
    const lane = this.#lanes.get(this.#laneOf(key));
    const index = lane?.indexOf(job) ?? -1;
    if (lane === undefined || index < 0) return;
    lane.splice(index, 1);
    if (lane.length === 0) this.#lanes.delete(this.#laneOf(key));
    this.#size--;
    if (this.#size === 0) this.passed = 0;
  }

  /** Refuses one job if there is one too many: the latest of the newcomer's lane, unless another lane is longer. */
  refuseSurplus(newcomer: string): void {
    if (this.#size <= this.#maxWaiting) return;
    let longest = this.#laneOf(newcomer);
    for (const [key, lane] of this.#lanes) {
      if (lane.length > this.#lanes.get(longest)!.length) longest = key;
    }
    const job = this.#lanes.get(longest)!.at(-1)!;
    this.remove(longest, job);
    job.refuse();
  }

  #laneOf(key: string): string {
    return this.#fromBothEnds ? "" : key;
  }
}

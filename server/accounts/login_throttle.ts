/**
 * Guessing passwords made slow.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../../common/clock.ts";

/** How {@linkcode LoginThrottle} behaves. */
export interface LoginThrottleOptions {
  /**
   * Failures a minute for one name, and for one address.
   *
   * @default {5}
   */
  failuresPerMinute?: number;
  /**
   * Names and addresses that are remembered at once; for one more, the one that was quiet for longest is
   * forgotten.
   *
   * @default {10000}
   */
  maxKeys?: number;
  /**
   * Attempts for one name, and from one address, that may wait just for time to pass.
   *
   * @default {5} Those whose turn comes within a minute.
   */
  maxWaiting?: number;
  /**
   * Attempts that may wait, for all names and addresses together.
   *
   * @default {1000}
   */
  maxWaitingInAll?: number;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

/** Thrown at a login that would have to wait behind too many others. */
export class TooManyLoginsError extends Error {
  /** See {@linkcode Error.name}. */
  override readonly name = "TooManyLoginsError";

  /** Makes one. */
  constructor() {
    super("Cannot check login: too many wrong ones for this name or from this address lately");
  }
}

interface Waiter {
  readonly admit: () => void;
  readonly refuse: () => void;
}

/** One name's or address's allowance. */
interface Bucket {
  /** Attempts that may begin now; fractions grow with time. */
  tokens: number;
  updatedAtMs: number;
  /** Attempts that have begun and may still give back what they took. */
  underWay: number;
  readonly waiters: Set<Waiter>;
  timer: Timer | undefined;
}

/**
 * Limits the logins that fail in a minute, for one name and for one address. Further attempts wait their turn, in
 * the order of arrival. At most `maxWaiting` of them wait just for time to pass, and later ones are refused, since a
 * waiting peer costs the server a connection. An attempt that waits for a password being checked is not refused.
 *
 * A failure counts for the address and for the name. A login that succeeds costs nothing, and from then on its
 * pair of name and address has an allowance of its own: neither strangers who guess at a name nor neighbours
 * behind the same address lock its owner out. All is forgotten with the process.
 */
export class LoginThrottle {
  readonly #capacity: number;
  readonly #tokensPerMs: number;
  readonly #maxKeys: number;
  readonly #maxWaiting: number;
  readonly #maxWaitingInAll: number;
  readonly #clock: Clock;
  /** In the order of last use, the oldest first. */
  readonly #buckets = new Map<string, Bucket>();
  /** Pairs of name and address that have logged in, in the order of last success. */
  readonly #trusted = new Set<string>();
  #waiting = 0;

  /** Makes a throttle without a history; see {@linkcode LoginThrottleOptions}. */
  constructor(options: LoginThrottleOptions = {}) {
    const {
      failuresPerMinute = 5,
      maxKeys = 10_000,
      maxWaiting = 5,
      maxWaitingInAll = 1_000,
      clock = systemClock,
    } = options;
    this.#capacity = failuresPerMinute;
    this.#tokensPerMs = failuresPerMinute / 60_000;
    this.#maxKeys = maxKeys;
    this.#maxWaiting = maxWaiting;
    this.#maxWaitingInAll = maxWaitingInAll;
    this.#clock = clock;
  }

  /** How many names and addresses are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** How many attempts wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Remembers that the owner of a name has been in a network: from now on the two have an allowance of their own.
   *
   * @param name The folded name.
   * @param network What the peer's address is counted under.
   */
  trust(name: string, network: string): void {
    this.#remember(pairKey(name, network));
  }

  /**
   * Whether attempts wait just for time to pass: no password is being checked that, if it is right, would let one
   * in earlier.
   *
   * @param name The folded name.
   * @param network What the peer's address is counted under.
   */
  isHeldUp(name: string, network: string): boolean {
    return this.#keys(name, network).some((key) => {
      const bucket = this.#buckets.get(key);
      return bucket !== undefined && bucket.waiters.size > 0 && bucket.underWay === 0;
    });
  }

  /**
   * Checks a password when it is this attempt's turn.
   *
   * @param name The folded name, known or not.
   * @param network What the peer's address is counted under.
   * @param check Resolves with whether the password is right; counts as no failure if it rejects.
   * @param signal Gives up waiting.
   * @returns What `check` gives.
   * @throws {DOMException} "AbortError" (or the signal's reason) if aborted while waiting.
   * @throws {TooManyLoginsError} If too many wait already; `check` was not called.
   */
  async attempt(
    name: string,
    network: string,
    check: () => Promise<boolean>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const keys = this.#keys(name, network);
    const taken: string[] = [];
    let isFailure = false;
    try {
      for (const key of keys) {
        await this.#take(key, signal);
        taken.push(key);
      }
      isFailure = !await check();
      if (!isFailure) this.trust(name, network);
      return !isFailure;
    } finally {
      for (const key of taken) this.#end(key, isFailure);
    }
  }

  #keys(name: string, network: string): string[] {
    const pair = pairKey(name, network);
    // The address first: an attempt that waits for it must not use up the name's allowance.
    return this.#trusted.has(pair) ? [pair] : [`address ${network}`, `name ${name}`];
  }

  #take(key: string, signal: AbortSignal | undefined): Promise<void> {
    const bucket = this.#bucket(key);
    if (bucket.waiters.size === 0 && bucket.tokens >= 1) {
      this.#begin(bucket);
      return Promise.resolve();
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#leave(bucket, waiter);
        this.#serve(bucket);
        reject(signal!.reason);
      };
      const waiter: Waiter = {
        admit: () => {
          signal?.removeEventListener("abort", giveUp);
          resolve();
        },
        refuse: () => {
          signal?.removeEventListener("abort", giveUp);
          reject(new TooManyLoginsError());
        },
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      bucket.waiters.add(waiter);
      this.#waiting++;
      this.#serve(bucket);
    });
  }

  #begin(bucket: Bucket): void {
    bucket.tokens--;
    bucket.underWay++;
  }

  #end(key: string, isFailure: boolean): void {
    const bucket = this.#bucket(key);
    bucket.underWay--;
    if (!isFailure) bucket.tokens = Math.min(this.#capacity, bucket.tokens + 1);
    this.#serve(bucket);
  }

  #leave(bucket: Bucket, waiter: Waiter): void {
    bucket.waiters.delete(waiter);
    this.#waiting--;
  }

  /** Admits those whose turn it is, refuses those over the limit, and sets a timer for the next. */
  #serve(bucket: Bucket): void {
    this.#refill(bucket);
    for (const waiter of bucket.waiters) {
      if (bucket.tokens < 1) break;
      this.#leave(bucket, waiter);
      this.#begin(bucket);
      waiter.admit();
    }
    if (bucket.underWay === 0) this.#refuseLatest(bucket);
    this.#clock.clearTimeout(bucket.timer);
    bucket.timer = bucket.waiters.size === 0 ? undefined : this.#clock.setTimeout(
      () => this.#serve(bucket),
      Math.ceil((1 - bucket.tokens) / this.#tokensPerMs),
    );
  }

  #refuseLatest(bucket: Bucket): void {
    let kept = 0;
    for (const waiter of bucket.waiters) {
      kept++;
      if (kept <= this.#maxWaiting && this.#waiting <= this.#maxWaitingInAll) continue;
      this.#leave(bucket, waiter);
      waiter.refuse();
    }
  }

  #bucket(key: string): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#makeRoom();
      bucket = {
        tokens: this.#capacity,
        updatedAtMs: this.#clock.monotonicMs(),
        underWay: 0,
        waiters: new Set(),
        timer: undefined,
      };
    } else {
      this.#buckets.delete(key);
      this.#refill(bucket);
    }
    this.#buckets.set(key, bucket); // the latest is the last
    return bucket;
  }

  #refill(bucket: Bucket): void {
    const now = this.#clock.monotonicMs();
    const grown = (now - bucket.updatedAtMs) * this.#tokensPerMs;
    bucket.tokens = Math.min(this.#capacity, bucket.tokens + grown);
    bucket.updatedAtMs = now;
  }

  #makeRoom(): void {
    if (this.#buckets.size < this.#maxKeys) return;
    for (const [key, { waiters, underWay }] of this.#buckets) {
      if (waiters.size > 0 || underWay > 0) continue;
      this.#buckets.delete(key);
      return;
    }
  }

  #remember(pair: string): void {
    this.#trusted.delete(pair);
    this.#trusted.add(pair);
    if (this.#trusted.size > this.#maxKeys) {
      for (const oldest of this.#trusted) {
        this.#trusted.delete(oldest);
        return;
      }
    }
  }
}

function pairKey(name: string, network: string): string {
  return `pair ${network} ${name}`;
}

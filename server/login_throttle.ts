/**
 * Guessing passwords made slow.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../common/clock.ts";
import { networkKey } from "./network_key.ts";

/** How {@linkcode LoginThrottle} behaves. */
export interface LoginThrottleOptions {
  /**
   * Failures a minute for one name, and for one address.
   *
   * @default {5}
   */
  failuresPerMinute?: number;
  /**
   * Names and addresses that are remembered at once; beyond that the one that was quiet for longest is
   * forgotten.
   *
   * @default {10000}
   */
  maxKeys?: number;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

interface Waiter {
  readonly admit: () => void;
}

/** One name's or address's allowance. */
interface Bucket {
  /** Attempts that may begin now; fractions grow with time. */
  tokens: number;
  updatedAtMs: number;
  readonly waiters: Set<Waiter>;
  timer: Timer | undefined;
}

/**
 * Lets so many logins a minute fail for one name and for one address. Each further attempt waits for its turn,
 * in the order of arrival; none is refused, so a person with the right password gets in.
 *
 * A failure counts for the address and for the name. A login that succeeds costs nothing, and from then on its
 * pair of name and address has an allowance of its own: neither strangers who guess at a name nor neighbours
 * behind the same address lock its owner out. All is forgotten with the process.
 */
export class LoginThrottle {
  readonly #capacity: number;
  readonly #tokensPerMs: number;
  readonly #maxKeys: number;
  readonly #clock: Clock;
  /** In the order of last use, the oldest first. */
  readonly #buckets = new Map<string, Bucket>();
  /** Pairs of name and address that have logged in, in the order of last success. */
  readonly #trusted = new Set<string>();

  /** Makes a throttle that has seen nobody; see {@linkcode LoginThrottleOptions}. */
  constructor(options: LoginThrottleOptions = {}) {
    const { failuresPerMinute = 5, maxKeys = 10_000, clock = systemClock } = options;
    this.#capacity = failuresPerMinute;
    this.#tokensPerMs = failuresPerMinute / 60_000;
    this.#maxKeys = maxKeys;
    this.#clock = clock;
  }

  /** How many names and addresses are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Checks a password when it is this attempt's turn.
   *
   * @param name The folded name, known or not.
   * @param address The peer's address, without port.
   * @param check Resolves with whether the password is right; counts as no failure if it rejects.
   * @param signal Gives up waiting.
   * @returns What `check` gives.
   * @throws {DOMException} "AbortError" (or the signal's reason) if aborted while waiting.
   */
  async attempt(
    name: string,
    address: string,
    check: () => Promise<boolean>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const network = networkKey(address);
    const pair = `pair ${network} ${name}`;
    // The address first: who waits for that must not use up the name's allowance.
    const keys = this.#trusted.has(pair) ? [pair] : [`address ${network}`, `name ${name}`];
    const taken: string[] = [];
    let isFailure = false;
    try {
      for (const key of keys) {
        await this.#take(key, signal);
        taken.push(key);
      }
      isFailure = !await check();
      if (!isFailure) this.#trust(pair);
      return !isFailure;
    } finally {
      if (!isFailure) { for (const key of taken) this.#giveBack(key); }
    }
  }

  #take(key: string, signal: AbortSignal | undefined): Promise<void> {
    const bucket = this.#bucket(key);
    if (bucket.waiters.size === 0 && bucket.tokens >= 1) {
      bucket.tokens--;
      return Promise.resolve();
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        bucket.waiters.delete(waiter);
        this.#serve(bucket);
        reject(signal!.reason);
      };
      const waiter: Waiter = {
        admit: () => {
          signal?.removeEventListener("abort", giveUp);
          resolve();
        },
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      bucket.waiters.add(waiter);
      this.#serve(bucket);
    });
  }

  #giveBack(key: string): void {
    const bucket = this.#bucket(key);
    bucket.tokens = Math.min(this.#capacity, bucket.tokens + 1);
    this.#serve(bucket);
  }

  /** Admits those whose turn it is, and sets a timer for the next. */
  #serve(bucket: Bucket): void {
    this.#refill(bucket);
    for (const waiter of bucket.waiters) {
      if (bucket.tokens < 1) break;
      bucket.tokens--;
      bucket.waiters.delete(waiter);
      waiter.admit();
    }
    this.#clock.clearTimeout(bucket.timer);
    bucket.timer = bucket.waiters.size === 0 ? undefined : this.#clock.setTimeout(
      () => this.#serve(bucket),
      Math.ceil((1 - bucket.tokens) / this.#tokensPerMs),
    );
  }

  #bucket(key: string): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#makeRoom();
      bucket = {
        tokens: this.#capacity,
        updatedAtMs: this.#clock.monotonicMs(),
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
    for (const [key, { waiters }] of this.#buckets) {
      if (waiters.size > 0) continue;
      this.#buckets.delete(key);
      return;
    }
  }

  #trust(pair: string): void {
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

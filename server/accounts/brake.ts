/**
 * One allowance that refills with time, and the line of those who wait for it.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";

/** How fast attempts may fail, and who goes first. */
export interface Pace {
  /** Failures at once after a quiet time. */
  readonly burst: number;
  /** Milliseconds until one more may follow. */
  readonly refillMs: number;
  /**
   * An attempt that has waited longer yields to all that have not; among the overdue the newest goes first. So where
   * more come than can be served, most of those who are served are served in time.
   *
   * @default {Infinity}
   */
  readonly patienceMs?: number;
  /** How many may wait just for time to pass; nobody is refused if absent. */
  readonly room?: WaitingRoom;
}

/** Bounds those who wait just for time to pass, over all brakes that share it. */
export interface WaitingRoom {
  /** At one brake. */
  readonly maxHere: number;
  /** At all of them. */
  readonly maxInAll: number;
  /** At all of them now; the brakes keep it. */
  inAll: number;
}

/** Where an attempt comes from, as far as that decides who goes first. */
export interface Lane {
  /** The lowest goes first; of equals the latest and the earliest in turn. */
  rank(): number;
  /** An attempt from here begins. */
  begin(): void;
  /** It was no failure. */
  forgive(): void;
}

/** Thrown at an attempt that would have to wait behind too many others. */
export class TooManyLoginsError extends Error {
  /** See {@linkcode Error.name}. */
  override readonly name = "TooManyLoginsError";

  /** Makes one. */
  constructor() {
    super("Cannot check login: too many wrong ones from this address lately");
  }
}

/** Ends an attempt; call it once. */
export type EndAttempt = (isFailure: boolean) => void;

interface Waiter {
  readonly since: number;
  readonly lane: Lane | undefined;
  readonly admit: () => void;
  readonly refuse: () => void;
}

/**
 * A token bucket that only failures empty: an attempt takes a token when it begins and gives it back unless it
 * fails. With no token left an attempt waits: by the rank of its lane, or without lanes first come, first served until
 * its patience runs out.
 */
export class Brake {
  readonly #pace: Pace;
  readonly #clock: Clock;
  /** In the order of arrival. */
  readonly #waiters = new Set<Waiter>();
  /** Attempts that may begin now; fractions grow with time. */
  #tokens: number;
  #filledAt: number;
  #takesLatest = true;
  /** How many of the waiters the room counts. */
  #counted = 0;
  /** Attempts that have begun and may still give back what they took. */
  #underWay = 0;
  #timer: Timer | undefined;

  /** Makes a brake without a history. */
  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
    this.#tokens = pace.burst;
    this.#filledAt = clock.monotonicMs();
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether nobody is under way or waits. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.#waiters.size === 0;
  }

  /** Whether it is idle and remembers no failure: as good as a new one. */
  get isBlank(): boolean {
    this.#refill();
    return this.isIdle && this.#tokens >= this.#pace.burst;
  }

  /** Whether an attempt could begin at once. */
  get isOpen(): boolean {
    this.#refill();
    return this.#waiters.size === 0 && this.#tokens >= 1;
  }

  /** Takes from the allowance without an attempt. */
  spend(): void {
    this.#tokens--;
  }

  /** Whether some wait just for time to pass: nothing is under way that might let one in earlier. */
  get isHeldUp(): boolean {
    return this.#waiters.size > 0 && this.#underWay === 0;
  }

  /**
   * Begins an attempt when it is its turn.
   *
   * @param signal Gives up waiting.
   * @param lane All attempts at a brake have one, or none has.
   * @throws {DOMException} "AbortError" (or the signal's reason) if aborted while waiting.
   * @throws {TooManyLoginsError} If the waiting room is full.
   */
  take(signal?: AbortSignal, lane?: Lane): Promise<EndAttempt> {
    const end: EndAttempt = (isFailure) => this.#end(isFailure, lane);
    this.#refill();
    if (this.#waiters.size === 0 && this.#tokens >= 1) {
      this.#begin(lane);
      return Promise.resolve(end);
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#leave(waiter);
        this.#serve();
        reject(signal!.reason);
      };
      const stopWaiting = (): void => {
        signal?.removeEventListener("abort", giveUp);
        this.#leave(waiter);
      };
      const waiter: Waiter = {
        since: this.#filledAt,
        lane,
        admit: () => {
          stopWaiting();
          this.#begin(lane);
          resolve(end);
        },
        refuse: () => {
          stopWaiting();
          reject(new TooManyLoginsError());
        },
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#waiters.add(waiter);
      this.#serve();
    });
  }

  #begin(lane: Lane | undefined): void {
    this.#tokens--;
    this.#underWay++;
    lane?.begin();
  }

  #end(isFailure: boolean, lane: Lane | undefined): void {
    this.#underWay--;
    if (!isFailure) {
      this.#tokens++;
      lane?.forgive();
    }
    this.#serve();
  }

  #leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#count();
  }

  /** Who waits for a password that is being checked is let in by it, or waits for time later: only that counts. */
  #count(): void {
    const { room } = this.#pace;
    if (room === undefined) return;
    const counted = this.isHeldUp ? this.#waiters.size : 0;
    room.inAll += counted - this.#counted;
    this.#counted = counted;
  }

  /** Admits those whose turn it is, refuses those without room, and sets a timer for the next. */
  #serve(): void {
    this.#refill();
    while (this.#waiters.size > 0 && this.#tokens >= 1) this.#next().admit();
    this.#count();
    if (this.isHeldUp) this.#refuseLatest();
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#waiters.size === 0 ? undefined : this.#clock.setTimeout(
      () => this.#serve(),
      Math.ceil((1 - this.#tokens) * this.#pace.refillMs),
    );
  }

  #next(): Waiter {
    const { patienceMs = Infinity } = this.#pace;
    let next: Waiter | undefined;
    let lowest = Infinity;
    for (const waiter of this.#waiters) {
      if (waiter.lane === undefined && this.#filledAt - waiter.since <= patienceMs) return waiter;
      const rank = waiter.lane?.rank() ?? 0;
      if (rank > lowest || (rank === lowest && waiter.lane !== undefined && !this.#takesLatest)) {
        continue;
      }
      next = waiter;
      lowest = rank;
    }
    this.#takesLatest = !this.#takesLatest;
    return next!;
  }

  #refuseLatest(): void {
    const { room } = this.#pace;
    if (room === undefined) return;
    for (const waiter of [...this.#waiters].reverse()) {
      if (this.#waiters.size <= room.maxHere && room.inAll <= room.maxInAll) return;
      waiter.refuse();
    }
  }

  #refill(): void {
    const now = this.#clock.monotonicMs();
    const grown = (now - this.#filledAt) / this.#pace.refillMs;
    this.#tokens = Math.min(this.#pace.burst, this.#tokens + grown);
    this.#filledAt = now;
  }
}

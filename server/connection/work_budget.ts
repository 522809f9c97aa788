/**
 * What the connections of one network may have the server do.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { TokenBucket } from "./token_bucket.ts";
import type { Turns } from "./turns.ts";

/** What a {@linkcode WorkBudget} goes by. */
export interface WorkTerms {
  /** Bytes of answers a second; 0 is no limit. */
  readonly bytesPerSecond: number;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Those who wait are served in turns of their own. */
  readonly turns: Pick<Turns, "others">;
}

/** A burst is what flows in during this time. */
const BURST_SECONDS = 10;

/** Where nothing is left, it is looked again after this time at the earliest: not a timer for each small answer. */
const MIN_PAUSE_MS = 20;

/** Requests of one network that may be under way at once: none of them is paid yet. */
const MAX_UNDER_WAY = 16;

/**
 * A budget of answers to requests that cost their size, for all connections of a network together. An answer is paid
 * when it is known, so the last one may be on credit: then the next request waits until that is paid back.
 *
 * Guarantees:
 * 1. In the long run no more than `bytesPerSecond` are spent; at once no more than ten times that and the answers to
 *    16 requests that have to wait for something.
 * 2. Those who wait go on in the order in which they came, one in a turn of the event loop. A connection waits with
 *    one request at a time, so none gets ahead of the others by asking more.
 * 3. One timer at most, and none when nobody waits.
 */
export class WorkBudget {
  readonly #clock: Clock;
  readonly #turns: Pick<Turns, "others">;
  readonly #bucket: TokenBucket | undefined;
  /** Made when somebody waits for the first time: most networks never use up their budget. */
  #waiting: Set<() => void> | undefined;
  #timer: Timer | undefined;
  /** Somebody waits, or was let go in this turn. */
  #isBusy = false;
  #underWay = 0;
  /** Whoever waits goes on when something that is under way ends. */
  #isHeld = false;

  /** Begins with a full burst. */
  constructor({ bytesPerSecond, clock, turns }: WorkTerms) {
    this.#clock = clock;
    this.#turns = turns;
    if (bytesPerSecond > 0) {
      this.#bucket = new TokenBucket(bytesPerSecond, clock, BURST_SECONDS * bytesPerSecond);
    }
  }

  /** Whether a request may be served at once. */
  get isOpen(): boolean {
    return this.#bucket === undefined ||
      (!this.#isBusy && this.#underWay < MAX_UNDER_WAY && this.#bucket.debtMs === 0);
  }

  /** Whether nothing would be lost if it were forgotten. */
  get isFull(): boolean {
    return this.#bucket === undefined || (this.#underWay === 0 && this.#bucket.isFull);
  }

  /** Pays for an answer of so many bytes. */
  spend(bytes: number): void {
    this.#bucket?.spend(bytes);
  }

  /**
   * Counts a request whose answer is not known in this turn, until then.
   *
   * @param reply Settles when it is known, or that there is none. Whoever pays for it has waited for it before this call.
   */
  async follow(reply: Promise<unknown>): Promise<void> {
    this.#underWay++;
    try {
      await reply;
    } catch {
      // Whoever has asked is told.
    }
    this.#underWay--;
    if (!this.#isHeld) return;
    this.#isHeld = false;
    await this.#turns.others();
    this.#serve();
  }

  /** Calls back, later, when it is the caller's turn. */
  wait(onTurn: () => void): void {
    (this.#waiting ??= new Set()).add(onTurn);
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#serve();
  }

  /** Whoever waits with this callback waits no longer. */
  forget(onTurn: () => void): void {
    if (!this.#waiting?.delete(onTurn) || this.#waiting.size > 0) return;
    if (this.#timer === undefined) return; // the turn's end will find nobody
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isBusy = false;
  }

  readonly #serve = (): void => {
    this.#timer = undefined;
    const [next] = this.#waiting!;
    if (next === undefined) {
      this.#isBusy = false;
      return;
    }
    if (this.#underWay >= MAX_UNDER_WAY) {
      this.#isHeld = true;
      return;
    }
    const ms = this.#bucket?.debtMs ?? 0;
    if (ms > 0) {
      this.#timer = this.#clock.setTimeout(this.#serve, Math.max(MIN_PAUSE_MS, ms));
      return;
    }
    this.#waiting!.delete(next);
    next();
    // What it asks is served, and paid for, before the turn is over; or it is under way then.
    this.#turns.others().then(this.#serve);
  };
}

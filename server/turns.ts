/**
 * Fair shares of the event loop, and few system calls.
 *
 * @module
 */

import { setImmediate } from "node:timers";

import { type Clock, systemClock, type Timer } from "../common/clock.ts";
import { Doorbell } from "./doorbell.ts";

/** What {@linkcode Turns} goes by; for tests. */
export interface TurnsOptions {
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
  /**
   * Calls back when all that is ready to run has run.
   *
   * @default {setImmediate}
   */
  afterReady?: (callback: () => void) => void;
  /**
   * Resolves after the runtime has looked at all sockets anew.
   *
   * @default {a {@linkcode Doorbell}}
   */
  nextLook?: () => Promise<unknown>;
}

/**
 * So many connections served in one turn may be read again at once. One look at the sockets completes 128
 * operations (the budget of Tokio, the runtime beneath Deno); whoever is beyond that is deferred *behind*
 * what becomes ready meanwhile. As long as half of the budget is left over, nobody is.
 */
const FEW = 64;

/** After so many looks at the sockets without a line, nobody is waiting: one may be used up by writes. */
const SILENT_LOOKS = 2;

/** From so many connections served in a turn on, the next turn is near, and an answer may wait for it. */
const BUSY = 16;

/**
 * Who had so many bytes to say at once is not read again before everybody else had a turn: a read that finds
 * bytes is completed without a look at the other sockets, so one that floods would be read again and again.
 */
const MANY_BYTES = 8_192;

/** What waits for a next turn that does not come is written after this. */
const PATIENCE_MS = 2;

/**
 * The turns of an event loop, shared by all connections of a server. In a turn the lines that have come are
 * served and answered; at its end, all that was queued meanwhile is written.
 *
 * Guarantees:
 * 1. When more than {@linkcode FEW} connections are busy, they are served in rounds: none is read again
 *    before every one that had something to say has been read. (Without rounds, of 1000 busy connections 128
 *    are served all the time and the others wait for up to a second: p99 140 times p50, now 2 times.)
 * 2. What is queued in one turn for one connection leaves in one write. An answer alone may wait for the next
 *    turn while the server is busy, at most {@linkcode PATIENCE_MS}: it then leaves together with the next
 *    answer or message for that connection, which saves a write in four (with 50 busy pairs, a quarter of the
 *    time that a message takes).
 */
export class Turns implements Disposable {
  readonly #clock: Clock;
  readonly #afterReady: (callback: () => void) => void;
  readonly #nextLook: () => Promise<unknown>;
  readonly #doorbell = new Doorbell();
  /** To be called at the end of this turn. */
  #urgent: (() => void)[] = [];
  /** To be called at the end of this turn, or of the next if this one is busy. */
  #patient: (() => void)[] = [];
  /** Has waited since the turn before. */
  #overdue: (() => void)[] = [];
  /** Who has been read in this round and waits for the next. */
  #held: (() => void)[] = [];
  #servedInTurn = 0;
  #servedEver = 0;
  #isEnding = false;
  #timer: Timer | undefined;

  /** Makes the turns of an event loop; see {@linkcode TurnsOptions}. */
  constructor(options: TurnsOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#afterReady = options.afterReady ?? setImmediate;
    this.#nextLook = options.nextLook ?? (() => this.#doorbell.ring());
  }

  /** Calls `flush` at the end of this turn, or, if it is not urgent and the server is busy, of the next. */
  schedule(flush: () => void, isUrgent: boolean): void {
    (isUrgent ? this.#urgent : this.#patient).push(flush);
    this.#begin();
  }

  /**
   * Says that a connection has been served and is about to be read again.
   *
   * @param count How many bytes it had to say.
   * @returns `undefined` if it may be at once, else what to wait for: the next round.
   */
  served(count = 0): Promise<void> | undefined {
    this.#begin();
    this.#servedEver++;
    const isFew = ++this.#servedInTurn <= FEW && count < MANY_BYTES;
    if (isFew && this.#held.length === 0) return undefined;
    if (this.#held.length === 0) this.#runRound();
    return new Promise((resolve) => this.#held.push(resolve));
  }

  /** Waits until nobody is left who has something to say, and lets everybody speak again. */
  async #runRound(): Promise<void> {
    for (let silent = 0, seen = this.#servedEver; silent < SILENT_LOOKS; silent++) {
      await this.#nextLook();
      if (this.#servedEver === seen) continue;
      seen = this.#servedEver;
      silent = -1;
    }
    for (const resume of this.#held.splice(0)) resume();
  }

  /** Closes what it opened. What is scheduled still happens. */
  [Symbol.dispose](): void {
    this.#doorbell[Symbol.dispose]();
  }

  #begin(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#afterReady(() => this.#end());
  }

  #end(): void {
    this.#isEnding = false;
    const isBusy = this.#servedInTurn >= BUSY;
    this.#servedInTurn = 0;
    const due = isBusy
      ? [...this.#urgent, ...this.#overdue]
      : [...this.#urgent, ...this.#overdue, ...this.#patient];
    this.#overdue = isBusy ? this.#patient : [];
    this.#urgent = [];
    this.#patient = [];
    for (const flush of due) flush();
    if (this.#overdue.length > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#flushOverdue(), PATIENCE_MS);
    }
  }

  #flushOverdue(): void {
    this.#timer = undefined;
    for (const flush of this.#overdue.splice(0)) flush();
  }
}

/**
 * Fair shares of the event loop, and few system calls.
 *
 * @module
 */

import { setImmediate } from "node:timers";

import { type Clock, systemClock, unixSeconds } from "../../common/clock.ts";
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
  /** Called at the end of each turn, when what was queued in it has been handed to the system. */
  onEnd?: (() => void) | undefined;
}

/** Writes per look at the sockets: those of large rooms take some ten microseconds each, and others have something to say. */
const WRITES = 256;

/** With this many connections served in a turn, the next turn is near, and answers may wait for it. */
const BUSY = 16;

/**
 * A connection that brought this many bytes in one read is not read again before everybody else: a read that finds
 * bytes completes without a look at the other sockets, so one that floods would be read again and again.
 */
const MANY_BYTES = 8_192;

/**
 * Bytes of long answers that are enough for one turn: to make and to encode 64 KiB takes up to 0.4 ms, and dozens of
 * connections may ask for ten times that at once.
 */
const MUCH_WORK = 65_536;

/**
 * An answer waits at most this, however busy the server is: as long as a thousand pairs who are busy take for a message
 * each, so that answers to two leave together. TCP's own acknowledgements wait for the same reason, with Linux 40 to
 * 200 ms (RFC 1122, 4.2.3.2, allows up to half a second).
 */
const PATIENCE_MS = 80;

/** An answer that waits. */
interface Waiting {
  readonly flush: () => void;
  /** When it was given, by the monotonic clock. */
  readonly since: number;
}

/**
 * The turns of an event loop, shared by all connections of a server. In a turn the lines that have come are
 * served and answered; at its end, what was queued meanwhile is written. When there is more to do than one look
 * at the sockets is good for, each further turn begins with a new look.
 *
 * Guarantees:
 * 1. A connection with much to say is not read again before every one that has something to say has been read.
 * 2. What is queued in one turn for one connection leaves in one write, messages before answers.
 * 3. An answer waits while {@linkcode BUSY} or more connections keep the server busy, at most
 *    {@linkcode PATIENCE_MS}, and leaves in one write with the next ones to that connection. When the server has
 *    little to do it goes at once: a client that sends on only after the answer is not held up.
 * 4. At most {@linkcode WRITES} writes are made per look at the sockets, the oldest first; answers have half of them, if
 *    there are so many.
 * 5. After long answers of {@linkcode MUCH_WORK} bytes in all, {@linkcode Turns.hasWorked} until the turn is over.
 */
export class Turns implements Disposable {
  readonly #clock: Clock;
  readonly #afterReady: (callback: () => void) => void;
  readonly #nextLook: () => Promise<unknown>;
  readonly #onEnd: (() => void) | undefined;
  readonly #doorbell = new Doorbell();
  /** Writes of messages. */
  #urgent: (() => void)[] = [];
  /** Writes of answers, the oldest first. */
  #answers: Waiting[] = [];
  /** How many of them, from the oldest, are due. */
  #due = 0;
  /** Who has been read and waits for the others. */
  #held: (() => void)[] = [];
  /** Connections that were served in this turn. */
  #served = 0;
  /** Bytes of long answers in this turn. */
  #workBytes = 0;
  /** The end of the turn is certain to come. */
  #isEnding = false;
  #nowMs: number | undefined;
  #nowSeconds: number | undefined;

  /** Makes the turns of an event loop; see {@linkcode TurnsOptions}. */
  constructor(options: TurnsOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#afterReady = options.afterReady ?? setImmediate;
    this.#onEnd = options.onEnd;
    this.#nextLook = options.nextLook ?? (() => this.#doorbell.ring());
  }

  /** Monotonic milliseconds at the beginning of this turn: the system is asked once, not for each line and frame. */
  get nowMs(): number {
    this.#begin();
    return this.#nowMs ??= this.#clock.monotonicMs();
  }

  /** Unix seconds at the beginning of this turn. */
  get nowSeconds(): number {
    this.#begin();
    return this.#nowSeconds ??= unixSeconds(this.#clock);
  }

  /** Whether a request for another long answer has to wait for a further turn. */
  get hasWorked(): boolean {
    return this.#workBytes >= MUCH_WORK;
  }

  /** A long answer of so many bytes was given. */
  worked(bytes: number): void {
    this.#workBytes += bytes;
    this.#begin();
  }

  /** Calls `flush` at the end of this turn, or, if it is not urgent and the server is busy, of a later one. */
  schedule(flush: () => void, isUrgent: boolean): void {
    if (isUrgent) this.#urgent.push(flush);
    else this.#answers.push({ flush, since: this.nowMs });
    this.#begin();
  }

  /**
   * Says that a connection has been served and is about to be read again.
   *
   * @param count How many bytes it had to say, at least.
   * @returns `undefined` if it may be at once, else what to wait for: until all others have been read.
   */
  served(count = 0): Promise<void> | undefined {
    this.#begin();
    this.#served++;
    return count < MANY_BYTES ? undefined : this.others();
  }

  /** Waits until all others that have something to say have been read. */
  others(): Promise<void> {
    this.#begin();
    return new Promise((resolve) => this.#held.push(resolve));
  }

  /** Closes what it opened. What is scheduled still happens. */
  [Symbol.dispose](): void {
    this.#doorbell[Symbol.dispose]();
  }

  #begin(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#afterReady(this.#end);
  }

  readonly #end = (): void => {
    const isBusy = this.#served + this.#urgent.length + this.#held.length >= BUSY;
    this.#served = this.#workBytes = 0;
    if (isBusy) this.#countDue();
    else this.#due = this.#answers.length;
    // Half is for answers that are due: where large rooms are busy, there are messages to write in every turn.
    const share = Math.max(WRITES - this.#urgent.length, WRITES >> 1);
    const answers = this.#answers.splice(0, Math.min(share, this.#due));
    this.#due -= answers.length;
    const urgent = this.#urgent.splice(0, WRITES - answers.length);
    this.#nowMs = this.#nowSeconds = undefined;

    for (const flush of urgent) attempt(flush);
    for (const { flush } of answers) attempt(flush);
    this.#onEnd?.();
    const held = this.#held.splice(0);
    for (const resume of held) resume();
    const isMore = held.length + this.#urgent.length + this.#answers.length > 0;
    if (isMore) this.#look();
    else this.#isEnding = false;
  };

  #countDue(): void {
    const latest = this.nowMs - PATIENCE_MS;
    while (this.#due < this.#answers.length && this.#answers[this.#due]!.since <= latest) {
      this.#due++;
    }
  }

  async #look(): Promise<void> {
    await this.#nextLook();
    this.#afterReady(this.#end);
  }
}

/** A fault in writing to one connection must not keep the others waiting. */
function attempt(flush: () => void): void {
  try {
    flush();
  } catch (error) {
    reportError(error);
  }
}

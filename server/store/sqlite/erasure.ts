import { setImmediate } from "node:timers";
import type { DatabaseSync } from "node:sqlite";

import type { Clock } from "../../../common/clock.ts";
import { isLocked, toStoreError } from "../sqlite_errors.ts";
import type { StoreError } from "../store.ts";

/** Milliseconds for which somebody waits. */
const PATIENCE_MS = 5_000;
/** Milliseconds between two attempts as long as somebody waits and others are in the way. */
const RETRY_MS = 30;
/** The same when nobody waits, or the disk fails: each failure is told. */
const SLOW_RETRY_MS = 1_000;
/** Milliseconds between two erasures: each syncs both files, and nothing is written meanwhile. */
const PAUSE_MS = 50;

/** What an {@linkcode Erasure} is told. */
export interface ErasureOptions {
  /** Empties the log ({@linkcode tryTruncateLog}), as soon as nobody writes. Resolves with `false` if others are in the way. */
  readonly attempt: () => Promise<boolean>;
  /** Measures time. */
  readonly clock: Clock;
  /** Called when the disk fails; it is tried again. */
  readonly onFault: (error: StoreError) => void;
}

/** Somebody who waits. */
interface Waiting {
  readonly deadline: number;
  readonly resolve: (isDone: boolean) => void;
}

/**
 * Empties the write-ahead log. A page that was changed is in the log in every version that it had, so what was deleted
 * is gone only when the log has been copied into the database and cut off (sqlite.org/pragma.html#pragma_wal_checkpoint,
 * TRUNCATE). That fails as long as another connection reads an older version.
 *
 * Guarantees:
 * 1. What was committed before a call is covered by the attempt that ends its wait.
 * 2. All who wait share one attempt; there are at most twenty a second.
 * 3. What was asked for is tried until it is done, also when nobody waits for it any more.
 */
export class Erasure {
  readonly #options: ErasureOptions;
  #waiting: Waiting[] = [];
  #isOwed = false;
  #running: Promise<void> | undefined;
  /** Ends the pause that is under way. */
  #wake: (() => void) | undefined;
  #pauseMs = 0;
  #last = -Infinity;
  #isClosed = false;

  /** Begins nothing yet. */
  constructor(options: ErasureOptions) {
    this.#options = options;
  }

  /** See `Store.erase`. */
  finish(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    const deadline = this.#now() + PATIENCE_MS;
    return new Promise((resolve) => {
      this.#waiting.push({ deadline, resolve });
      this.#isOwed = true;
      if (this.#pauseMs > PAUSE_MS) this.#wake?.();
      this.#running ??= this.#run();
    });
  }

  /** Tries for the last time. Whoever closes the last connection to a file empties its log in any case. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isOwed) {
      await this.#pause(this.#last + PAUSE_MS - this.#now());
      const covered = this.#waiting;
      this.#waiting = [];
      const outcome = await this.#attempt();
      this.#last = this.#now();
      this.#waiting = [...this.#settle(covered, outcome === "done"), ...this.#waiting];
      if (outcome === "done") this.#isOwed = this.#waiting.length > 0;
      else if (this.#isClosed) this.#isOwed = false;
      else {
        const isWorthIt = outcome === "busy" && this.#waiting.length > 0;
        await this.#pause(isWorthIt ? RETRY_MS : SLOW_RETRY_MS);
      }
    }
    this.#settle(this.#waiting.splice(0), false); // who came during the last attempt
    this.#running = undefined;
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  /** Lets others have a turn, and waits unless there is a reason not to. */
  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (ms <= 0 || this.#isClosed) return;
    const { clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimeout(resolve, ms);
    [this.#wake, this.#pauseMs] = [resolve, ms];
    await promise;
    [this.#wake, this.#pauseMs] = [undefined, 0];
    clock.clearTimeout(timer);
  }

  /** Ends the waits that are over, and gives the others. */
  #settle(covered: readonly Waiting[], isDone: boolean): Waiting[] {
    const now = this.#now();
    const isOver = ({ deadline }: Waiting): boolean => isDone || this.#isClosed || deadline <= now;
    for (const { resolve } of covered.filter(isOver)) resolve(isDone);
    return covered.filter((waiting) => !isOver(waiting));
  }

  async #attempt(): Promise<"done" | "busy" | "failed"> {
    try {
      return await this.#options.attempt() ? "done" : "busy";
    } catch (error) {
      this.#options.onFault(toStoreError(error));
      return "failed";
    }
  }
}

/**
 * Copies the write-ahead log into the database and cuts it off, waiting for locks as the connection does.
 *
 * @returns `false` if another connection is in the way.
 */
export function truncateLog(db: DatabaseSync): boolean {
  try {
    return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  } catch (error) {
    if (isLocked(error)) return false;
    throw error;
  }
}

/** As {@linkcode truncateLog}, but waiting for nobody. */
export function tryTruncateLog(db: DatabaseSync): boolean {
  const { timeout } = db.prepare("PRAGMA busy_timeout").get()!;
  db.exec("PRAGMA busy_timeout = 0");
  try {
    return truncateLog(db);
  } finally {
    db.exec(`PRAGMA busy_timeout = ${timeout}`);
  }
}

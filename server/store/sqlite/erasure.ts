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
/** Milliseconds between two erasures: each syncs both files, while the event loop stands still. */
const PAUSE_MS = 50;

/** What an {@linkcode Erasure} is told. */
export interface ErasureOptions {
  /** Whether there are files at all. */
  readonly hasFiles: boolean;
  /** Milliseconds for which it waits at one lock, to be set again after each attempt. */
  readonly busyTimeoutMs: number;
  /** Measures time. */
  readonly clock: Clock;
  /** Called before each attempt, to end a transaction of this connection that reads: it would be in the way. */
  readonly endReading: () => void;
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
 * 3. Nothing blocks but the attempt itself, which waits for no lock.
 * 4. What was asked for is tried until it is done, also when nobody waits for it any more.
 */
export class Erasure {
  readonly #db: DatabaseSync;
  readonly #options: ErasureOptions;
  #waiting: Waiting[] = [];
  #isOwed = false;
  #running: Promise<void> | undefined;
  /** Ends the pause that is under way. */
  #wake: (() => void) | undefined;
  #pauseMs = 0;
  #last = -Infinity;
  #isClosed = false;

  /** Takes a writable connection, which stays the caller's. */
  constructor(db: DatabaseSync, options: ErasureOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** See `Store.erase`. */
  finish(): Promise<boolean> {
    if (!this.#options.hasFiles) return Promise.resolve(true);
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
      const outcome = this.#attempt();
      this.#last = this.#now();
      this.#settle(outcome === "done");
      if (outcome === "done") this.#isOwed = false;
      else if (this.#isClosed) break;
      else {
        const isWorthIt = outcome === "busy" && this.#waiting.length > 0;
        await this.#pause(isWorthIt ? RETRY_MS : SLOW_RETRY_MS);
      }
    }
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

  #settle(isDone: boolean): void {
    const now = this.#now();
    const isOver = ({ deadline }: Waiting): boolean => isDone || this.#isClosed || deadline <= now;
    const over = this.#waiting.filter(isOver);
    this.#waiting = this.#waiting.filter((waiting) => !isOver(waiting));
    for (const { resolve } of over) resolve(isDone);
  }

  #attempt(): "done" | "busy" | "failed" {
    const { busyTimeoutMs, endReading, onFault } = this.#options;
    try {
      endReading();
      this.#db.exec("PRAGMA busy_timeout = 0");
      try {
        return truncateLog(this.#db) ? "done" : "busy";
      } finally {
        this.#db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      }
    } catch (error) {
      onFault(toStoreError(error));
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

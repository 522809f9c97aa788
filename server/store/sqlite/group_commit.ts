import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";

import type { Clock } from "../../../common/clock.ts";
import { isLocked, toStoreError } from "../sqlite_errors.ts";
import { StoreError, StoreFullError } from "../store.ts";
import { inTransaction } from "../transaction.ts";

/** Writes of one transaction at most, so that requests wait for it only briefly. */
const MAX_BATCH = 1_000;
/** Milliseconds that SQLite waits for a lock while the event loop stands still; an administrator's command is quicker. */
export const LOCK_BUSY_MS = 20;
/** Milliseconds between two such waits, in which the event loop serves everybody who stores nothing. */
const LOCK_RETRY_MS = 30;

/** What a {@linkcode GroupCommit} is told. */
export interface GroupCommitOptions {
  /** Milliseconds that each write waits while another program holds the file. */
  readonly lockTimeoutMs: number;
  /** Measures them. */
  readonly clock: Clock;
  /** Told how many milliseconds each transaction took, with its wait for the file's lock, whether or not it was committed. */
  readonly durations?: { observe(ms: number): void };
  /** Called before each commit and before each work aside; what it throws is why nothing is written. */
  readonly check?: () => void;
  /** Called in each transaction, behind all of its writes. */
  readonly beforeCommit: () => void;
  /** Called after each transaction that was committed. */
  readonly onCommit: () => void;
  /** Called after each that was begun and not committed. */
  readonly onRollback: () => void;
}

/** A write, and the promise of its result. */
interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * All writes to the database, and reads that many requests of one turn do.
 *
 * Guarantees:
 * 1. Writes that gather in one turn of the event loop are one transaction, in the order of the calls; each promise
 *    resolves after that transaction is on disk.
 * 2. If a transaction fails, none of its writes was done and each of their promises rejects.
 * 3. What another connection writes by way of {@linkcode GroupCommit.aside} meets no transaction of this one that
 *    writes: neither waits for SQLite's lock, and the event loop goes on meanwhile.
 * 4. No transaction that reads outlasts its turn, or the beginning of what writes next.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #options: GroupCommitOptions;
  #queue: Waiting[] = [];
  /** What is to be done between two transactions, and behind how many writes. */
  #asides: { readonly behind: number; readonly run: () => Promise<void> }[] = [];
  /** Writes that were given so far, and how many of them were in a transaction. */
  #given = 0;
  #done = 0;
  /** Who waits for a moment in which nothing is to be written, and for how many transactions at most. */
  #lulls: { transactions: number; readonly resolve: () => void }[] = [];
  /** The commit that is scheduled or under way. */
  #committing: Promise<void> | undefined;
  #isClosed = false;
  #isLooking = false;

  /** Takes a writable connection outside a transaction, which stays the caller's. */
  constructor(db: DatabaseSync, options: GroupCommitOptions) {
    this.#db = db;
    this.#options = options;
    db.exec(`PRAGMA busy_timeout = ${LOCK_BUSY_MS}`);
  }

  /** Whether nothing can be read or written any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether nothing waits to be written. */
  get isIdle(): boolean {
    return this.#committing === undefined;
  }

  /**
   * Does work in the next transaction.
   *
   * @param work Changes nothing but the database, or what `onRollback` corrects. A {@linkcode StoreFullError} that it throws before it has changed
   * anything rejects its own promise only.
   */
  write<T>(work: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreError("Database is closed"));
    this.#given++;
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (result: unknown) => void, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  /**
   * Reads at once. All reads of a turn are one transaction: to take the file's lock and let go of it costs as much as
   * to look something up by an index.
   *
   * @param query Changes nothing.
   */
  look<T>(query: () => T): T {
    if (!this.#isLooking) {
      this.#db.exec("BEGIN");
      this.#isLooking = true;
      setImmediate(() => this.endLook());
    }
    return query();
  }

  /** Ends the transaction that reads, if there is one. */
  endLook(): void {
    if (!this.#isLooking) return;
    this.#isLooking = false;
    if (this.#db.isTransaction) this.#db.exec("COMMIT"); // an error may have ended it
  }

  /**
   * Waits for a moment in which nothing is to be written.
   *
   * @param transactions How many more transactions to wait for at most.
   */
  lull(transactions: number): Promise<void> {
    if (this.#committing === undefined || transactions <= 0) return Promise.resolve();
    return new Promise((resolve) => this.#lulls.push({ transactions, resolve }));
  }

  /**
   * Lets somebody else write to the database, as soon as all is written that was given before. What is given to
   * {@linkcode GroupCommit.write} meanwhile waits for the end of it, so it has to be short. Between two of them there
   * is a transaction, if anything is to be written.
   *
   * @param task Its promise settles when the other connection has no transaction any more.
   * @returns What the task gives.
   * @throws {StoreError} If the database is closed, or the check says that nothing may be written.
   */
  aside<T>(task: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreError("Database is closed"));
    return new Promise<T>((resolve, reject) => {
      const checked = (): Promise<T> => {
        this.#options.check?.();
        return task();
      };
      const run = (): Promise<void> => Promise.try(checked).then(resolve, reject);
      this.#asides.push({ behind: this.#given, run });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Takes no more; resolves when all that was taken is on disk. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#committing;
    this.endLook();
  }

  async #commitAll(): Promise<void> {
    while (this.#queue.length > 0 || this.#asides.length > 0) {
      const [aside] = this.#asides;
      if (aside !== undefined && aside.behind <= this.#done) {
        this.#asides.shift();
        this.endLook();
        await aside.run();
        this.#options.onCommit(); // whatever it was, the file is another one
      }
      if (this.#queue.length === 0) continue;
      // The end of the turn: what all connections have brought by then goes into the same transaction.
      await new Promise<void>((resolve) => setImmediate(resolve));
      const batch = this.#queue.splice(0, MAX_BATCH);
      const { durations, clock } = this.#options;
      const begun = durations && clock.monotonicMs();
      this.#done += batch.length;
      try {
        for (const [index, result] of (await this.#apply(batch)).entries()) {
          const { resolve, reject } = batch[index]!;
          if (result instanceof StoreFullError) reject(result);
          else resolve(result);
        }
        this.#options.onCommit();
      } catch (error) {
        const fault = toStoreError(error);
        for (const { reject } of batch) reject(fault);
      }
      if (begun !== undefined) durations!.observe(clock.monotonicMs() - begun);
      this.#endLulls((lull) => --lull.transactions <= 0);
    }
    this.#committing = undefined;
    this.#endLulls(() => true);
  }

  #endLulls(isOver: (lull: { transactions: number }) => boolean): void {
    if (this.#lulls.length === 0) return;
    this.#lulls = this.#lulls.filter((lull) => {
      const ends = isOver(lull);
      if (ends) lull.resolve();
      return !ends;
    });
  }

  /** Waits for a lock, and lets everybody who stores nothing be served meanwhile. */
  async #apply(batch: readonly Waiting[]): Promise<unknown[]> {
    const { clock, lockTimeoutMs } = this.#options;
    const deadline = clock.monotonicMs() + lockTimeoutMs;
    for (;;) {
      let hasBegun = false;
      try {
        this.endLook();
        return inTransaction(this.#db, () => {
          hasBegun = true;
          const results = batch.map(resultOf);
          this.#options.check?.();
          this.#options.beforeCommit();
          return results;
        });
      } catch (error) {
        if (hasBegun) this.#options.onRollback();
        if (!isLocked(error) || clock.monotonicMs() >= deadline) throw error;
        await new Promise<void>((resolve) => clock.setTimeout(resolve, LOCK_RETRY_MS));
      }
    }
  }
}

function resultOf({ work }: Waiting): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof StoreFullError) return error;
    throw error;
  }
}

/**
 * The log of operations that all nodes share.
 *
 * @module
 */

import { StoreError } from "../store/store.ts";
import type { Lifetime, Operation } from "./operation.ts";

/** An operation where it stands in the log. */
export interface Entry {
  /** Its number, from 1 on; rises, with gaps where entries were erased or forgotten. */
  readonly seq: number;
  /** What its node called it; no two entries have the same. */
  readonly id: string;
  /** What is done. */
  readonly operation: Operation;
}

/**
 * The log. All nodes see the same entries under the same numbers.
 *
 * Guarantees:
 * 1. An entry that was appended, once {@linkcode OperationLog.append} has resolved, is there for good: the death of a
 *    process loses none.
 * 2. Appending with the same id twice within ten minutes appends one.
 * 3. {@linkcode OperationLog.follow} gives each entry once, in the order of the numbers, whatever breaks meanwhile.
 */
export interface OperationLog extends AsyncDisposable {
  /**
   * Appends an operation. What one node appends, stands in the log in the order of the calls, but for what was tried again.
   *
   * @param id Names it: at most 64 characters.
   * @returns Its number.
   * @throws {UnavailableError} If it is not known within 10 s to be there; it may come to be there all the same.
   */
  append(id: string, operation: Operation): Promise<number>;

  /**
   * The number of the newest entry: one that was appended by anybody before the call has at most that.
   *
   * @throws {UnavailableError} If that is not known within 10 s.
   */
  last(): Promise<number>;

  /**
   * Gives all entries behind a number, those that are there and those that come. To be called once.
   *
   * @param after 0 for all.
   * @param onEntry The next one is given when it is through: at once if it returns nothing. It must not throw.
   * @param onPassed Called where the newest entries were erased or forgotten before they came here: there is no entry any
   * more up to that number. Whoever waits for what `last` says, waits for this, too. It is no position to follow from
   * after a restart; that is the number of the newest entry that was given.
   */
  follow(
    after: number,
    onEntry: (entry: Entry) => void | Promise<void>,
    onPassed?: (seq: number) => void,
  ): void;

  /**
   * Takes entries out of the log, and overwrites what they were where the log is stored. Resolves when that is done.
   *
   * @throws {UnavailableError} If it is not known within 10 s to be done.
   */
  erase(seqs: readonly number[]): Promise<void>;

  /** Takes the entries of a lifetime that are older than a time out of the log. */
  forget(lifetime: Lifetime, before: Date): Promise<void>;
}

/** The other nodes, or a majority of what keeps the log, cannot be reached at the moment. It may be done all the same. */
export class UnavailableError extends StoreError {
  /** The name of the class, for logs. */
  override readonly name: string = "UnavailableError";
}

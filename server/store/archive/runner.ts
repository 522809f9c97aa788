/**
 * Where an {@linkcode Archive} works, and what is said between the threads.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";

import { toStoreError } from "../sqlite_errors.ts";
import { StoreError } from "../store.ts";
import { Archive } from "./archive.ts";
import type { LAST_WORDS } from "./last_words.ts";

/** What an archive can be asked for. */
export const ARCHIVE_CALLS = [
  "listMessages",
  "listConversations",
  "findRange",
  "findHits",
  "readHits",
  "indexSome",
  "mergeSome",
  "forgetSome",
  "changeSome",
  "removeSome",
  "emptyLog",
] as const;

/** One of {@linkcode ARCHIVE_CALLS}. */
export type ArchiveCall = typeof ARCHIVE_CALLS[number];

/** What one of them takes. */
export type CallArguments<Call extends ArchiveCall> = Parameters<Archive[Call]>;

/** What one of them gives. */
export type CallResult<Call extends ArchiveCall> = ReturnType<Archive[Call]>;

/** What one of them gave. */
export interface Done<Call extends ArchiveCall> {
  /** The result. */
  readonly value: CallResult<Call>;
  /** Milliseconds that it took. */
  readonly ms: number;
}

/** A call on its way to the other thread; `"start"` and `"open"` may be the first, `"close"` is the last. */
export type CallMessage =
  | "start"
  | "open"
  | { readonly call: ArchiveCall; readonly args: readonly unknown[] }
  | "close";

/** The answer to one: `fault` is a sentence without anybody's texts. */
export type ReplyMessage =
  | { readonly value: unknown; readonly ms: number }
  | { readonly fault: string }
  | typeof LAST_WORDS
  | "started"
  | "opened"
  | "closed";

/** Somewhere where an archive works. */
export interface ArchiveRunner {
  /** Whether {@linkcode ArchiveRunner.open} has nothing to do. */
  readonly isOpen: boolean;

  /**
   * Does what {@linkcode ArchiveRunner.open} would have to do first, without the database.
   *
   * @throws {StoreError} If the thread does not start.
   */
  start(): Promise<void>;

  /**
   * Makes it ready, so that the next call takes only its own time. At once if it is. The database is written to.
   *
   * @throws {StoreError} As {@linkcode ArchiveRunner.ask} does.
   */
  open(): Promise<void>;

  /**
   * Calls the archive. One call at a time: the next one when this has settled.
   *
   * @throws {StoreError} If the engine fails, or the thread: nothing was changed then.
   */
  ask<Call extends ArchiveCall>(call: Call, ...args: CallArguments<Call>): Promise<Done<Call>>;

  /** Ends it, when nothing is asked any more. */
  close(): Promise<void>;
}

/** Calls an archive and measures that. */
export function perform<Call extends ArchiveCall>(
  archive: Archive,
  call: Call,
  args: readonly unknown[],
): Done<Call> {
  const start = performance.now();
  const method = archive[call] as (...args: readonly unknown[]) => CallResult<Call>;
  const value = method.apply(archive, args as unknown[]);
  return { value, ms: performance.now() - start };
}

/** An archive on the caller's own thread and connection: for a database in memory, which has only one. */
export class InlineRunner implements ArchiveRunner {
  readonly #archive: Archive;
  readonly #endLook: () => void;
  #isClosed = false;

  /**
   * Works on an open connection, which stays the caller's.
   *
   * @param endLook Ends the transaction that reads, if the connection is in one: see `GroupCommit.look`.
   */
  constructor(db: DatabaseSync, endLook: () => void = () => {}) {
    this.#archive = new Archive(db);
    this.#endLook = endLook;
  }

  /** See {@linkcode ArchiveRunner.isOpen}. */
  get isOpen(): boolean {
    return true;
  }

  /** See {@linkcode ArchiveRunner.start}. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  /** See {@linkcode ArchiveRunner.open}. */
  open(): Promise<void> {
    return Promise.resolve();
  }

  /** See {@linkcode ArchiveRunner.ask}. */
  async ask<Call extends ArchiveCall>(
    call: Call,
    ...args: CallArguments<Call>
  ): Promise<Done<Call>> {
    // Everybody else has a turn between two calls.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.#isClosed) throw new StoreError("Database is closed");
    try {
      this.#endLook(); // somebody may have looked since the turn began
      return perform(this.#archive, call, args);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** See {@linkcode ArchiveRunner.close}. */
  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}

/**
 * The size that the operator allows the database.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";

import { IN_MEMORY, LOG_SIZE_LIMIT } from "./sqlite_file.ts";
import { StoreFullError } from "./store.ts";

/**
 * With less room than this the database is full for everything, so that no name slips in where a message was refused:
 * as much as a message of the default length can take.
 */
const MIN_ROOM_BYTES = 32_768;
/** "Room again" is said when a sixteenth is free, so that one letter that comes and goes fills no log. */
const ROOM_AGAIN = 15 / 16;

/** What a {@linkcode SizeLimit} is told. */
export interface SizeLimitOptions {
  /** The database file, or {@linkcode IN_MEMORY}. */
  readonly path: string;
  /** Bytes; 0 is no limit. */
  readonly maxBytes: number;
  /** Called when something is refused for the first time, and when there is room again. */
  readonly onChange: (isFull: boolean) => void;
}

/**
 * Says whether the database may grow.
 *
 * What counts are the pages in use, of the transaction under way, too: a page that was emptied is used again before
 * the file grows, so deleting makes room at once although no file shrinks. The write-ahead log counts with what it
 * has beyond its usual size, since it grows without bound only while another program holds a transaction open.
 */
export class SizeLimit {
  readonly #options: SizeLimitOptions;
  readonly #pages: StatementSync;
  readonly #freePages: StatementSync;
  readonly #pageSize: number;
  #logBytes = 0;
  #isFull = false;

  /** Prepares the statements on an open connection, which stays the caller's. */
  constructor(db: DatabaseSync, options: SizeLimitOptions) {
    this.#options = options;
    this.#pages = db.prepare("PRAGMA page_count");
    this.#freePages = db.prepare("PRAGMA freelist_count");
    this.#pageSize = db.prepare("PRAGMA page_size").get()?.page_size as number;
    this.#look();
  }

  /** Bytes by which the database may grow, perhaps less than none; `Infinity` without a limit. */
  get room(): number {
    const { maxBytes } = this.#options;
    return maxBytes === 0 ? Infinity : maxBytes - this.#used();
  }

  /** Whether something may be stored: a row, with a text of so many bytes. */
  admits(bytes = 0): boolean {
    if (fits(bytes, this.room)) return true;
    this.refused();
    return false;
  }

  /** Something was not stored, since it did not {@linkcode fits|fit}. */
  refused(): void {
    if (!this.#isFull) this.#options.onChange(this.#isFull = true);
  }

  /**
   * Makes sure that something may be stored: see {@linkcode SizeLimit.admits}.
   *
   * @throws {StoreFullError} If not.
   */
  check(bytes = 0): void {
    if (!this.admits(bytes)) throw fullError();
  }

  /** A transaction is over: perhaps there is room again. */
  committed(): void {
    const { maxBytes, onChange } = this.#options;
    if (maxBytes === 0) return;
    this.#look();
    if (this.#isFull && this.#used() <= maxBytes * ROOM_AGAIN) onChange(this.#isFull = false);
  }

  #used(): number {
    const pages = this.#pages.get()?.page_count as number;
    const freePages = this.#freePages.get()?.freelist_count as number;
    return (pages - freePages) * this.#pageSize + this.#logBytes;
  }

  /** Looks how large the log is: a system call, so once for a transaction. */
  #look(): void {
    const { path, maxBytes } = this.#options;
    if (maxBytes === 0 || path === IN_MEMORY) return;
    try {
      this.#logBytes = Math.max(0, Deno.statSync(`${path}-wal`).size - LOG_SIZE_LIMIT);
    } catch {
      this.#logBytes = 0; // there is none yet
    }
  }
}

/** Whether a row with a text of so many bytes may be stored where there is so much room. */
export function fits(bytes: number, room: number): boolean {
  return Math.max(bytes, MIN_ROOM_BYTES) <= room;
}

/** Why something is not stored where it does not fit. */
export function fullError(): StoreFullError {
  return new StoreFullError("The database has the size that --max-db allows");
}

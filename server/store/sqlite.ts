/**
 * The embedded store: one SQLite file, through `node:sqlite`, nothing to install or to run beside the server.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";

import { type Clock, systemClock, type Timer } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { type Log, silentLog } from "../../common/log.ts";
import { logCalls } from "../../logs/calls/log_calls.ts";
import { MAILBOX_LIMITS, type Shares } from "./mailbox_limits.ts";
import { RoomTable, type RoomWriteResult } from "./room_table.ts";
import { SizeLimit } from "./size_limit.ts";
import { SqliteReader, SqliteWriter, type Write, type WriteResult } from "./sqlite_engine.ts";
import { isLocked, toStartError, toStoreError } from "./sqlite_errors.ts";
import { openDatabase } from "./sqlite_file.ts";
import { SqliteRooms } from "./sqlite_rooms.ts";
import {
  type Account,
  type AccountChange,
  type Letter,
  type NameStatus,
  type Store,
  type StoredLetter,
  StoreError,
  StoreFullError,
  type StoreLetterOptions,
  type StoreOutcome,
} from "./store.ts";

/** What {@linkcode openSqliteStore} may be told. */
export interface SqliteStoreOptions {
  /**
   * Days without being online after which a guest's name is forgotten; 1–36 500.
   *
   * @default {90}
   */
  knownDays?: number;
  /**
   * Days after which a message that nobody fetched is deleted; 1–36 500.
   *
   * @default {30}
   */
  mailDays?: number;
  /**
   * Days after which a room of an account that nobody was in is deleted; 1–36 500.
   *
   * @default {365}
   */
  roomDays?: number;
  /** Who may have how much of a mailbox, where it differs from {@linkcode MAILBOX_LIMITS}. */
  mailbox?: Partial<Shares>;
  /**
   * Bytes of the database in use from which on nothing is stored that makes it larger; 0 is no limit. Deleting, and
   * what was accepted before, goes on.
   *
   * @default {0}
   */
  maxBytes?: number;
  /** Called when the first of these is refused, and when there is room again. */
  onFull?: (isFull: boolean) => void;
  /**
   * Pages of 4096 bytes that the file may have. Not a limit for operators but a full disk for tests: SQLite refuses
   * every write that needs one more.
   */
  maxPages?: number;
  /**
   * Milliseconds that opening and each write wait while another program holds the file.
   *
   * @default {2000}
   */
  lockTimeoutMs?: number;
  /**
   * Time stamps and timers.
   *
   * @default {systemClock}
   */
  clock?: Clock;
  /**
   * Where each call is logged at DEBUG, without passwords, hashes and texts.
   *
   * @default {silentLog}
   */
  log?: Log;
  /** Called when work that no caller waits for (retention, watching) fails; it is tried again later. */
  onFault?: (error: StoreError) => void;
}

/** Milliseconds between two runs of the retention. */
const FORGET_EVERY_MS = 3_600_000;
/** Rows that one transaction of the retention deletes at most, so that requests wait for it only briefly. */
const FORGET_ROWS = 500;
/** Writes of one transaction at most, for the same reason. */
const MAX_BATCH = 1_000;
/** Milliseconds between two looks at what administrators changed, which must take effect within two seconds. */
const WATCH_EVERY_MS = 500;
const DEFAULT_LOCK_TIMEOUT_MS = 2_000;
/** Milliseconds that SQLite waits for a lock while the event loop stands still; an administrator's command is quicker. */
const LOCK_BUSY_MS = 20;
/** Milliseconds between two such waits, in which the event loop serves everybody who stores nothing. */
const LOCK_RETRY_MS = 30;
const SECONDS_A_DAY = 86_400;

/**
 * Opens the embedded store. The file and its directory are made if they are missing; an older schema is
 * brought up to date; the file is read through once in search of damage.
 *
 * @param path The database file, or `:memory:` for a store that keeps nothing.
 * @throws {StartError} If the file is newer than this program, corrupt, read-only, locked or another program's:
 * one line that names it and says what to do.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * await using store = openSqliteStore(":memory:");
 * await store.rememberName("eve", "Eve");
 * assertEquals(await store.nameStatus("eve"), "guest");
 * ```
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  const { lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS, maxPages } = options;
  const db = openDatabase(path, {
    check: true,
    busyTimeoutMs: lockTimeoutMs,
    ...(maxPages !== undefined && { maxPages }),
  });
  try {
    return new SqliteStore(db, path, options);
  } catch (error) {
    db.close();
    throw toStartError(path, error);
  }
}

/** Lets an operator see, at DEBUG, who asks the store for what and how long it takes. */
const logged = logCalls({ log: (self: SqliteStore) => self.log });

/** A write, and the promise of its result. */
interface Waiting {
  readonly write: Write;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * {@linkcode Store} on one SQLite connection.
 *
 * Guarantees:
 * 1. Group commit: writes that gather in one turn of the event loop are one transaction, in the order of the
 *    calls; each promise resolves after that transaction is on disk.
 * 2. If a transaction fails, none of its writes was done and each of their promises rejects.
 *
 * It works on the event loop's own thread: with the writing on a thread of its own fewer messages were stored and
 * the slowest round trips of others were no faster (docs/benchmarks.md), one reason being that a commit of another
 * connection makes the reading one drop its page cache. A disk whose `fsync` takes tens of milliseconds might
 * decide otherwise; the interface allows it.
 */
class SqliteStore implements Store {
  readonly log: Log;
  readonly rooms: SqliteRooms;
  readonly #db: DatabaseSync;
  readonly #reader: SqliteReader;
  readonly #writer: SqliteWriter;
  readonly #size: SizeLimit;
  readonly #clock: Clock;
  readonly #onFault: (error: StoreError) => void;
  readonly #knownDays: number;
  readonly #mailDays: number;
  readonly #lockTimeoutMs: number;
  #queue: Waiting[] = [];
  /** The commit that is scheduled or under way. */
  #committing: Promise<void> | undefined;
  #isClosed = false;
  #forgetTimer: Timer | undefined;
  #watchTimer: Timer | undefined;
  #lastChange: number;

  constructor(db: DatabaseSync, path: string, options: SqliteStoreOptions) {
    this.log = options.log ?? silentLog;
    this.#db = db;
    db.exec(`PRAGMA busy_timeout = ${LOCK_BUSY_MS}`);
    this.#lockTimeoutMs = options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS;
    this.#clock = options.clock ?? systemClock;
    this.#onFault = options.onFault ?? (() => {});
    this.#knownDays = options.knownDays ?? LIMITS.knownDays;
    this.#mailDays = options.mailDays ?? LIMITS.mailDays;
    this.#reader = new SqliteReader(db);
    const { maxBytes = 0, onFull: onChange = () => {} } = options;
    this.#size = new SizeLimit(db, { path, maxBytes, onChange });
    const mailbox = { ...MAILBOX_LIMITS, ...options.mailbox };
    const rooms = new RoomTable(db, this.#size);
    this.#writer = new SqliteWriter(db, mailbox, this.#size, rooms);
    this.rooms = new SqliteRooms(rooms, {
      log: this.log,
      roomDays: options.roomDays ?? LIMITS.roomDays,
      seconds: () => this.#seconds(),
      day: () => this.#day(),
      read: (query) => this.#read(query),
      write: (write) => this.#write(write) as Promise<RoomWriteResult>,
    });
    this.#lastChange = this.#reader.lastChange();
    this.#forgetTimer = this.#clock.setTimeout(() => this.#forget(), 0);
  }

  @logged
  nameStatus(folded: string): Promise<NameStatus> {
    return this.#read(() => this.#reader.nameStatus(folded));
  }

  @logged
  async rememberName(folded: string, name: string): Promise<boolean> {
    const day = this.#day();
    // One write a day and name: a person who comes and goes costs nothing.
    const lastDay = this.#query(() => this.#reader.lastDay(folded, name));
    if (lastDay === day) return false;
    return await this.#write({ kind: "rememberName", folded, name, day }) as boolean;
  }

  @logged
  findAccount(folded: string): Promise<Account | undefined> {
    return this.#read(() => this.#reader.findAccount(folded));
  }

  hasLegacyAccount(folded: string): boolean {
    return this.#query(() => this.#reader.hasLegacyAccount(folded));
  }

  @logged
  blockReason(folded: string): Promise<string | undefined> {
    return this.#read(() => this.#reader.blockReason(folded));
  }

  @logged
  async createAccount(folded: string, name: string, passwordHash: string): Promise<boolean> {
    const time = this.#seconds();
    return await this.#write({
      kind: "createAccount",
      folded,
      name,
      passwordHash,
      time,
    }) as boolean;
  }

  @logged
  async replacePasswordHash(folded: string, oldHash: string, newHash: string): Promise<boolean> {
    return await this.#write({ kind: "replacePasswordHash", folded, oldHash, newHash }) as boolean;
  }

  @logged
  isTrustedNetwork(folded: string, network: string): Promise<boolean> {
    const lastDay = (): number => this.#reader.trustedDay(folded, network) ?? -Infinity;
    return this.#read(() => lastDay() > this.#day() - LIMITS.trustedDays);
  }

  @logged
  async trustNetwork(folded: string, passwordHash: string, network: string): Promise<void> {
    const day = this.#day();
    const lastDay = this.#query(() => this.#reader.trustedDay(folded, network));
    if (lastDay === day) return;
    await this.#write({ kind: "trustNetwork", folded, passwordHash, network, day });
  }

  @logged
  async storeLetter(letter: Letter, options: StoreLetterOptions = {}): Promise<StoreOutcome> {
    const { isRescue = false } = options;
    return await this.#write({ kind: "storeLetter", letter, isRescue }) as StoreOutcome;
  }

  @logged
  listLetters(folded: string, after: number, limit: number): Promise<StoredLetter[]> {
    return this.#read(() => this.#reader.listLetters(folded, after, limit));
  }

  @logged
  async deleteLetters(folded: string, upTo: number): Promise<void> {
    await this.#write({ kind: "deleteLetters", folded, upTo });
  }

  @logged
  async noteCorrespondent(folded: string, other: string): Promise<void> {
    if (this.#query(() => this.#reader.isCorrespondent(folded, other))) return;
    await this.#write({ kind: "noteCorrespondent", folded, other });
  }

  @logged
  watchAccounts(onChange: (change: AccountChange) => void): void {
    this.#watch(onChange);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#forgetTimer);
    this.#clock.clearTimeout(this.#watchTimer);
    await this.#committing;
    this.#db.close();
  }

  #seconds(): number {
    return this.#clock.epochMs() / 1000;
  }

  /** Days since 1970-01-01. */
  #day(): number {
    return Math.floor(this.#seconds() / SECONDS_A_DAY);
  }

  /** Reads at once; an error becomes a rejection. */
  #read<T>(query: () => T): Promise<T> {
    return Promise.try(() => this.#query(query));
  }

  #query<T>(query: () => T): T {
    if (this.#isClosed) throw new StoreError("Database is closed");
    try {
      return query();
    } catch (error) {
      throw toStoreError(error);
    }
  }

  #write(write: Write): Promise<WriteResult> {
    if (this.#isClosed) return Promise.reject(new StoreError("Database is closed"));
    return new Promise((resolve, reject) => {
      this.#queue.push({ write, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    while (this.#queue.length > 0) {
      // The end of the turn: what all connections have brought by then goes into the same transaction.
      await new Promise<void>((resolve) => setImmediate(resolve));
      const batch = this.#queue.splice(0, MAX_BATCH);
      try {
        const results = await this.#apply(batch.map(({ write }) => write));
        batch.forEach(({ resolve, reject }, index) => {
          const result = results[index];
          if (result instanceof StoreFullError) reject(result);
          else resolve(result);
        });
        this.#size.committed();
      } catch (error) {
        const fault = toStoreError(error);
        for (const { reject } of batch) reject(fault);
      }
    }
    this.#committing = undefined;
  }

  /** Waits for a lock, and lets everybody who stores nothing be served meanwhile. */
  async #apply(writes: readonly Write[]): Promise<WriteResult[]> {
    const deadline = this.#clock.monotonicMs() + this.#lockTimeoutMs;
    for (;;) {
      try {
        return this.#writer.apply(writes);
      } catch (error) {
        if (!isLocked(error) || this.#clock.monotonicMs() >= deadline) throw error;
        await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, LOCK_RETRY_MS));
      }
    }
  }

  /** Looks for changes again and again; only the call that began it is logged. */
  #watch(onChange: (change: AccountChange) => void): void {
    this.#clock.clearTimeout(this.#watchTimer);
    this.#watchTimer = this.#clock.setTimeout(() => {
      try {
        for (const { seq, ...change } of this.#reader.listChanges(this.#lastChange)) {
          this.#lastChange = seq;
          onChange(change);
        }
      } catch (error) {
        this.#onFault(toStoreError(error));
      }
      if (!this.#isClosed) this.#watch(onChange);
    }, WATCH_EVERY_MS);
  }

  /** Retention: deletes what is too old, some rows at a time. */
  async #forget(): Promise<void> {
    const now = this.#seconds();
    const write: Write = {
      kind: "forget",
      namesBeforeDay: this.#day() - this.#knownDays,
      trustBeforeDay: this.#day() - LIMITS.trustedDays,
      lettersBefore: now - this.#mailDays * SECONDS_A_DAY,
      limit: FORGET_ROWS,
    };
    try {
      while (!this.#isClosed && (await this.#write(write) as number) >= FORGET_ROWS);
      if (!this.#isClosed) await this.rooms.forgetOld();
    } catch (error) {
      if (!this.#isClosed) this.#onFault(toStoreError(error));
    }
    if (!this.#isClosed) {
      this.#forgetTimer = this.#clock.setTimeout(() => this.#forget(), FORGET_EVERY_MS);
    }
  }
}

/**
 * The embedded store: one SQLite file, through `node:sqlite`, nothing to install or to run beside the server.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import { type Clock, systemClock, type Timer } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { type Log, silentLog } from "../../common/log.ts";
import { logCalls } from "../../logs/calls/log_calls.ts";
import { type ArchiveRunner, InlineRunner } from "./archive/runner.ts";
import { ArchiveService } from "./archive/service.ts";
import { ArchiveThread } from "./archive/thread.ts";
import { MAILBOX_LIMITS, type Shares } from "./mailbox_limits.ts";
import { RoomTable } from "./room_table.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { SizeLimit } from "./size_limit.ts";
import { SqliteAccountChanges } from "./sqlite/account_changes.ts";
import { SqliteAccounts } from "./sqlite/accounts.ts";
import { SqliteConversations } from "./sqlite/conversations.ts";
import { SqliteCorrespondents } from "./sqlite/correspondents.ts";
import { Erasure, tryTruncateLog } from "./sqlite/erasure.ts";
import { GroupCommit } from "./sqlite/group_commit.ts";
import { SqliteInvites } from "./sqlite/invites.ts";
import { SqliteMailboxes } from "./sqlite/mailboxes.ts";
import { SqliteMessages } from "./sqlite/messages.ts";
import { SqliteNames } from "./sqlite/names.ts";
import { SqliteRemovals } from "./sqlite/removals.ts";
import { SqliteRetention } from "./sqlite/retention.ts";
import { SqliteRoomChanges } from "./sqlite/room_changes.ts";
import { SqliteTokens } from "./sqlite/tokens.ts";
import { SqliteTrustedNetworks } from "./sqlite/trusted_networks.ts";
import { SqliteUserBlocks } from "./sqlite/user_blocks.ts";
import { MessagesUnderWay } from "./sqlite/under_way.ts";
import { toStartError, toStoreError } from "./sqlite_errors.ts";
import { IN_MEMORY, openDatabase } from "./sqlite_file.ts";
import { SqliteBlockedUsers } from "./sqlite_blocked_users.ts";
import { SqliteResume } from "./sqlite_resume.ts";
import { SqliteRooms } from "./sqlite_rooms.ts";
import type {
  ChangedMessage,
  ChangeRefusal,
  ConversationsOptions,
  ConversationSummary,
  Earlier,
  Found,
  MessageDeletion,
  MessageEdit,
  MessageSearch,
  NewMessage,
  Page,
  PageOptions,
} from "./messages.ts";
import {
  type Account,
  type AccountChange,
  type Letter,
  type NameStatus,
  type SentAs,
  type Store,
  type StoredLetter,
  StoreError,
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
  /**
   * Days for which messages between accounts are kept; 0–36 500. With 0 none is kept, and what was kept goes.
   *
   * @default {90}
   */
  historyDays?: number;
  /**
   * Hours after a connection's end for which its token proves its account's name; 1–8760.
   *
   * @default {72}
   */
  resumeHours?: number;
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
  /** Told how many milliseconds each transaction that writes took. */
  commits?: { observe(ms: number): void };
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
/** Milliseconds between two looks at what administrators changed, which must take effect within two seconds. */
const WATCH_EVERY_MS = 500;
const DEFAULT_LOCK_TIMEOUT_MS = 2_000;
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

/**
 * {@linkcode Store} on one SQLite connection. What is asked goes to a class per noun (`sqlite/`); what changes
 * something goes there by way of {@linkcode GroupCommit}.
 *
 * It works on the event loop's own thread: with the writing on a thread of its own fewer messages were stored and
 * the slowest round trips of others were no faster (docs/benchmarks.md), one reason being that a commit of another
 * connection makes the reading one drop its page cache. A disk whose `fsync` takes tens of milliseconds might
 * decide otherwise; the interface allows it.
 */
class SqliteStore implements Store {
  readonly log: Log;
  readonly rooms: SqliteRooms;
  readonly resume: SqliteResume;
  readonly blockedUsers: SqliteBlockedUsers;
  readonly historyDays: number;
  readonly #db: DatabaseSync;
  readonly #commit: GroupCommit;
  readonly #names: SqliteNames;
  readonly #accounts: SqliteAccounts;
  readonly #invites: SqliteInvites;
  readonly #networks: SqliteTrustedNetworks;
  readonly #changes: SqliteAccountChanges;
  readonly #correspondents: SqliteCorrespondents;
  readonly #conversations: SqliteConversations;
  readonly #messages: SqliteMessages;
  readonly #retention: SqliteRetention;
  readonly #archive: ArchiveService;
  readonly #mailboxes: SqliteMailboxes;
  readonly #erasure: Erasure;
  readonly #size: SizeLimit;
  readonly #clock: Clock;
  readonly #onFault: (error: StoreError) => void;
  readonly #knownDays: number;
  readonly #mailDays: number;
  #forgetTimer: Timer | undefined;
  #watchTimer: Timer | undefined;
  #onAccountChange: ((change: AccountChange) => void) | undefined;
  #closed: Promise<void> | undefined;
  #lastChange: number;
  /** The retention is at work. */
  #isForgetting = false;
  /** It is to begin anew when it is through. */
  #mustForgetAgain = false;
  readonly #underWay = new MessagesUnderWay();

  constructor(db: DatabaseSync, path: string, options: SqliteStoreOptions) {
    this.log = options.log ?? silentLog;
    this.#db = db;
    this.#clock = options.clock ?? systemClock;
    this.#onFault = toldOnce(options.onFault ?? (() => {}));
    this.#knownDays = options.knownDays ?? LIMITS.knownDays;
    this.#mailDays = options.mailDays ?? LIMITS.mailDays;
    this.historyDays = options.historyDays ?? LIMITS.historyDays;
    const { maxBytes = 0, onFull: onChange = () => {}, lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS } =
      options;
    const size = this.#size = new SizeLimit(db, { path, maxBytes, onChange });
    this.#commit = new GroupCommit(db, {
      lockTimeoutMs,
      clock: this.#clock,
      ...(options.commits && { durations: options.commits }),
      beforeCommit: () => this.#messages.settle(),
      onCommit: () => {
        size.committed();
        this.#messages.committed();
        this.#noteAdded();
      },
      onRollback: () => {
        this.#messages.rolledBack();
        rooms.rolledBack();
      },
    });
    this.#names = new SqliteNames(db, size);
    this.#accounts = new SqliteAccounts(db, size);
    this.#invites = new SqliteInvites(db);
    this.#networks = new SqliteTrustedNetworks(db);
    this.#changes = new SqliteAccountChanges(db);
    this.#correspondents = new SqliteCorrespondents(db, size);
    this.#conversations = new SqliteConversations(db, size);
    this.#messages = new SqliteMessages(db, this.#conversations);
    const limits = { ...MAILBOX_LIMITS, ...options.mailbox };
    this.#mailboxes = new SqliteMailboxes(db, {
      limits,
      size,
      correspondents: this.#correspondents,
      messages: this.#messages,
      conversations: this.historyDays > 0 ? this.#conversations : undefined,
    });
    this.#retention = new SqliteRetention(db);
    const runner = this.#archiveRunner(path);
    this.#archive = new ArchiveService({
      runner,
      commit: this.#commit,
      changes: {
        before: ({ conversation, seq, time }) =>
          this.#messages.remember({ conversation, seq }, time),
        terms: () => ({ mailbox: limits, room: size.room }),
        onFull: () => size.refused(),
        lockTimeoutMs,
      },
      clock: this.#clock,
      last: () => this.#messages.committedId,
      indexed: db.prepare("SELECT indexed FROM search_state").get()!.indexed as number,
      mayGrow: () => size.admits(),
      onFault: this.#onFault,
    });
    this.#erasure = new Erasure({
      // Where the archive has a thread, its reading is not in the way. Without files there is no log.
      attempt: async () => {
        if (path === IN_MEMORY) return true;
        if (this.#commit.isClosed) return tryTruncateLog(db);
        if (runner.isOpen) return await this.#archive.emptyLog();
        return await this.#commit.aside(() => Promise.resolve(tryTruncateLog(db)));
      },
      clock: this.#clock,
      onFault: this.#onFault,
    });
    const rooms = new RoomTable(db, {
      size,
      conversations: this.historyDays > 0 ? this.#conversations : undefined,
    });
    this.rooms = new SqliteRooms(rooms, new SqliteRoomChanges(db), {
      log: this.log,
      roomDays: options.roomDays ?? LIMITS.roomDays,
      actDays: this.historyDays || LIMITS.historyDays,
      seconds: () => this.#seconds(),
      day: () => this.#day(),
      query: (query) => this.#query(query),
      read: (query) => this.#read(query),
      readBehind: (query) => this.#readBehind(() => this.#read(query)),
      write: (work) => this.#commit.write(work),
      onEnd: () => this.#forgetSoon(),
      onWatch: () => this.#watch(),
    });
    this.resume = new SqliteResume(new SqliteTokens(db), {
      log: this.log,
      resumeHours: options.resumeHours ?? LIMITS.resumeHours,
      seconds: () => this.#seconds(),
      read: (query) => this.#read(query),
      write: (work) => this.#commit.write(work),
    });
    this.blockedUsers = new SqliteBlockedUsers(new SqliteUserBlocks(db, size), {
      log: this.log,
      seconds: () => this.#seconds(),
      query: (query) => this.#query(query),
      read: (query) => this.#read(query),
      write: (work) => this.#commit.write(work),
    });
    this.resume.endAll().catch(this.#onFault);
    this.#lastChange = this.#changes.last();
    this.#noteAdded();
    this.#forgetSoon();
  }

  @logged
  nameStatus(folded: string): Promise<NameStatus> {
    return this.#read(() => this.#names.status(folded));
  }

  @logged
  async rememberName(folded: string, name: string): Promise<boolean> {
    const day = this.#day();
    // One write a day and name: a person who comes and goes costs nothing.
    if (this.#query(() => this.#names.lastDay(folded, name)) === day) return false;
    return await this.#commit.write(() => this.#names.remember(folded, name, day));
  }

  @logged
  findAccount(folded: string): Promise<Account | undefined> {
    return this.#read(() => this.#accounts.find(folded));
  }

  countAccounts(): Promise<number> {
    return this.#read(() => this.#accounts.count());
  }

  check(): Promise<void> {
    // SQLite writes the page anew, whatever was there: a transaction without a write would not ask the disk.
    return this.#commit.write(() => this.#db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`));
  }

  hasLegacyAccount(folded: string): boolean {
    return this.#query(() => this.#accounts.hasLegacy(folded));
  }

  @logged
  blockReason(folded: string): Promise<string | undefined> {
    return this.#read(() => this.#accounts.blockReason(folded));
  }

  @logged
  async createAccount(folded: string, name: string, passwordHash: string): Promise<boolean> {
    const time = this.#seconds();
    const isMade = await this.#commit.write(
      () => this.#accounts.create(folded, name, passwordHash, time),
    );
    // That an earlier account of the name was removed must not be told of this one.
    if (isMade) this.#tellChanges();
    return isMade;
  }

  @logged
  isInvited(inviteHash: string): Promise<boolean> {
    return this.#read(() => this.#invites.isOpen(inviteHash, this.#seconds()));
  }

  @logged
  async createInvited(
    folded: string,
    name: string,
    passwordHash: string,
    inviteHash: string,
  ): Promise<"created" | "exists" | "not-invited"> {
    const time = this.#seconds();
    const outcome = await this.#commit.write(() => {
      if (!this.#invites.isOpen(inviteHash, time)) return "not-invited";
      if (!this.#accounts.create(folded, name, passwordHash, time)) return "exists";
      this.#invites.use(inviteHash);
      return "created";
    });
    if (outcome === "created") this.#tellChanges();
    return outcome;
  }

  @logged
  replacePasswordHash(folded: string, oldHash: string, newHash: string): Promise<boolean> {
    return this.#commit.write(() => this.#accounts.replaceHash(folded, oldHash, newHash));
  }

  @logged
  isTrustedNetwork(folded: string, network: string): Promise<boolean> {
    const lastDay = (): number => this.#networks.lastDay(folded, network) ?? -Infinity;
    return this.#read(() => lastDay() > this.#day() - LIMITS.trustedDays);
  }

  @logged
  async trustNetwork(folded: string, passwordHash: string, network: string): Promise<void> {
    const day = this.#day();
    if (this.#query(() => this.#networks.lastDay(folded, network)) === day) return;
    await this.#commit.write(() => this.#networks.trust(folded, passwordHash, network, day));
  }

  @logged
  storeLetter(letter: Letter, options: StoreLetterOptions = {}): Promise<StoreOutcome> {
    return this.#commit.write(() => this.#mailboxes.store(letter, options));
  }

  @logged
  listLetters(folded: string, after: number, limit: number): Promise<StoredLetter[]> {
    return this.#read(() => this.#mailboxes.list(folded, after, limit));
  }

  @logged
  deleteLetters(folded: string, upTo: number): Promise<void> {
    return this.#commit.write(() => this.#mailboxes.delete(folded, upTo));
  }

  @logged
  markLetters(
    folded: string,
    session: string,
    marks: readonly { stored: number; n: number }[],
  ): Promise<void> {
    return this.#commit.write(() => this.#mailboxes.mark(folded, session, marks));
  }

  @logged
  dropLetters(folded: string, upTo: SentAs): Promise<void> {
    return this.#commit.write(() => this.#mailboxes.drop(folded, upTo));
  }

  @logged
  async noteCorrespondent(folded: string, other: string): Promise<void> {
    if (this.#query(() => this.#correspondents.has(folded, other))) return;
    await this.#commit.write(() => this.#correspondents.noteNames(folded, other));
  }

  @logged
  async openDirect(folded: string, other: string): Promise<number | undefined> {
    if (this.historyDays === 0) return undefined;
    const known = this.#query(() => this.#conversations.findDirect(folded, other));
    if (known !== undefined && this.#conversations.peek(known) !== undefined) return known;
    return await this.#commit.write(() => this.#conversations.openDirect(folded, other));
  }

  @logged
  async openRoom(room: number): Promise<number | undefined> {
    if (this.historyDays === 0) return undefined;
    const known = this.#query(() => this.#conversations.findRoom(room));
    if (known !== undefined && this.#conversations.peek(known) !== undefined) return known;
    return await this.#commit.write(() => this.#conversations.openRoom(room));
  }

  nextSeq(conversation: number): number | undefined {
    return this.#conversations.peek(conversation);
  }

  checkRoom(bytes: number): void {
    this.#query(() => this.#size.check(bytes + this.#underWay.bytes));
  }

  @logged
  async keepMessage(message: NewMessage): Promise<boolean> {
    const { conversation, seq, message: { length: bytes } } = message;
    this.#conversations.use(conversation, seq);
    this.#underWay.add(conversation, seq, bytes);
    try {
      return await this.#commit.write(() => this.#messages.keep(message));
    } finally {
      this.#underWay.delete(conversation, seq, bytes);
    }
  }

  hasMessage(conversation: number, seq: number): boolean {
    return this.#underWay.has(conversation, seq) ||
      this.#query(() => this.#messages.has({ conversation, seq }));
  }

  @logged
  editMessage(edit: MessageEdit): Promise<ChangedMessage | ChangeRefusal> {
    return this.#archive.change(edit);
  }

  @logged
  deleteMessage(deletion: MessageDeletion): Promise<ChangedMessage | ChangeRefusal> {
    return this.#archive.change(deletion);
  }

  @logged
  erase(): Promise<boolean> {
    return this.#erasure.finish();
  }

  findEarlier(conversation: number, fingerprint: string, since: number): Earlier | undefined {
    return this.#query(() =>
      this.#commit.look(() => this.#messages.earlier(conversation, fingerprint, since))
    );
  }

  @logged
  findDirect(folded: string, other: string): Promise<number | undefined> {
    return this.#read(() => this.#conversations.findDirect(folded, other));
  }

  @logged
  listMessages(conversation: number, page: PageOptions): Promise<Page> {
    return this.#readBehind(() => this.#archive.listMessages(conversation, page));
  }

  @logged
  markRead(folded: string, conversation: number, seq: number): Promise<void> {
    return this.#commit.write(() => this.#conversations.markRead(folded, conversation, seq));
  }

  @logged
  listConversations(
    folded: string,
    limit: number,
    options?: ConversationsOptions,
  ): Promise<ConversationSummary[]> {
    const list = { limit, now: this.#seconds(), rooms: options?.rooms ?? [] };
    return this.#readBehind(() => this.#archive.listConversations(folded, list, options));
  }

  @logged
  search(search: MessageSearch): Promise<Found | undefined> {
    return this.#readBehind(() => this.#archive.search(search));
  }

  @logged
  watchAccounts(onChange: (change: AccountChange) => void): void {
    this.#onAccountChange = onChange;
    this.#watch();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#archive.closeChanges();
    await this.#commit.close();
    this.#clock.clearTimeout(this.#forgetTimer);
    this.#clock.clearTimeout(this.#watchTimer);
    await this.#archive.close();
    await this.#erasure.close();
    this.#db.close();
  }

  #archiveRunner(path: string): ArchiveRunner {
    if (path !== IN_MEMORY) {
      if (ArchiveThread.isAllowed()) return new ArchiveThread(path, { onLost: this.#onFault });
      this.log.warn("searching holds up others, since this program may not start a thread", {
        remedy: "run it with --allow-read=common,server, too",
      });
    }
    return new InlineRunner(this.#db);
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

  /** Reads when all is written that was given before. */
  async #readBehind<T>(query: () => Promise<T>): Promise<T> {
    if (!this.#commit.isIdle) await this.#commit.write(() => {});
    return await this.#query(query);
  }

  /** Where nothing is kept, nothing is searched. */
  #noteAdded(): void {
    if (this.historyDays > 0) this.#archive.noteAdded();
  }

  #query<T>(query: () => T): T {
    if (this.#commit.isClosed) throw new StoreError("Database is closed");
    try {
      return query();
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** Looks for changes again and again; only the call that began it is logged. */
  #watch(): void {
    this.#clock.clearTimeout(this.#watchTimer);
    this.#watchTimer = this.#clock.setTimeout(() => {
      this.#tellChanges();
      if (!this.#commit.isClosed) this.#watch();
    }, WATCH_EVERY_MS);
  }

  /** Tells what others have done to accounts and rooms since the last look. */
  #tellChanges(): void {
    if (this.#commit.isClosed) return;
    try {
      this.#tellAccountChanges();
      this.rooms.tellChanges();
    } catch (error) {
      this.#onFault(toStoreError(error));
    }
  }

  #tellAccountChanges(): void {
    if (this.#onAccountChange === undefined) return;
    for (const { seq, ...change } of this.#changes.list(this.#lastChange)) {
      this.#lastChange = seq;
      this.#onAccountChange(change);
    }
  }

  /** Has the retention work as soon as nothing else is to be done. */
  #forgetSoon(): void {
    this.#mustForgetAgain = this.#isForgetting;
    if (this.#isForgetting) return;
    this.#clock.clearTimeout(this.#forgetTimer);
    this.#forgetTimer = this.#clock.setTimeout(() => this.#forget(), 0);
  }

  /** Retention: deletes what is too old or has ended, some rows at a time. */
  async #forget(): Promise<void> {
    this.#isForgetting = true;
    const day = this.#day();
    const lettersBefore = this.#seconds() - this.#mailDays * SECONDS_A_DAY;
    const messagesBefore = this.#seconds() - this.historyDays * SECONDS_A_DAY;
    /** Whether there is more to do. */
    const forgetSome = (): boolean => {
      this.#changes.forget(lettersBefore);
      const rows = this.#names.forget(day - this.#knownDays, FORGET_ROWS) +
        this.#networks.forget(day - LIMITS.trustedDays, FORGET_ROWS) +
        this.#invites.forget(this.#seconds(), FORGET_ROWS) +
        this.#mailboxes.forget(lettersBefore, FORGET_ROWS) +
        this.resume.forgetSome(FORGET_ROWS) +
        this.rooms.forgetPast(lettersBefore, FORGET_ROWS);
      return rows >= FORGET_ROWS;
    };
    try {
      while (!this.#commit.isClosed && await this.#commit.write(forgetSome));
      // Rooms that are forgotten leave messages behind.
      if (!this.#commit.isClosed) await this.rooms.forgetOld();
      // Asked first, since the archive's thread is not started for nothing.
      if (!this.#commit.isClosed && SqliteRemovals.areLeft(this.#db)) {
        await this.#archive.remove(this.#seconds());
      }
      if (!this.#commit.isClosed && this.#retention.isDue(messagesBefore)) {
        await this.#archive.forget(messagesBefore);
      }
      await this.#erasure.finish();
    } catch (error) {
      if (!this.#commit.isClosed) this.#onFault(toStoreError(error));
    }
    const delay = this.#mustForgetAgain ? 0 : FORGET_EVERY_MS;
    this.#isForgetting = this.#mustForgetAgain = false;
    if (!this.#commit.isClosed) {
      this.#forgetTimer = this.#clock.setTimeout(() => this.#forget(), delay);
    }
  }
}

/** Tells each fault once, however many pieces of work it has ended. */
function toldOnce(onFault: (error: StoreError) => void): (error: StoreError) => void {
  const told = new WeakSet<StoreError>();
  return (error) => {
    if (told.has(error)) return;
    told.add(error);
    onFault(error);
  };
}

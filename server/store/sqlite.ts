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
import { DatabasePresence } from "./database_presence.ts";
import { MAILBOX_LIMITS, type Shares, UNLIMITED_SHARES } from "./mailbox_limits.ts";
import { RoomTable } from "./room_table.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { SizeLimit } from "./size_limit.ts";
import { SqliteAccountActs } from "./sqlite/account_acts.ts";
import { SqliteAccountChanges } from "./sqlite/account_changes.ts";
import { SqliteAccounts } from "./sqlite/accounts.ts";
import { SqliteConversations } from "./sqlite/conversations.ts";
import { SqliteCorrespondents } from "./sqlite/correspondents.ts";
import { Erasure, tryTruncateLog } from "./sqlite/erasure.ts";
import { GroupCommit } from "./sqlite/group_commit.ts";
import { SqliteInvites } from "./sqlite/invites.ts";
import { SqliteMailboxes } from "./sqlite/mailboxes.ts";
import { SqliteMessages } from "./sqlite/messages.ts";
import { SqliteMessageChanges } from "./sqlite/message_changes.ts";
import { MessageTexts } from "./sqlite/message_texts.ts";
import { SqliteNames } from "./sqlite/names.ts";
import { SqliteRemovals } from "./sqlite/removals.ts";
import { SqliteReplicaReads } from "./sqlite/replica_reads.ts";
import { SqliteReplicaTable } from "./sqlite/replica_table.ts";
import { SqliteReplicaWrites } from "./sqlite/replica_writes.ts";
import { SqliteRetention } from "./sqlite/retention.ts";
import { SqliteRoomChanges } from "./sqlite/room_changes.ts";
import { SqliteRoomOrders } from "./sqlite/room_orders.ts";
import { SqliteTokens } from "./sqlite/tokens.ts";
import { SqliteTrustedNetworks } from "./sqlite/trusted_networks.ts";
import { SqliteUserBlocks } from "./sqlite/user_blocks.ts";
import { MessagesUnderWay } from "./sqlite/under_way.ts";
import { inTransaction } from "./transaction.ts";
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
import type {
  ChangeResult,
  LoggedChange,
  ReplicaReads,
  ReplicaStore,
  ReplicaWrites,
  RetentionTerms,
  Stamp,
} from "./replica_store.ts";
import {
  type Account,
  type AccountChange,
  type KnownPerson,
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
   * Whether the file was read through in search of damage just now: see `checkAside`. If not, opening does it,
   * and everybody waits meanwhile.
   *
   * @default {false}
   */
  isChecked?: boolean;
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
  /**
   * Called when work that no caller waits for (retention, watching) fails; it is tried again later. Also, once, when
   * the file is gone from its path (`StoreLostError`).
   */
  onFault?: (error: StoreError) => void;
}

/** What {@linkcode openSqliteReplica} may be told. */
export interface SqliteReplicaOptions extends SqliteStoreOptions {
  /** Names the log: another one after that was made anew. */
  replicaOf: string;
}

/** Milliseconds between two runs of the retention. */
const FORGET_EVERY_MS = 3_600_000;
/** Rows that one transaction of the retention deletes at most, so that requests wait for it only briefly. */
const FORGET_ROWS = 500;
/** Milliseconds between two looks at what administrators changed, which must take effect within two seconds. */
const WATCH_EVERY_MS = 500;
const DEFAULT_LOCK_TIMEOUT_MS = 2_000;
/** Of changes that are in the log: whoever wrote them there has looked. */
const UNLIMITED = { mailbox: UNLIMITED_SHARES, room: Infinity };
const SECONDS_A_DAY = 86_400;
const SECONDS_A_MINUTE = 60;
const SECONDS_AN_HOUR = 3_600;

/**
 * Opens the embedded store. The file and its directory are made if they are missing; an older schema is
 * brought up to date; the file is read through once in search of damage, if it was not before (`isChecked`).
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
  return open(path, options);
}

/**
 * Opens a node's copy of what several nodes remember, as {@linkcode openSqliteStore} does. A new file is empty, and begins
 * before the first entry of the log.
 *
 * @param path The database file, or `:memory:` for a copy that is filled anew at each start.
 * @throws {StartError} As `openSqliteStore` does; also if the file is a copy of another log, or one of a server alone.
 */
export function openSqliteReplica(path: string, options: SqliteReplicaOptions): ReplicaStore {
  return open(path, options);
}

function open(path: string, options: SqliteStoreOptions & { replicaOf?: string }): SqliteStore {
  const { lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS, maxPages, isChecked = false } = options;
  const db = openDatabase(path, {
    check: !isChecked,
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
class SqliteStore implements ReplicaStore {
  readonly log: Log;
  readonly knows: ReplicaReads;
  readonly retention: RetentionTerms;
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
  readonly #presence: DatabasePresence;
  readonly #clock: Clock;
  readonly #onFault: (error: StoreError) => void;
  /** How far this copy is; `undefined` if it is none. */
  readonly #replica: SqliteReplicaTable | undefined;
  readonly #writes: SqliteReplicaWrites | undefined;
  #forgetTimer: Timer | undefined;
  #watchTimer: Timer | undefined;
  #onAccountChange: ((change: AccountChange) => void) | undefined;
  #onErased: (entries: readonly number[]) => void = () => {};
  #closed: Promise<void> | undefined;
  #lastChange = 0;
  /** The retention is at work. */
  #isForgetting = false;
  /** It is to begin anew when it is through. */
  #mustForgetAgain = false;
  readonly #underWay = new MessagesUnderWay();

  constructor(
    db: DatabaseSync,
    path: string,
    options: SqliteStoreOptions & { replicaOf?: string },
  ) {
    this.log = options.log ?? silentLog;
    this.#db = db;
    this.#clock = options.clock ?? systemClock;
    this.#onFault = toldOnce(options.onFault ?? (() => {}));
    this.historyDays = options.historyDays ?? LIMITS.historyDays;
    const presence = this.#presence = new DatabasePresence(path, this.#onFault);
    const retention = this.retention = {
      knownDays: options.knownDays ?? LIMITS.knownDays,
      mailDays: options.mailDays ?? LIMITS.mailDays,
      roomDays: options.roomDays ?? LIMITS.roomDays,
      historyDays: this.historyDays,
      resumeHours: options.resumeHours ?? LIMITS.resumeHours,
    };
    const { maxBytes = 0, onFull: onChange = () => {}, lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS } =
      options;
    const limit = this.#size = new SizeLimit(db, { path, maxBytes, onChange });
    const isReplica = options.replicaOf !== undefined;
    if (!isReplica) inTransaction(db, () => SqliteReplicaTable.leave(db));
    const replica = this.#replica = isReplica
      ? new SqliteReplicaTable(db, options.replicaOf!)
      : undefined;
    // What is in the log is there for all nodes: none may leave it out.
    const size = isReplica ? new SizeLimit(db, { path, maxBytes: 0, onChange }) : limit;
    this.#commit = new GroupCommit(db, {
      lockTimeoutMs,
      clock: this.#clock,
      ...(options.commits && { durations: options.commits }),
      check: () => presence.check(),
      beforeCommit: () => {
        this.#messages.settle();
        replica?.settle();
      },
      onCommit: () => {
        limit.committed();
        replica?.committed();
        this.#messages.committed();
        this.#noteAdded();
      },
      onRollback: () => {
        this.#messages.rolledBack();
        rooms.rolledBack();
        replica?.rolledBack();
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
        before: (change) => {
          if (!("isWithdrawn" in change)) this.#messages.remember(change, change.time);
        },
        terms: () => isReplica ? UNLIMITED : { mailbox: limits, room: size.room },
        onFull: () => size.refused(),
        lockTimeoutMs,
      },
      clock: this.#clock,
      last: () => this.#messages.committedId,
      indexed: db.prepare("SELECT indexed FROM search_state").get()!.indexed as number,
      mayGrow: () => limit.admits(),
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
      roomDays: retention.roomDays,
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
    const tokens = new SqliteTokens(db);
    this.resume = new SqliteResume(tokens, {
      log: this.log,
      resumeHours: retention.resumeHours,
      seconds: () => this.#seconds(),
      read: (query) => this.#read(query),
      write: (work) => this.#commit.write(work),
    });
    const blocks = new SqliteUserBlocks(db, size);
    this.blockedUsers = new SqliteBlockedUsers(blocks, {
      log: this.log,
      seconds: () => this.#seconds(),
      query: (query) => this.#query(query),
      read: (query) => this.#read(query),
      write: (work) => this.#commit.write(work),
    });
    this.knows = new SqliteReplicaReads({
      ...{ replica, rooms, tokens },
      mailboxes: this.#mailboxes,
      fills: (edit) => new SqliteMessageChanges(db, new MessageTexts(db)).fills(edit, limits),
      lastOf: (conversation) => this.#conversations.lastWritten(conversation),
      names: this.#names,
      networks: this.#networks,
      correspondents: this.#correspondents,
      now: () => ({ day: this.#day(), time: this.#seconds() }),
      tokensSince: () => this.resume.oldest,
      query: (query) => this.#query(query),
    });
    this.#writes = replica && new SqliteReplicaWrites({
      ...{ replica, rooms, tokens, blocks },
      acts: (now) => ({
        accounts: new SqliteAccountActs(db, now),
        rooms: new SqliteRoomOrders(db, rooms, now),
      }),
      onEnd: () => this.#forgetSoon(),
      onErased: (entries) => this.#onErased(entries),
      names: this.#names,
      accounts: this.#accounts,
      invites: this.#invites,
      networks: this.#networks,
      correspondents: this.#correspondents,
      conversations: this.historyDays > 0 ? this.#conversations : undefined,
      messages: this.#messages,
      mailboxes: this.#mailboxes,
    });
    // The tokens of other nodes' connections go on.
    if (!isReplica) this.resume.endAll().catch(this.#onFault);
    this.#noteAdded();
    this.#forgetSoon();
  }

  @logged
  nameStatus(folded: string): Promise<NameStatus> {
    return this.#read(() => this.#names.status(folded));
  }

  @logged
  findPerson(folded: string): Promise<KnownPerson | undefined> {
    return this.#read(() => this.#names.find(folded));
  }

  @logged
  noteLeft(left: readonly (readonly [string, number])[]): Promise<void> {
    return this.#commit.write(() => this.#names.noteLeft(left));
  }

  @logged
  async rememberName(folded: string, name: string): Promise<boolean> {
    // One write a day and name: a person who comes and goes costs nothing.
    if (this.#query(() => this.#names.lastDay(folded, name)) === this.#day()) return false;
    const minute = Math.floor(this.#seconds() / SECONDS_A_MINUTE);
    return await this.#commit.write(() => this.#names.remember(folded, name, minute));
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
    if (isMade) this.tellChanges();
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
    if (outcome === "created") this.tellChanges();
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

  get position(): number {
    return this.#replica!.position;
  }

  apply<T>(stamp: Stamp, work: (writes: ReplicaWrites) => T): Promise<T> {
    const before = this.#replica!.give(stamp.seq);
    return this.#commit.write(() => this.#writes!.run(stamp, before, work));
  }

  async change(stamp: Stamp, change: LoggedChange): Promise<ChangeResult> {
    const asked = "edit" in change
      ? change.edit
      : "deletion" in change
      ? change.deletion
      : { ...change.withdrawal, isWithdrawn: true as const };
    const named = { in: change.in, seq: asked.seq };
    const remains = "deletion" in change ? change.remains : undefined;
    const place = await this.#commit.write(() =>
      this.#writes!.prepareChange(stamp, named, { hasText: "edit" in change, remains })
    );
    const outcome = place === undefined
      ? "unknown"
      : await this.#archive.change({ ...asked, ...place });
    await this.apply(stamp, () => {});
    if (typeof outcome === "object") this.#erasure.finish(); // this node's asker calls `erase`; elsewhere nobody waits
    return { outcome, ...(place && { place }) };
  }

  @logged
  async tidy(stamp: Stamp, terms: RetentionTerms): Promise<void> {
    await this.#letGo(() => stamp.at / 1000, terms);
    await this.apply(stamp, () => {});
    this.#erasure.finish(); // which nobody waits for
  }

  @logged
  watchAccounts(onChange: (change: AccountChange) => void): void {
    this.#onAccountChange = onChange;
    // What was done before concerns nobody who is online now.
    this.#lastChange = this.#query(() => this.#changes.last());
    this.#watch();
  }

  watchErased(onErased: (entries: readonly number[]) => void): void {
    this.#onErased = onErased;
  }

  /** Tells what administrators have done to accounts and rooms since the last look. */
  tellChanges(): void {
    if (this.#commit.isClosed) return;
    try {
      this.#tellAccountChanges();
      this.rooms.tellChanges();
    } catch (error) {
      this.#onFault(toStoreError(error));
    }
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
    return new InlineRunner(this.#db, () => this.#commit.endLook());
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
      this.#presence.look();
      this.tellChanges();
      if (!this.#commit.isClosed) this.#watch();
    }, WATCH_EVERY_MS);
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
    try {
      if (this.#replica === undefined) await this.#letGo(() => this.#seconds(), this.retention);
      else await this.#letMessagesGo(this.#seconds(), 0); // what is old goes where the log says so
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

  /**
   * Deletes what is too old.
   *
   * @param now Unix seconds.
   */
  async #letGo(now: () => number, terms: RetentionTerms): Promise<void> {
    const dayBefore = (days: number): number => Math.floor(now() / SECONDS_A_DAY) - days;
    const before = (days: number): number => now() - days * SECONDS_A_DAY;
    /** Whether there is more to do. */
    const forgetSome = (): boolean => {
      const lettersBefore = before(terms.mailDays);
      const tokensUntil = now() - terms.resumeHours * SECONDS_AN_HOUR;
      this.#changes.forget(lettersBefore);
      const rows = this.#names.forget(dayBefore(terms.knownDays), FORGET_ROWS) +
        this.#networks.forget(dayBefore(LIMITS.trustedDays), FORGET_ROWS) +
        this.#invites.forget(now(), FORGET_ROWS) +
        this.#mailboxes.forget(lettersBefore, FORGET_ROWS) +
        this.resume.forgetSome(tokensUntil, FORGET_ROWS) +
        this.rooms.forgetPast(lettersBefore, FORGET_ROWS, now());
      return rows >= FORGET_ROWS;
    };
    while (!this.#commit.isClosed && await this.#commit.write(forgetSome));
    // Rooms that are forgotten leave messages behind.
    if (!this.#commit.isClosed) {
      if (this.#replica === undefined) await this.rooms.forgetOld();
      else await this.rooms.forgetBefore(dayBefore(terms.roomDays));
    }
    await this.#letMessagesGo(now(), before(terms.historyDays));
    if (this.#commit.isClosed) return;
    const replica = this.#replica;
    if (replica !== undefined) {
      await this.#commit.write(() => replica.forget(now() - SECONDS_AN_HOUR));
    }
  }

  /**
   * Deletes what accounts that are gone and conversations that have ended have left, and messages from before a time
   * (Unix seconds).
   */
  async #letMessagesGo(now: number, before: number): Promise<void> {
    // Asked first, since the archive's thread is not started for nothing.
    if (!this.#commit.isClosed && SqliteRemovals.areLeft(this.#db)) {
      await this.#archive.remove(now, (entries) => this.#onErased(entries));
    }
    if (!this.#commit.isClosed && this.#retention.isDue(before)) {
      await this.#archive.forget(before);
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

/**
 * A store that does what it is asked for when a test says so.
 *
 * @module
 */

import type { ConversationSummary, Found, Page } from "../../server/store/messages.ts";
import type {
  Account,
  KnownPerson,
  Letter,
  NameStatus,
  SentAs,
  Store,
  StoredLetter,
  StoreOutcome,
} from "../../server/store/store.ts";
import type { BlockedUsers } from "../../server/store/blocked_users.ts";
import type { ResumeStore } from "../../server/store/resume_store.ts";
import { MAX_TOKENS } from "../../server/accounts/tokens.ts";
import { MemoryRooms } from "./memory_rooms.ts";

/** A call that waits. */
interface Call {
  /** Calls with the same queue are done in their order: all writes, and the reads of one name. */
  readonly queue: string;
  readonly done: () => void;
}

/**
 * A store in memory whose calls wait until {@linkcode LateStore.step}. Writes are done in the order of the calls, as
 * are the reads of one name; between these queues there is no order. A read sees what was there when it was
 * called, or when it is done: by chance.
 */
export class LateStore implements Store {
  /** None is kept. */
  readonly historyDays = 0;
  /** All letters that are in a mailbox, by folded name. */
  readonly mailboxes: Map<string, StoredLetter[]> = new Map();
  readonly rooms: MemoryRooms = new MemoryRooms((queue, work) => this.#later(queue, work));
  /** The tokens that are right, by folded name: the session of each, once that has ended. */
  readonly tokens: Map<string, Map<string, string | undefined>> = new Map();
  readonly resume: ResumeStore = {
    save: (folded, _passwordHash, hash) =>
      this.#write(() => {
        this.tokens.set(folded, new Map([[hash, undefined]]));
        return true;
      }),
    use: (folded, hash, nextHash) =>
      this.#write(() => {
        const tokens = this.tokens.get(folded);
        if (tokens === undefined || !tokens.has(hash)) return undefined;
        const session = tokens.get(hash);
        tokens.delete(hash);
        const others = [...tokens].slice(2 - MAX_TOKENS);
        this.tokens.set(folded, new Map([...others, [hash, session], [nextHash, undefined]]));
        return { session };
      }),
    settle: (folded, hash) =>
      this.#write(() => {
        for (const other of this.tokens.get(folded)?.keys() ?? []) {
          if (other !== hash) this.tokens.get(folded)!.delete(other);
        }
      }),
    end: (folded, { hashes, session }) =>
      this.#write(() => {
        const tokens = this.tokens.get(folded);
        for (const hash of hashes) if (tokens?.has(hash)) tokens.set(hash, session);
      }),
    forget: (folded) => this.#write(() => void this.tokens.delete(folded)),
  };
  /** Nobody blocks anybody. */
  readonly blockedUsers: BlockedUsers = {
    set: () => this.#write(() => "done"),
    has: (folded) => this.#read(folded, () => false),
    list: (folded) => this.#read(folded, () => []),
    of: () => undefined,
  };
  readonly #random: () => number;
  readonly #names = new Map<string, string>();
  readonly #accounts = new Map<string, Account>();
  #waiting: Call[] = [];
  #lastStored = 0;

  /**
   * Makes an empty store.
   *
   * @param random From 0 up to 1.
   */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether calls wait. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Does the first call of any queue. */
  step(): void {
    const queues = [...new Set(this.#waiting.map(({ queue }) => queue))];
    const queue = queues[Math.floor(this.#random() * queues.length)];
    const index = this.#waiting.findIndex((call) => call.queue === queue);
    if (index !== -1) this.#waiting.splice(index, 1)[0]!.done();
  }

  /** Makes an account at once. */
  addAccount(name: string): void {
    const folded = name.toLowerCase();
    this.#names.set(folded, name);
    this.#accounts.set(folded, { folded, name, passwordHash: "hash", blocked: undefined });
    this.mailboxes.set(folded, []);
  }

  findPerson(folded: string): Promise<KnownPerson | undefined> {
    return this.#read(folded, () => {
      const name = this.#names.get(folded);
      return name === undefined ? undefined : { name, isAccount: this.#accounts.has(folded) };
    });
  }

  /** Nobody asks for it, and nobody waits for it. */
  noteLeft(): Promise<void> {
    return Promise.resolve();
  }

  nameStatus(folded: string): Promise<NameStatus> {
    return this.#read(folded, () => {
      if (this.#accounts.has(folded)) return "account";
      return this.#names.has(folded) ? "guest" : "unknown";
    });
  }

  rememberName(folded: string, name: string): Promise<boolean> {
    return this.#write(() => {
      const isNew = !this.#names.has(folded);
      this.#names.set(folded, name);
      return isNew;
    });
  }

  findAccount(folded: string): Promise<Account | undefined> {
    return this.#read(folded, () => this.#accounts.get(folded));
  }

  hasLegacyAccount(): boolean {
    return false;
  }

  blockReason(folded: string): Promise<string | undefined> {
    return this.#read(folded, () => undefined);
  }

  createAccount(_folded: string, name: string): Promise<boolean> {
    return this.#write(() => {
      this.addAccount(name);
      return true;
    });
  }

  isInvited(folded: string): Promise<boolean> {
    return this.#read(folded, () => false);
  }

  createInvited(): Promise<"not-invited"> {
    return this.#write(() => "not-invited");
  }

  replacePasswordHash(): Promise<boolean> {
    return this.#write(() => false);
  }

  isTrustedNetwork(folded: string): Promise<boolean> {
    return this.#read(folded, () => false);
  }

  trustNetwork(): Promise<void> {
    return this.#write(() => {});
  }

  storeLetter(letter: Letter): Promise<StoreOutcome> {
    return this.#write(() => {
      const mailbox = this.mailboxes.get(letter.folded);
      if (mailbox === undefined) return "no-account";
      mailbox.push({ ...letter, stored: ++this.#lastStored });
      return "stored";
    });
  }

  listLetters(folded: string, after: number, limit: number): Promise<StoredLetter[]> {
    return this.#read(
      folded,
      () =>
        (this.mailboxes.get(folded) ?? []).filter(({ stored }) => stored > after).slice(0, limit),
    );
  }

  deleteLetters(folded: string, upTo: number): Promise<void> {
    return this.#write(() => {
      const left = this.mailboxes.get(folded)!.filter(({ stored }) => stored > upTo);
      this.mailboxes.set(folded, left);
    });
  }

  markLetters(
    folded: string,
    session: string,
    marks: readonly { stored: number; n: number }[],
  ): Promise<void> {
    return this.#write(() => {
      const letters = this.mailboxes.get(folded)!;
      for (const { stored, n } of marks) {
        const at = letters.findIndex((letter) => letter.stored === stored);
        if (at !== -1) letters[at] = { ...letters[at]!, sent: { session, n } };
      }
    });
  }

  dropLetters(folded: string, { session, n }: SentAs): Promise<void> {
    return this.#write(() => {
      const hasArrived = ({ sent }: StoredLetter): boolean =>
        sent?.session === session && sent.n <= n;
      const left = this.mailboxes.get(folded)!.filter((letter) => !hasArrived(letter));
      this.mailboxes.set(folded, left);
    });
  }

  noteCorrespondent(): Promise<void> {
    return Promise.resolve();
  }

  openDirect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  openRoom(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  nextSeq(): undefined {
    return undefined;
  }

  checkRoom(): void {}

  keepMessage(): Promise<boolean> {
    return Promise.resolve(true);
  }

  hasMessage(): boolean {
    return false;
  }

  editMessage(): Promise<"unknown"> {
    return Promise.resolve("unknown");
  }

  deleteMessage(): Promise<"unknown"> {
    return Promise.resolve("unknown");
  }

  erase(): Promise<boolean> {
    return Promise.resolve(true);
  }

  findRoom(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  findEarlier(): undefined {
    return undefined;
  }

  findDirect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  listMessages(): Promise<Page> {
    return Promise.resolve({ messages: [], more: false });
  }

  search(): Promise<Found> {
    return Promise.resolve({ messages: [], more: false, ms: 0 });
  }

  markRead(): Promise<void> {
    return Promise.resolve();
  }

  listConversations(): Promise<ConversationSummary[]> {
    return Promise.resolve([]);
  }

  watchAccounts(): void {}

  countAccounts(): Promise<number> {
    return Promise.resolve(this.#accounts.size);
  }

  check(): Promise<void> {
    return this.#write(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #read<T>(folded: string, query: () => T): Promise<T> {
    const isEarly = this.#random() < 0.5;
    const early = isEarly ? query() : undefined;
    return this.#later(`read ${folded}`, () => isEarly ? early as T : query());
  }

  #write<T>(change: () => T): Promise<T> {
    return this.#later("write", change);
  }

  #later<T>(queue: string, work: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push({ queue, done: () => resolve(work()) });
    });
  }
}

/**
 * What several nodes remember.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { BlockedUsers } from "../store/blocked_users.ts";
import type { LetterOutcome, ReplicaStore } from "../store/replica_store.ts";
import type {
  Account,
  AccountChange,
  KnownPerson,
  Letter,
  NameStatus,
  SentAs,
  Store,
  StoredLetter,
  StoreLetterOptions,
  StoreOutcome,
} from "../store/store.ts";
import { ClusterMessages } from "./cluster_messages.ts";
import { ClusterResume } from "./cluster_resume.ts";
import { ClusterRooms } from "./cluster_rooms.ts";
import type { CallName, Deed } from "./operation.ts";
import type { Replication } from "./replication.ts";

/**
 * {@linkcode Store} of several nodes: each has a copy, and changes it by a log that all apply.
 *
 * Guarantees, beside those of `Store`:
 * 1. What resolves is in the log for good, and on this node's disk.
 * 2. What is asked sees all that anybody was answered on any node before. What is asked at once (`hasMessage`,
 *    `findEarlier`, `blockedUsers.of`) sees what this node has applied.
 * 3. Without the log nothing that needs the others is answered: promises reject with an `UnavailableError`.
 */
export class ClusterStore extends ClusterMessages implements Store {
  /** See {@linkcode Store.rooms}. */
  readonly rooms: ClusterRooms;
  /** See {@linkcode Store.resume}. */
  readonly resume: ClusterResume;
  /** See {@linkcode Store.blockedUsers}. */
  readonly blockedUsers: BlockedUsers;
  readonly #replication: Replication;
  readonly #copy: ReplicaStore;
  /** Letters that are not applied yet. */
  readonly #underWay = new Set<Omit<Letter, "place">>();

  /** Reads from the copy, and writes to the log. */
  constructor(replication: Replication) {
    super(replication);
    this.#replication = replication;
    const copy = this.#copy = replication.copy;
    this.rooms = new ClusterRooms(replication);
    this.resume = new ClusterResume(replication);
    this.blockedUsers = {
      set: async (folded, other, isOn) => {
        if (isOn) copy.checkRoom(0);
        return await this.#call("blockedUsers.set", folded, other, isOn);
      },
      has: (folded, other) => this.#read(() => copy.blockedUsers.has(folded, other)),
      list: (folded) => this.#read(() => copy.blockedUsers.list(folded)),
      of: (folded) => copy.blockedUsers.of(folded),
    };
  }

  /** See {@linkcode Store.nameStatus}. */
  nameStatus(folded: string): Promise<NameStatus> {
    return this.#read(() => this.#copy.nameStatus(folded));
  }

  /** See {@linkcode Store.findPerson}. */
  findPerson(folded: string): Promise<KnownPerson | undefined> {
    return this.#read(() => this.#copy.findPerson(folded));
  }

  /** See {@linkcode Store.noteLeft}. */
  noteLeft(left: readonly (readonly [string, number])[]): Promise<void> {
    return this.#call("noteLeft", left);
  }

  /** See {@linkcode Store.rememberName}. */
  async rememberName(folded: string, name: string): Promise<boolean> {
    if (this.#copy.knows.isNameOfToday(folded, name)) return false;
    if (await this.#copy.nameStatus(folded) === "unknown") this.#copy.checkRoom(0);
    return await this.#call("rememberName", folded, name);
  }

  /** See {@linkcode Store.findAccount}. */
  findAccount(folded: string): Promise<Account | undefined> {
    return this.#read(() => this.#copy.findAccount(folded));
  }

  /** See {@linkcode Store.hasLegacyAccount}: a log has none. */
  hasLegacyAccount(folded: string): boolean {
    return this.#copy.hasLegacyAccount(folded);
  }

  /** See {@linkcode Store.blockReason}. */
  blockReason(folded: string): Promise<string | undefined> {
    return this.#read(() => this.#copy.blockReason(folded));
  }

  /** See {@linkcode Store.createAccount}. */
  async createAccount(folded: string, name: string, passwordHash: string): Promise<boolean> {
    this.#copy.checkRoom(0);
    return await this.#call("createAccount", folded, name, passwordHash);
  }

  /** See {@linkcode Store.isInvited}. */
  isInvited(inviteHash: string): Promise<boolean> {
    return this.#read(() => this.#copy.isInvited(inviteHash));
  }

  /** See {@linkcode Store.createInvited}. */
  async createInvited(
    folded: string,
    name: string,
    passwordHash: string,
    inviteHash: string,
  ): Promise<"created" | "exists" | "not-invited"> {
    this.#copy.checkRoom(0);
    return await this.#call("createInvited", folded, name, passwordHash, inviteHash);
  }

  /** See {@linkcode Store.replacePasswordHash}. */
  replacePasswordHash(folded: string, oldHash: string, newHash: string): Promise<boolean> {
    return this.#call("replacePasswordHash", folded, oldHash, newHash);
  }

  /** See {@linkcode Store.isTrustedNetwork}. */
  isTrustedNetwork(folded: string, network: string): Promise<boolean> {
    return this.#read(() => this.#copy.isTrustedNetwork(folded, network));
  }

  /** See {@linkcode Store.trustNetwork}. */
  async trustNetwork(folded: string, passwordHash: string, network: string): Promise<void> {
    if (this.#copy.knows.isNetworkOfToday(folded, network)) return;
    await this.#call("trustNetwork", folded, passwordHash, network);
  }

  /** See {@linkcode Store.storeLetter}. What is refused, or came before, goes out of the log again. */
  async storeLetter(letter: Letter, options: StoreLetterOptions = {}): Promise<StoreOutcome> {
    const { place, ...rest } = letter;
    const { onKept, ...decided } = options;
    const { repeats, isRescue = false } = decided;
    const earlier = repeats && this.findEarlierLetter(letter, repeats);
    if (earlier !== undefined) {
      onKept?.(earlier);
      return "stored";
    }
    if (!isRescue) this.#copy.checkRoom(letter.message.length);
    const name = place && this.#copy.knows.nameOf(place.conversation);
    if (place !== undefined && name === undefined) return "stored"; // nobody may read it any more
    const refusal = (): StoreOutcome | undefined =>
      isRescue ? undefined : this.#copy.knows.refusalOf(rest, this.#underWay);
    if (refusal() !== undefined) {
      await this.#replication.fresh(); // this node may be behind
      const still = refusal();
      if (still !== undefined) return still;
    }
    // In the same turn, so that the next one counts it.
    this.#underWay.add(rest);
    try {
      const { outcome, kept } = await this.#post({
        ...{ do: "letter", letter: rest, options: decided },
        ...(name && { place: { in: name, seq: place!.seq } }),
      });
      if (kept !== undefined) onKept?.(kept);
      if (outcome === "stored") await this.#note(letter);
      return outcome;
    } finally {
      this.#underWay.delete(rest);
    }
  }

  /** See {@linkcode Store.listLetters}. */
  listLetters(folded: string, after: number, limit: number): Promise<StoredLetter[]> {
    return this.#read(() => this.#copy.listLetters(folded, after, limit));
  }

  /** See {@linkcode Store.deleteLetters}. */
  deleteLetters(folded: string, upTo: number): Promise<void> {
    return this.#call("deleteLetters", folded, upTo);
  }

  /** See {@linkcode Store.markLetters}. */
  markLetters(
    folded: string,
    session: string,
    marks: readonly { readonly stored: number; readonly n: number }[],
  ): Promise<void> {
    return this.#call("markLetters", folded, session, marks);
  }

  /** See {@linkcode Store.dropLetters}. */
  dropLetters(folded: string, upTo: SentAs): Promise<void> {
    return this.#call("dropLetters", folded, upTo);
  }

  /** See {@linkcode Store.noteCorrespondent}. */
  async noteCorrespondent(folded: string, other: string): Promise<void> {
    if (this.#copy.knows.isCorrespondent(folded, other)) return;
    this.#copy.checkRoom(0);
    await this.#call("noteCorrespondent", folded, other);
  }

  /** See {@linkcode Store.watchAccounts}: what administrators do, in the order of the log. */
  watchAccounts(onChange: (change: AccountChange) => void): void {
    this.#copy.watchAccounts(onChange);
  }

  /** See {@linkcode Store.countAccounts}: as far as this node has applied the log. */
  countAccounts(): Promise<number> {
    return this.#copy.countAccounts();
  }

  /** See {@linkcode Store.check}: whether this node's disk takes something, and the log answers. */
  async check(): Promise<void> {
    await this.#copy.check();
    await this.#replication.fresh();
  }

  /** Applies no more, and closes the copy. The log stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#replication.close();
    await this.#copy[Symbol.asyncDispose]();
  }

  #post(deed: Deed & { readonly do: "letter" }): Promise<LetterOutcome> {
    const { from, folded } = deed.letter;
    return this.#replication.perform(deed, ({ outcome, kept, isGone }, seq) => {
      const isRepeat = kept !== undefined && kept.seq !== seq;
      if (isRepeat) this.#replication.withdraw(seq, { accounts: [foldName(from), folded] });
      else if (outcome !== "stored" || isGone) this.#replication.withdraw(seq);
    });
  }

  /** An account has written to another. */
  async #note({ from, folded }: Letter): Promise<void> {
    const sender = foldName(from);
    if (await this.#copy.findAccount(sender) === undefined) return;
    // At the next letter it is tried again.
    await this.noteCorrespondent(sender, folded).catch(() => {});
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    await this.#replication.fresh();
    return await read();
  }

  async #call<T>(method: CallName, ...args: readonly unknown[]): Promise<T> {
    return await this.#replication.perform({ do: "call", method, args }) as T;
  }
}

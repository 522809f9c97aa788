import { LIMITS } from "../../../common/limits.ts";
import type { AdminActs } from "../admin_acts.ts";
import type { Place } from "../messages.ts";
import type {
  ConversationName,
  KeepOutcome,
  LetterOutcome,
  LoggedLetter,
  LoggedMessage,
  MessageRemains,
  ReplicaWrites,
  RoomChanged,
  Stamp,
} from "../replica_store.ts";
import type { SessionEnd } from "../resume_store.ts";
import type { OpenedRoom, RoomMaker } from "../room_store.ts";
import type { DecideRoom, Moment, RoomTable } from "../room_table.ts";
import type { SentAs } from "../store.ts";
import type { SqliteAccountActs } from "./account_acts.ts";
import type { SqliteAccounts } from "./accounts.ts";
import type { SqliteConversations } from "./conversations.ts";
import type { SqliteCorrespondents } from "./correspondents.ts";
import type { SqliteInvites } from "./invites.ts";
import type { SqliteMailboxes } from "./mailboxes.ts";
import { type SqliteMessages, writeRemains } from "./messages.ts";
import type { SqliteNames } from "./names.ts";
import type { SqliteReplicaTable } from "./replica_table.ts";
import type { SqliteRoomOrders } from "./room_orders.ts";
import type { SqliteTokens } from "./tokens.ts";
import type { SqliteTrustedNetworks } from "./trusted_networks.ts";
import type { SqliteUserBlocks } from "./user_blocks.ts";

const SECONDS_A_DAY = 86_400;
const SECONDS_A_MINUTE = 60;

/** The tables of a copy, whose sizes are not limited. */
export interface ReplicaTables {
  /** How far the copy is. */
  readonly replica: SqliteReplicaTable;
  /** Names. */
  readonly names: SqliteNames;
  /** Accounts. */
  readonly accounts: SqliteAccounts;
  /** Codes with which accounts are made. */
  readonly invites: SqliteInvites;
  /** Networks. */
  readonly networks: SqliteTrustedNetworks;
  /** Who has written to whom. */
  readonly correspondents: SqliteCorrespondents;
  /** Conversations; `undefined` if none are kept. */
  readonly conversations: SqliteConversations | undefined;
  /** Messages. */
  readonly messages: SqliteMessages;
  /** Letters. */
  readonly mailboxes: SqliteMailboxes;
  /** Rooms. */
  readonly rooms: RoomTable;
  /** Tokens. */
  readonly tokens: SqliteTokens;
  /** Blocks between accounts. */
  readonly blocks: SqliteUserBlocks;
  /**
   * What administrators do.
   *
   * @param now Unix seconds: those of the entry.
   */
  acts(now: () => number): {
    readonly accounts: SqliteAccountActs;
    readonly rooms: SqliteRoomOrders;
  };
  /** A room has ended, or an account: their messages are to be deleted soon. */
  onEnd(): void;
  /** These entries of the log had texts that nobody may read any more. */
  onErased(entries: readonly number[]): void;
}

/** {@linkcode ReplicaWrites} of one entry at a time, inside a transaction. */
export class SqliteReplicaWrites implements ReplicaWrites {
  /** See {@linkcode ReplicaWrites.admin}. */
  readonly admin: AdminActs;
  readonly #tables: ReplicaTables;
  #stamp: Stamp = { seq: 0, at: 0 };

  /** Works on these tables. */
  constructor(tables: ReplicaTables) {
    this.#tables = tables;
    this.admin = this.#adminActs();
  }

  /** Does what an entry does, and notes that it is done. @param before The entry behind which it has to be. */
  run<T>(stamp: Stamp, before: number, work: (writes: ReplicaWrites) => T): T {
    this.#tables.replica.reached(stamp.seq, before);
    this.#stamp = stamp;
    return work(this);
  }

  /** See {@linkcode ReplicaWrites.rememberName}. */
  rememberName(folded: string, name: string): boolean {
    const minute = Math.floor(this.#now.time / SECONDS_A_MINUTE);
    return this.#tables.names.remember(folded, name, minute);
  }

  /** See {@linkcode ReplicaWrites.noteLeft}. */
  noteLeft(left: readonly (readonly [string, number])[]): void {
    this.#tables.names.noteLeft(left);
  }

  /** See {@linkcode ReplicaWrites.createAccount}. */
  createAccount(folded: string, name: string, passwordHash: string): boolean {
    return this.#tables.accounts.create(folded, name, passwordHash, this.#now.time);
  }

  /** See {@linkcode ReplicaWrites.createInvited}. */
  createInvited(
    folded: string,
    name: string,
    passwordHash: string,
    inviteHash: string,
  ): "created" | "exists" | "not-invited" {
    const { invites } = this.#tables;
    if (!invites.isOpen(inviteHash, this.#now.time)) return "not-invited";
    if (!this.createAccount(folded, name, passwordHash)) return "exists";
    invites.use(inviteHash);
    return "created";
  }

  /** See {@linkcode ReplicaWrites.replacePasswordHash}. */
  replacePasswordHash(folded: string, oldHash: string, newHash: string): boolean {
    return this.#tables.accounts.replaceHash(folded, oldHash, newHash);
  }

  /** See {@linkcode ReplicaWrites.trustNetwork}. */
  trustNetwork(folded: string, passwordHash: string, network: string): void {
    this.#tables.networks.trust(folded, passwordHash, network, this.#now.day);
  }

  /** See {@linkcode ReplicaWrites.deleteLetters}. */
  deleteLetters(folded: string, upTo: number): void {
    this.#tables.mailboxes.delete(folded, upTo);
  }

  /** See {@linkcode ReplicaWrites.markLetters}. */
  markLetters(
    folded: string,
    session: string,
    marks: readonly { readonly stored: number; readonly n: number }[],
  ): void {
    this.#tables.mailboxes.mark(folded, session, marks);
  }

  /** See {@linkcode ReplicaWrites.dropLetters}. */
  dropLetters(folded: string, upTo: SentAs): void {
    this.#tables.mailboxes.drop(folded, upTo);
  }

  /** See {@linkcode ReplicaWrites.noteCorrespondent}. */
  noteCorrespondent(folded: string, other: string): void {
    this.#tables.correspondents.noteNames(folded, other);
  }

  /** See {@linkcode ReplicaWrites.openDirect}. */
  openDirect(folded: string, other: string): number | undefined {
    return this.#tables.conversations?.openDirect(folded, other);
  }

  /** See {@linkcode ReplicaWrites.openRoom}. */
  openRoom(room: number): number | undefined {
    return this.#tables.conversations?.openRoom(room);
  }

  /** See `RoomStore.adopt`. */
  "rooms.adopt"(ids: readonly number[], folded: string): void {
    this.#tables.rooms.adopt(ids, folded);
  }

  /** See `RoomStore.remember`. */
  "rooms.remember"(id: number, folded: string): void {
    if (!this.#tables.rooms.isRemembered(id, folded)) this.#tables.rooms.remember(id, folded);
  }

  /** See `RoomStore.forgetMember`. */
  "rooms.forgetMember"(id: number, folded: string): void {
    this.#tables.rooms.forgetMember(id, folded);
  }

  /** See `ResumeStore.save`. */
  "resume.save"(folded: string, passwordHash: string, hash: string): boolean {
    return this.#tables.tokens.save(folded, passwordHash, hash);
  }

  /** See `ResumeStore.use`. */
  "resume.use"(
    folded: string,
    hash: string,
    nextHash: string,
    endedAfter: number,
  ): { readonly session: string | undefined } | undefined {
    return this.#tables.tokens.use(folded, hash, nextHash, endedAfter);
  }

  /** See `ResumeStore.settle`. */
  "resume.settle"(folded: string, hash: string): void {
    this.#tables.tokens.settle(folded, hash);
  }

  /** See `ResumeStore.end`. */
  "resume.end"(folded: string, end: SessionEnd): void {
    this.#tables.tokens.end(folded, end, this.#now.time);
  }

  /** See `ResumeStore.forget`. */
  "resume.forget"(folded: string): void {
    this.#tables.tokens.deleteAll(folded);
  }

  /** See `BlockedUsers.set`. */
  "blockedUsers.set"(
    folded: string,
    other: string,
    isOn: boolean,
  ): "done" | "no-account" | "too-many" {
    return this.#tables.blocks.set(folded, other, isOn, this.#now.time);
  }

  /** See {@linkcode ReplicaWrites.enter}. */
  enter(folded: string, maker?: RoomMaker): OpenedRoom | "too-many" | undefined {
    return this.#tables.rooms.open(folded, maker, this.#now);
  }

  /** See {@linkcode ReplicaWrites.changeRoom}. */
  changeRoom<Refused>(folded: string, decide: DecideRoom<Refused>): RoomChanged<Refused> {
    let isEnd = false;
    const changed = this.#tables.rooms.change<Refused>(folded, (room) => {
      const decided = decide(room);
      isEnd = "order" in decided && decided.order.write.kind === "remove";
      return decided;
    }, this.#now.time);
    if (isEnd) this.#tables.onEnd();
    return changed;
  }

  /** See {@linkcode ReplicaWrites.expel}. */
  expel(room: number, folded: string): void {
    this.#tables.replica.expel(room, folded, this.#stamp.seq, this.#now.time);
  }

  /** See {@linkcode ReplicaWrites.keep}. */
  keep({ in: name, behind, speaker, message }: LoggedMessage): KeepOutcome {
    const { replica, messages, blocks } = this.#tables;
    const conversation = this.#conversationOf(name);
    if (conversation === undefined) return { refused: "ended" };
    const { fingerprint } = message;
    if (fingerprint !== undefined) {
      const since = this.#now.time - LIMITS.repeatSeconds;
      const earlier = messages.earlierRow(conversation, fingerprint, since);
      if (earlier !== undefined) return { earlier };
    }
    if ("room" in name) {
      // An account that was removed before its node knew: nothing of it is kept any more.
      const isGone = message.sender !== undefined && !messages.isAccount(message.sender);
      if (isGone || replica.isExpelled(name.room, speaker, behind)) return { refused: "expelled" };
    } else if (blocks.has(otherOf(name.accounts, speaker), speaker)) return { refused: "blocked" };
    const place = { conversation, seq: this.#stamp.seq };
    const isKept = messages.keep({
      ...{ ...message, sender: message.sender, id: message.id, fingerprint },
      ...{ ...place, delivered: 1 }, // how many took it is known to each node alone
    });
    return isKept ? { kept: place } : { refused: "ended" };
  }

  /** See {@linkcode ReplicaWrites.storeLetter}. */
  storeLetter({ letter, place: named, options }: LoggedLetter): LetterOutcome {
    const { replica, mailboxes, messages } = this.#tables;
    const place = named && this.#placeOf(named);
    if (named !== undefined && place === undefined) return { outcome: "stored", isGone: true };
    let kept: LetterOutcome["kept"];
    const outcome = mailboxes.store(
      { ...letter, ...(place && { place }) },
      { ...options, onKept: (it) => kept = it },
      this.#stamp.seq,
    );
    if (place !== undefined) replica.noteEntry(this.#stamp.seq, place);
    const isGone = place !== undefined && !messages.has(place);
    return { outcome, isGone, ...(kept && { kept }) };
  }

  /** See {@linkcode ReplicaWrites.markRead}. */
  markRead(folded: string, name: ConversationName, seq: number): void {
    const conversation = this.#conversationOf(name);
    if (conversation !== undefined) {
      this.#tables.conversations!.markReadTo(folded, conversation, seq);
    }
  }

  /**
   * A message is going to change. Notes that the entry has a text of it, and writes what remains of one that is to be
   * deleted and is not here, since its own entry was out of the log when this copy was made.
   *
   * @returns Where it is.
   */
  prepareChange(
    { seq }: Stamp,
    named: { readonly in: ConversationName; readonly seq: number },
    { hasText, remains }: {
      readonly hasText: boolean;
      readonly remains: MessageRemains | undefined;
    },
  ): Place | undefined {
    const { replica, messages } = this.#tables;
    const place = this.#placeOf(named);
    if (place === undefined || !messages.takes(place.conversation)) return undefined;
    if (hasText) replica.noteEntry(seq, place);
    if (remains === undefined || messages.find(place) !== undefined) return place;
    const { sender, guest, time } = remains;
    // The account that wrote it is gone, and with it what it wrote: here before, elsewhere soon.
    const isWritersGone = sender === undefined ? guest === undefined : !messages.isAccount(sender);
    if (isWritersGone) return place;
    messages.insertAs(sender, { ...place, time, guest, delivered: 1 }, writeRemains(remains));
    return place;
  }

  #adminActs(): AdminActs {
    const { messages, mailboxes, rooms, onEnd, onErased } = this.#tables;
    const acts = this.#tables.acts(() => this.#now.time);
    return {
      add: (...args) => acts.accounts.add(...args),
      setPassword: (...args) => acts.accounts.setPassword(...args),
      block: (...args) => acts.accounts.block(...args),
      unblock: (...args) => acts.accounts.unblock(...args),
      remove: (folded) => {
        messages.settle(); // what is known of the account and its conversations is looked up again
        const entries = mailboxes.numbersOf(folded);
        const letters = acts.accounts.remove(folded);
        if (letters === undefined) return undefined;
        onErased(entries);
        rooms.rolledBack(); // they name it no more
        onEnd();
        return { letters };
      },
      invite: (invite) => acts.accounts.invite(invite, this.#stamp.seq),
      revokeInvite: (id) => acts.accounts.revokeInvite(id),
      removeRoom: (folded) => {
        messages.settle();
        const room = acts.rooms.removeRoom(folded);
        if (room !== undefined) onEnd();
        return room;
      },
      grantRoom: (...args) => acts.rooms.grantRoom(...args),
    };
  }

  get #now(): Moment {
    const time = this.#stamp.at / 1000;
    return { time, day: Math.floor(time / SECONDS_A_DAY) };
  }

  /** A conversation, which is made if it is one of two accounts that have none. */
  #conversationOf(name: ConversationName): number | undefined {
    const { conversations, replica } = this.#tables;
    if (conversations === undefined) return undefined;
    return replica.conversationOf(name) ??
      ("room" in name
        ? conversations.openRoom(name.room)
        : conversations.openDirect(...name.accounts));
  }

  #placeOf(
    { in: name, seq }: { readonly in: ConversationName; readonly seq: number },
  ): Place | undefined {
    const conversation = this.#conversationOf(name);
    return conversation === undefined ? undefined : { conversation, seq };
  }
}

function otherOf([first, second]: readonly [string, string], folded: string): string {
  return first === folded ? second : first;
}

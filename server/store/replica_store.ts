/**
 * A store that is one node's copy of what several nodes remember.
 *
 * @module
 */

import type { RequestId } from "../../common/wire/protocol.ts";
import type { AdminActs } from "./admin_acts.ts";
import type { SessionEnd } from "./resume_store.ts";
import type {
  ChangedMessage,
  ChangeRefusal,
  Earlier,
  MessageDeletion,
  MessageEdit,
  NewMessage,
  Place,
} from "./messages.ts";
import type { OpenedRoom, RoomMaker, RoomOrder, StoredRoom, WriteRefusal } from "./room_store.ts";
import type {
  Letter,
  MailboxRefusal,
  SentAs,
  Store,
  StoreLetterOptions,
  StoreOutcome,
} from "./store.ts";

/** A conversation by what is the same on all nodes; numbers of conversations are each database's own. */
export type ConversationName =
  /** A room that lasts, by its number. */
  | { readonly room: number }
  /** Two accounts, folded. */
  | { readonly accounts: readonly [string, string] };

/** Where an operation stands in the log. */
export interface Stamp {
  /** The number of its entry: what is kept or stored by it has that number. */
  readonly seq: number;
  /** Milliseconds since 1970 at which its node gave it. */
  readonly at: number;
}

/** What stays of a message that is deleted. */
export interface MessageRemains {
  /** See `NewMessage`. */
  readonly from: string;
  /** The sender's account, folded, if there is one. */
  readonly sender?: string;
  /** See `NewMessage`. */
  readonly guest?: string;
  /** See `NewMessage`. */
  readonly to: string;
  /** See `NewMessage`. */
  readonly time: number;
  /** See `NewMessage`. */
  readonly id?: RequestId;
  /** See `NewMessage`. */
  readonly reply?: number;
}

/** How long what is remembered. All nodes go by what the entry says. */
export interface RetentionTerms {
  /** See `SqliteStoreOptions`. */
  readonly knownDays: number;
  /** See `SqliteStoreOptions`. */
  readonly mailDays: number;
  /** See `SqliteStoreOptions`. */
  readonly roomDays: number;
  /** See `SqliteStoreOptions`. */
  readonly historyDays: number;
  /** See `SqliteStoreOptions`. */
  readonly resumeHours: number;
}

/** A message that is to be kept under the number of its entry. */
export interface LoggedMessage {
  /** Where. */
  readonly in: ConversationName;
  /** The number of the entry up to which the sender's node had applied all when it was accepted. */
  readonly behind: number;
  /** Who speaks, folded; also a guest. */
  readonly speaker: string;
  /** The rest. */
  readonly message: Omit<NewMessage, "conversation" | "seq" | "delivered">;
}

/** What became of a message. */
export type KeepOutcome =
  /** It is kept there. */
  | { readonly kept: Place }
  /** It had come before. */
  | { readonly earlier: Earlier }
  | {
    readonly refused:
      /** The addressee takes no messages from the sender. */
      | "blocked"
      /** The speaker was taken out of the room, or silenced, or their account removed, before their node knew. */
      | "expelled"
      /** Its conversation has ended. */
      | "ended";
  };

/** What became of a letter, and of the message that it is. */
export interface LetterOutcome {
  /** See `Store.storeLetter`. */
  readonly outcome: StoreOutcome;
  /** What it is kept as; absent if it is not kept by this. */
  readonly kept?: Earlier;
  /** Nobody may read it any more: its message was deleted, or its conversation has ended. */
  readonly isGone?: boolean;
}

/** A letter as the log has it. */
export interface LoggedLetter {
  /** The letter. */
  readonly letter: Omit<Letter, "place">;
  /** Where it is kept already. */
  readonly place?: { readonly in: ConversationName; readonly seq: number };
  /** How it is decided. */
  readonly options: Omit<StoreLetterOptions, "onKept">;
}

/** A change of a message as the log has it. */
export type LoggedChange =
  /** It came before, under another number: in a copy that did not know, since the first was out of the log, it is there twice. */
  | {
    readonly in: ConversationName;
    readonly withdrawal: { readonly seq: number; readonly time: number };
  }
  | { readonly in: ConversationName; readonly edit: Omit<MessageEdit, "conversation"> }
  | {
    readonly in: ConversationName;
    readonly deletion: Omit<MessageDeletion, "conversation">;
    readonly remains?: MessageRemains;
  };

/** What became of a change. */
export interface ChangeResult {
  /** See `Store.editMessage`. */
  readonly outcome: ChangedMessage | ChangeRefusal;
  /** Where the message is, if its conversation is there. */
  readonly place?: Place;
}

/** What came of a change of a room: see `RoomStore.change`. `thrown` is what the decision has thrown: nothing was written. */
export type RoomChanged<Refused> =
  | { readonly before: StoredRoom; readonly after: StoredRoom }
  | { readonly refused: Refused | WriteRefusal }
  | { readonly thrown: unknown }
  | undefined;

/**
 * What an entry does to a copy, at once: named as the methods of {@linkcode Store} that decide the same. What comes of it
 * depends on nothing but what is in the copy, the arguments and the {@linkcode Stamp}.
 */
export interface ReplicaWrites {
  /**
   * What an administrator does. A code gets the number of the entry; the messages of an account that is removed are erased
   * later.
   */
  readonly admin: AdminActs;
  /** See `Store`. */
  rememberName(folded: string, name: string): boolean;
  /** See `Store`. */
  noteLeft(left: readonly (readonly [string, number])[]): void;
  /** See `Store`. */
  createAccount(folded: string, name: string, passwordHash: string): boolean;
  /** See `Store`. */
  createInvited(
    folded: string,
    name: string,
    passwordHash: string,
    inviteHash: string,
  ): "created" | "exists" | "not-invited";
  /** See `Store`. */
  replacePasswordHash(folded: string, oldHash: string, newHash: string): boolean;
  /** See `Store`. */
  trustNetwork(folded: string, passwordHash: string, network: string): void;
  /** See `Store`. */
  deleteLetters(folded: string, upTo: number): void;
  /** See `Store`. */
  markLetters(
    folded: string,
    session: string,
    marks: readonly { readonly stored: number; readonly n: number }[],
  ): void;
  /** See `Store`. */
  dropLetters(folded: string, upTo: SentAs): void;
  /** See `Store`. */
  noteCorrespondent(folded: string, other: string): void;
  /** See `Store`. */
  openDirect(folded: string, other: string): number | undefined;
  /** See `Store`. */
  openRoom(room: number): number | undefined;
  /** See `RoomStore`. */
  "rooms.adopt"(ids: readonly number[], folded: string): void;
  /** See `RoomStore`. */
  "rooms.remember"(id: number, folded: string): void;
  /** See `RoomStore`. */
  "rooms.forgetMember"(id: number, folded: string): void;
  /** See `ResumeStore`. */
  "resume.save"(folded: string, passwordHash: string, hash: string): boolean;
  /**
   * See `ResumeStore`.
   *
   * @param endedAfter Unix seconds: tokens of connections that ended then or before are not right.
   */
  "resume.use"(
    folded: string,
    hash: string,
    nextHash: string,
    endedAfter: number,
  ): { readonly session: string | undefined } | undefined;
  /** See `ResumeStore`. */
  "resume.settle"(folded: string, hash: string): void;
  /** See `ResumeStore`. */
  "resume.end"(folded: string, end: SessionEnd): void;
  /** See `ResumeStore`. */
  "resume.forget"(folded: string): void;
  /** See `BlockedUsers`. */
  "blockedUsers.set"(
    folded: string,
    other: string,
    isOn: boolean,
  ): "done" | "no-account" | "too-many";
  /** See `RoomStore.open`. */
  enter(folded: string, maker?: RoomMaker): OpenedRoom | "too-many" | undefined;
  /** See `RoomStore.change`. */
  changeRoom<Refused>(
    folded: string,
    decide: (room: StoredRoom) => { readonly order: RoomOrder } | { readonly refused: Refused },
  ): RoomChanged<Refused>;
  /** Somebody was taken out of a room or silenced: what they said behind an earlier entry is refused from now on. */
  expel(room: number, folded: string): void;
  /** Keeps a message under the number of the entry. */
  keep(message: LoggedMessage): KeepOutcome;
  /**
   * See `Store.storeLetter`; its number in the mailbox, and in a conversation, is that of the entry. No limit holds, and
   * nobody is noted to have written to anybody: that depends on what may be out of the log, so it is done by whoever
   * writes the entry.
   */
  storeLetter(letter: LoggedLetter): LetterOutcome;
  /** See `MessageStore.markRead`; there is a message of that number. */
  markRead(folded: string, conversation: ConversationName, seq: number): void;
}

/** What a copy knows at once, so that nothing is written to the log that would change nothing. */
export interface ReplicaReads {
  /** Whether it is written down that a name was online today in this very form. */
  isNameOfToday(folded: string, name: string): boolean;
  /** A name as it was shown when it was online last; `folded` if that is not known, and empty without one. */
  shownName(folded: string | undefined): string;
  /** Whether a login to an account from a network is written down today. */
  isNetworkOfToday(folded: string, network: string): boolean;
  /** Whether an account is known to have written to another. */
  isCorrespondent(folded: string, other: string): boolean;
  /** Whether it is written down that an account is in a room, or nothing is to be. */
  isMember(room: number, folded: string): boolean;
  /** Whether a token is right; without one, whether there is any. */
  hasToken(folded: string, hash?: string): boolean;
  /** A room that can be entered without anything being written. */
  openedToday(folded: string): OpenedRoom | undefined;
  /** The conversation of two accounts, or of a room. */
  conversationOf(name: ConversationName): number | undefined;
  /** What a conversation is called; `undefined` if there is none of that number, or it has ended. */
  nameOf(conversation: number): ConversationName | undefined;
  /** Why a letter would be refused, besides for what entries say. @param underWay Letters that are not applied yet. */
  refusalOf(
    letter: Omit<Letter, "place">,
    underWay: Iterable<Omit<Letter, "place">>,
  ): MailboxRefusal | "no-message" | undefined;
  /** Whether a message waits in a mailbox that does not take a longer text. */
  fills(edit: MessageEdit): boolean;
  /** The number of the newest message of a conversation; 0 if there is none. */
  lastOf(conversation: number): number;
  /** What is to stay of a message, also of one that was deleted; `undefined` if there is none. */
  remainsOf(place: Place): MessageRemains | undefined;
  /** The entries that have a text of a message, perhaps some that are out of the log already. */
  entriesOf(place: Place): number[];
  /** Unix seconds: tokens of connections that ended then or before are right no more. */
  tokensSince(): number;
}

/**
 * A {@linkcode Store} whose rows change only by entries of a log. Of the methods of `Store` only those that read are to be
 * called, `erase` and `check`.
 *
 * Guarantees:
 * 1. The effects of an entry and {@linkcode ReplicaStore.position} are on disk together or not at all; a change or a
 *    {@linkcode ReplicaStore.tidy} that was interrupted can be done once more, and comes to the same.
 * 2. Two copies that applied the same entries in the same order hold the same, but for numbers that are their own: those
 *    of conversations, and of rows.
 * 3. Texts may be out of the log when a copy reads it, since they were deleted. So what an entry comes to depends on none,
 *    but for what is recognised as a repeat, and {@linkcode LoggedChange} undoes that. Limits of mailboxes and of the
 *    database's size are for whoever writes the entry, by `checkRoom` and {@linkcode ReplicaReads.refusalOf}.
 */
export interface ReplicaStore extends Store {
  /** The number of the last entry of which the effects are on disk; 0 at first. */
  readonly position: number;
  /** What is known at once. */
  readonly knows: ReplicaReads;
  /** What this node's flags say. */
  readonly retention: RetentionTerms;

  /**
   * Applies an entry, in the order of the calls, with others in one transaction. Durable when it resolves; calls of a turn
   * resolve in their order.
   *
   * @param work Perhaps called again if the file was locked: changes nothing but the copy.
   * @throws {StoreError} If the engine fails: then the copy is not to be used any more.
   */
  apply<T>(stamp: Stamp, work: (writes: ReplicaWrites) => T): Promise<T>;

  /** Applies an entry that edits or deletes a message. Until it resolves nothing else is to be applied. */
  change(stamp: Stamp, change: LoggedChange): Promise<ChangeResult>;

  /**
   * Calls back with entries of the log that have texts of an account which was removed, when those are erased here. What a
   * node that dies in this moment does not tell, others do.
   */
  watchErased(onErased: (entries: readonly number[]) => void): void;

  /**
   * Tells those who watch accounts and rooms what administrators have done: now, so that it is told in the order of the
   * log. Else they would hear of it within two seconds.
   */
  tellChanges(): void;

  /** Lets go of what is too old at an entry's time. Until it resolves nothing else is to be applied. */
  tidy(stamp: Stamp, terms: RetentionTerms): Promise<void>;
}

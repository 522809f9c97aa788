/**
 * Messages that are kept, behind one asynchronous interface: a part of `Store`, with the same promises.
 *
 * @module
 */

import type { MessageKind, RequestId } from "../../common/wire/protocol.ts";

/** Bytes of a page of messages at most, as they stand in an answer: so that one has at most 256 KiB. */
export const MAX_PAGE_BYTES: number = 262_144 - 1_024;

/** Where a message is kept. */
export interface Place {
  /** The conversation, as the store numbers them. */
  readonly conversation: number;
  /** The message's number in it. */
  readonly seq: number;
}

/** A message that is to be kept. */
export interface NewMessage extends Place {
  /** The sender's name, as shown. */
  readonly from: string;
  /** The sender's account, folded; `undefined` for a guest. */
  readonly sender: string | undefined;
  /** A guest's session: their name is nobody's. */
  readonly guest?: string | undefined;
  /** The addressee, as shown: a name or a room. */
  readonly to: string;
  /** The text. */
  readonly message: string;
  /** Unix seconds at which the server accepted it. */
  readonly time: number;
  /** The request's id, if it had one. */
  readonly id: RequestId | undefined;
  /** The number of the message in the same conversation that it answers, if it answers one. */
  readonly reply?: number | undefined;
  /** How it is meant, if it is not just said. */
  readonly kind?: MessageKind | undefined;
  /** What a repeat of the request is recognised by: see `fingerprint.ts`. */
  readonly fingerprint: string | undefined;
  /** How many connections took it at once. */
  readonly delivered: number;
}

/** A message as it is kept. */
export interface KeptMessage {
  /** Its number in its conversation. */
  readonly seq: number;
  /** Unix seconds at which the server accepted it. */
  readonly time: number;
  /** The addressee's name, as shown then. */
  readonly to: string;
  /** The sender's name, as shown then. */
  readonly from: string;
  /** The text; absent if it was deleted. */
  readonly message?: string;
  /** The request's id, if it had one. */
  readonly id?: RequestId;
  /** The number of the message that it answers, if it answers one. */
  readonly reply?: number;
  /** How it is meant, if it is not just said. */
  readonly kind?: MessageKind;
  /** Unix seconds of the last change of the text, if there was one. */
  readonly edited?: number;
  /** Whether it was deleted. */
  readonly deleted?: true;
}

/** Who asks for a change of a message: it is theirs if the account wrote it, or the guest's session. */
export interface Author {
  /** The account, folded; `undefined` for a guest. */
  readonly account: string | undefined;
  /** See `User.session`. */
  readonly session: string;
}

/** A change of a message that somebody asks for. */
export interface RequestedChange extends Place {
  /**
   * Who asks, folded: those who ask at once have their turns.
   *
   * @default {""}
   */
  readonly asker?: string;
}

/** Another text for a message. */
export interface MessageEdit extends RequestedChange {
  /** Who asks for it. */
  readonly by: Author;
  /** The text from now on. */
  readonly message: string;
  /** Unix seconds of the change. */
  readonly time: number;
  /** Unix seconds: what is older is not changed any more. */
  readonly since: number;
}

/** The end of a message. */
export interface MessageDeletion extends RequestedChange {
  /** Who asks for it; `"moderator"` for who may delete whatever is there. */
  readonly by: Author | "moderator";
  /** Unix seconds of the change. */
  readonly time: number;
}

/** A message that has changed. */
export interface ChangedMessage {
  /** The addressee's name, as shown when it was sent. */
  readonly to: string;
  /** The sender's name, as shown then. */
  readonly from: string;
  /** How it is meant, if it is not just said. */
  readonly kind?: MessageKind;
}

/** Why a message was not changed. */
export type ChangeRefusal =
  /** There is none of that number, or it was deleted. */
  | "unknown"
  /** Somebody else wrote it. */
  | "not-own"
  /** It is too old. */
  | "too-late"
  /** It waits in a mailbox that does not take a longer one. */
  | "mailbox-full";

/** Who waits for an answer that may take a while. */
export interface Asking {
  /**
   * Those who ask at once have their turns. Whoever could ask under very many names would make all others
   * wait for all of these, so it is best what asking is paid by: the network.
   *
   * @default {""}
   */
  readonly asker?: string;
  /** Aborted when nobody waits any more: what has not begun is given up. */
  readonly signal?: AbortSignal;
}

/** Who asks for conversations. */
export interface ConversationsOptions extends Asking {
  /**
   * Rooms that the account is in, by number: they are listed whatever else holds.
   *
   * @default {[]}
   */
  readonly rooms?: readonly number[];
}

/** Which part of a conversation. */
export interface PageOptions extends Asking {
  /** Only messages with a lower number: the newest of these. */
  readonly before?: number | undefined;
  /** Only messages with a higher number: the oldest of these, also of those between `after` and `before`. */
  readonly after?: number | undefined;
  /** Messages at most; 0–100. */
  readonly limit: number;
}

/** A part of a conversation. */
export interface Page {
  /** Oldest first. */
  readonly messages: KeptMessage[];
  /** Whether there is more in the direction of the search. */
  readonly more: boolean;
}

/** What became of a message before. */
export interface Earlier {
  /** Its number. */
  readonly seq: number;
  /** How many connections took it at once. */
  readonly delivered: number;
}

/** A conversation, as an account sees it. */
export interface ConversationSummary {
  /** The other one's name, or the room's, as shown. */
  readonly with: string;
  /** The number of the newest message. */
  readonly last: number;
  /** Up to where one has read; 0 at first. */
  readonly read: number;
  /** How many messages of others are behind that. */
  readonly unread: number;
  /** Unix seconds of the newest message; of a room in which nothing was said, when it was made. */
  readonly time: number;
}

/** The place of a message, as a person who may read it can name it. */
export type SearchPlace =
  | {
    /** A room that lasts. */
    readonly room: number;
    /** The number of a message in it. */
    readonly seq: number;
  }
  | {
    /** The other one of a direct conversation, folded. */
    readonly account: string;
    /** The number of a message in it. */
    readonly seq: number;
  };

/** What is looked for, and where. Whoever asks may read all of that. */
export interface MessageSearch extends Asking {
  /** Words, phrases and prefixes: see `parseQuery`. */
  readonly text: string;
  /** Whose direct conversations, folded; none if `undefined`. */
  readonly account: string | undefined;
  /** Of these only the one with that account, folded; all if `undefined`. */
  readonly other: string | undefined;
  /** Which rooms that last. */
  readonly rooms: readonly number[];
  /** Only what somebody of that folded name has said. */
  readonly from: string | undefined;
  /** Only messages before that one. */
  readonly after: SearchPlace | undefined;
  /** Messages at most; 1–100. */
  readonly limit: number;
}

/** What was found. */
export interface Found extends Page {
  /** Milliseconds that it took the archive, without waiting for others. */
  readonly ms: number;
}

/**
 * Conversations and the messages in them. A message has a number that rises within its conversation and is never used
 * again, not even by a process that comes after a crash.
 */
export interface MessageStore {
  /** For how many days messages are kept; 0: none is kept, there are no conversations, and only letters are stored. */
  readonly historyDays: number;

  /**
   * The conversation of two accounts, with a number for its next message at hand. Makes it if need be; what a number
   * needs to be never used again is durable when it resolves.
   *
   * @returns `undefined` if one of them is no account, or none is kept.
   * @throws {StoreFullError} Only if it is new.
   */
  openDirect(folded: string, other: string): Promise<number | undefined>;

  /**
   * The conversation of a room that lasts: as {@linkcode MessageStore.openDirect}.
   *
   * @param room The room's number.
   * @returns `undefined` if there is no such room, or none is kept.
   */
  openRoom(room: number): Promise<number | undefined>;

  /**
   * The number for the next message of a conversation, at once. It is used up by
   * {@linkcode MessageStore.keepMessage}, to be called in the same turn, or not at all.
   *
   * @returns `undefined` if none is at hand: open the conversation first.
   */
  nextSeq(conversation: number): number | undefined;

  /**
   * Makes sure, at once, that a message can be kept, with all those that are on their way.
   *
   * @param bytes About how large it is.
   * @throws {StoreFullError} If not.
   */
  checkRoom(bytes: number): void;

  /**
   * Keeps a message. Durable when it resolves with `true`. Its number is used up whatever becomes of it.
   *
   * @returns `false` if the conversation has ended: an account or the room was removed.
   */
  keepMessage(message: NewMessage): Promise<boolean>;

  /** Whether there is a message of that number, at once: one that is still on its way to disk counts. */
  hasMessage(conversation: number, seq: number): boolean;

  /**
   * Gives a message another text, also where it waits in a mailbox. Done behind all that was given to the store before,
   * and of one asker in the order of the calls. Durable when it resolves; the old text is gone from the files after
   * {@linkcode MessageStore.erase}.
   *
   * @throws {StoreFullError} Only if the text is longer.
   */
  editMessage(edit: MessageEdit): Promise<ChangedMessage | ChangeRefusal>;

  /**
   * Deletes the text of a message, and takes it out of the mailbox that it waits in. Its number and names stay. In the
   * same order, and as durable; the text is gone from the files after {@linkcode MessageStore.erase}.
   */
  deleteMessage(deletion: MessageDeletion): Promise<ChangedMessage | ChangeRefusal>;

  /**
   * Resolves when no text that was deleted or replaced before the call is in any of the database's files.
   *
   * @returns `false` if that is not so within five seconds, since another program keeps them there by reading; it goes on
   * being tried.
   */
  erase(): Promise<boolean>;

  /**
   * What became of a message with that fingerprint in a conversation, if it is on disk and no older. As long as the
   * store is open that holds for messages that were edited or deleted since, too: their fingerprints are not on disk
   * any more.
   *
   * @param since Unix seconds.
   */
  findEarlier(conversation: number, fingerprint: string, since: number): Earlier | undefined;

  /** The conversation of two accounts; `undefined` if they have none. */
  findDirect(folded: string, other: string): Promise<number | undefined>;

  /**
   * A part of a conversation, with all that was given to the store before. At most 256 KiB of texts, but at least one
   * message.
   *
   * @throws {DOMException} "AbortError" (or the signal's reason) if the asker's signal is aborted before it begins; so do
   * the other questions with an {@linkcode Asking}.
   */
  listMessages(conversation: number, page: PageOptions): Promise<Page>;

  /** An account has read a conversation up to a number, or to its newest message; never moves back. Durable when it resolves. */
  markRead(folded: string, conversation: number, seq: number): Promise<void>;

  /**
   * An account's conversations, direct ones and those of the rooms that `RoomStore.remember` knows of and that the
   * account would be admitted to; the one with the newest message first.
   */
  listConversations(
    folded: string,
    limit: number,
    options?: ConversationsOptions,
  ): Promise<ConversationSummary[]>;

  /**
   * The newest messages that contain all of what is looked for, the newest first, with all that was given to the store
   * before. At most 256 KiB of texts; `more` says whether there is another one.
   *
   * @returns `undefined` if there is no message at the place behind which the search goes on, and never was.
   * @throws {StoreBusyError} If it would take too long.
   */
  search(search: MessageSearch): Promise<Found | undefined>;
}

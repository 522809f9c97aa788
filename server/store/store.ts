/**
 * What the server remembers, behind one asynchronous interface.
 *
 * An engine is embedded (`sqlite.ts`) or, one day, distributed: so no row, no statement and no file name
 * leaves it, names arrive folded (`foldName`) next to their shown form, and each method says what is durable
 * when its promise resolves. "Durable" means: still there after the process was killed and the machine lost
 * its power.
 *
 * @module
 */

import type { MessageKind, RequestId } from "../../common/wire/protocol.ts";
import type { BlockedUsers } from "./blocked_users.ts";
import type { RoomStore } from "./room_store.ts";
import type { Earlier, MessageStore, Place } from "./messages.ts";
import type { ResumeStore } from "./resume_store.ts";

/** What is known of a name. */
export type NameStatus =
  /** Never online, no account. */
  | "unknown"
  /** Was online as a guest. */
  | "guest"
  /** Has an account. */
  | "account";

/** An account. */
export interface Account {
  /** The folded name: the key. */
  readonly folded: string;
  /** The name as its owner typed it when the account was made. */
  readonly name: string;
  /** The password's hash with its parameters and salt, as `passwords.ts` writes it. */
  readonly passwordHash: string;
  /** Why the user is blocked; `undefined` if not blocked. */
  readonly blocked: string | undefined;
}

/** As what a message was sent: a frame of a numbered session. */
export interface SentAs {
  /** Names the session. */
  readonly session: string;
  /** The frame's number. */
  readonly n: number;
}

/** A message on its way into a mailbox. */
export interface Letter {
  /** The addressee's name, folded. */
  readonly folded: string;
  /** The addressee's name, as shown. */
  readonly to: string;
  /** The sender's name, as shown. */
  readonly from: string;
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
  /** Where it is kept already, or was to be; absent if it is not kept, or is kept only with being stored. */
  readonly place?: Place;
  /** As what it was sent last, if that is known and it may have arrived. */
  readonly sent?: SentAs;
}

/** A message in a mailbox. */
export interface StoredLetter extends Letter {
  /** Its number in that mailbox; rises with every message and is never used again. */
  readonly stored: number;
}

/** What became of a letter. */
export type StoreOutcome =
  /** On disk; or it was deleted there, or nobody may read it any more: then it is no letter. */
  | "stored"
  /** The name has no account, so it has no mailbox. */
  | "no-account"
  /** It answers a message that is not there. */
  | "no-message"
  /** The addressee takes no messages from the sender: see {@linkcode BlockedUsers}. */
  | "blocked"
  /** The mailbox does not take it: see {@linkcode MailboxRefusal}. */
  | MailboxRefusal;

/** Why a mailbox takes a letter no more, each in messages or in bytes. What is counted is what nobody fetched yet. */
export type MailboxRefusal =
  /** The mailbox holds as much as it may. */
  | "full"
  /** It holds as much of that sender as it may. */
  | "sender-full"
  /** It holds as much of guests as it may. */
  | "guests-full"
  /** It holds as much as it may of those whom its owner never wrote to. */
  | "strangers-full";

/** Somebody whose name is known. */
export interface KnownPerson {
  /** The name as shown when it was online last; an account's own if it never was. */
  readonly name: string;
  /** Whether it is an account's. */
  readonly isAccount: boolean;
  /** The last minute (since 1970) of which it is noted that they were online. */
  readonly lastMinute?: number;
}

/** How {@linkcode Store.storeLetter} decides. */
export interface StoreLetterOptions {
  /**
   * Whether the letter was accepted before and would be lost otherwise: then no limit applies, neither the mailbox's
   * nor the database's, and no block that was made since. It counts like any other afterwards.
   *
   * @default {false}
   */
  isRescue?: boolean;
  /** What the letter is if it came before: then that is what was stored, and nothing else happens. Not with a rescue. */
  repeats?: {
    /** See `NewMessage.fingerprint`. */
    readonly fingerprint: string;
    /** Unix seconds from which on it may have come. */
    readonly since: number;
  };
  /** Called when the letter is a kept message from now on, or is one since it came before; what is said is not durable yet. */
  onKept?: (kept: Earlier) => void;
}

/** A change of accounts made from outside this process (an administrator's command). */
export interface AccountChange {
  /** The folded name. */
  readonly folded: string;
  /** What happened. */
  readonly kind: "blocked" | "removed";
  /** Why, if the administrator gave a reason. */
  readonly reason: string;
}

/**
 * Names, accounts, mailboxes, kept messages and rooms. All promises reject with {@linkcode StoreError} if the engine fails, and those of what
 * would make the database larger with {@linkcode StoreFullError} if it has reached its limit. Calls of one method take
 * effect and settle in the order in which they were made.
 */
export interface Store extends MessageStore, AsyncDisposable {
  /** Rooms that last. */
  readonly rooms: RoomStore;
  /** What proves a name without a password. */
  readonly resume: ResumeStore;
  /** Which accounts take no direct messages from which others. */
  readonly blockedUsers: BlockedUsers;

  /** Who is known by that name. */
  findPerson(folded: string): Promise<KnownPerson | undefined>;

  /** Notes when people were last online. Durable when it resolves; nothing is moved back. @param left Folded names, and minutes since 1970. */
  noteLeft(left: readonly (readonly [string, number])[]): Promise<void>;

  /** What is known of a name. */
  nameStatus(folded: string): Promise<NameStatus>;

  /**
   * Remembers that a name was online, and when last. Durable when it resolves.
   *
   * @param folded The folded name.
   * @param name The name as shown.
   * @returns Whether the name was new: of two callers at the same moment, one gets `true`.
   * @throws {StoreFullError} Only if it is new.
   */
  rememberName(folded: string, name: string): Promise<boolean>;

  /** The account of that name. */
  findAccount(folded: string): Promise<Account | undefined>;

  /**
   * Whether there is an account of a folded name that `accountNameFault` refuses: one from before that rule. At once:
   * the form of a request is checked with it. None is ever added, so an engine may know them all from the start.
   *
   * @throws {StoreError} If the engine fails.
   */
  hasLegacyAccount(folded: string): boolean;

  /** Why a name, account or guest, is blocked; `undefined` if it is not. */
  blockReason(folded: string): Promise<string | undefined>;

  /**
   * Makes an account with an empty mailbox. Durable when it resolves.
   *
   * @returns `false` if there is one already: of two callers at the same moment, one gets `true`.
   */
  createAccount(folded: string, name: string, passwordHash: string): Promise<boolean>;

  /** Whether an invitation code of that hash makes an account now: it is neither used up nor expired. */
  isInvited(inviteHash: string): Promise<boolean>;

  /**
   * Makes an account as {@linkcode Store.createAccount} does, and uses up one use of an invitation code: both or
   * neither. Durable when it resolves.
   *
   * @returns `"not-invited"` if the code is none, used up or expired: of two callers with one use, one is not invited.
   */
  createInvited(
    folded: string,
    name: string,
    passwordHash: string,
    inviteHash: string,
  ): Promise<"created" | "exists" | "not-invited">;

  /**
   * Replaces a password's hash. Durable when it resolves with `true`.
   *
   * @param oldHash What the account has now. With another one nothing is changed and the result is `false`: a
   * password that was changed meanwhile is not overwritten.
   */
  replacePasswordHash(folded: string, oldHash: string, newHash: string): Promise<boolean>;

  /**
   * Whether a login to an account from a network was right less than 90 days ago, and an administrator has set no
   * new password since.
   *
   * @param network Names it; compared as it is.
   */
  isTrustedNetwork(folded: string, network: string): Promise<boolean>;

  /**
   * Remembers that a login from a network was right: at most once a day, and for an account the latest
   * 100 networks. Durable when it resolves.
   *
   * @param passwordHash What was right. If the account has another hash by now, nothing is changed.
   */
  trustNetwork(folded: string, passwordHash: string, network: string): Promise<void>;

  /**
   * Puts a letter into a mailbox, and remembers that its sender, if that is an account, has written to the addressee:
   * then it is also kept in their conversation. Durable when it resolves with `"stored"`.
   */
  storeLetter(letter: Letter, options?: StoreLetterOptions): Promise<StoreOutcome>;

  /**
   * The letters of a mailbox with a number above `after`, oldest first, at most `limit`.
   *
   * @param after 0 for the beginning.
   */
  listLetters(folded: string, after: number, limit: number): Promise<StoredLetter[]>;

  /** Takes the letters up to that number out of a mailbox; those that are kept stay kept. Durable when it resolves. */
  deleteLetters(folded: string, upTo: number): Promise<void>;

  /**
   * Remembers as what letters were sent that may have arrived. Durable when it resolves.
   *
   * @param marks Numbers of letters, and of the frames of that session.
   */
  markLetters(
    folded: string,
    session: string,
    marks: readonly { readonly stored: number; readonly n: number }[],
  ): Promise<void>;

  /** Takes the letters that were sent in a session, up to a number, out of a mailbox. Durable when it resolves. */
  dropLetters(folded: string, upTo: SentAs): Promise<void>;

  /**
   * Remembers that an account has written to another: in the mailbox of the one, the other is no stranger from now
   * on. Durable when it resolves; nothing happens if one of them is no account.
   *
   * @param folded Who has written, folded.
   * @param other To whom, folded.
   */
  noteCorrespondent(folded: string, other: string): Promise<void>;

  /**
   * Calls back for each change that another process makes, within two seconds of it, and before an account is made
   * under the same name: what was done to the old one is never told of the new one.
   */
  watchAccounts(onChange: (change: AccountChange) => void): void;

  /** How many accounts there are. Reads through all of them. */
  countAccounts(): Promise<number>;

  /**
   * Finds out whether anything can be stored, by storing something that changes nothing.
   *
   * @throws {StoreError} If not; a {@linkcode StoreLostError} if the database's file is gone from its path.
   */
  check(): Promise<void>;

  /** Makes everything durable and closes. No method may be called afterwards. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The engine cannot do what was asked (disk full, file locked or corrupt). Nothing was changed. */
export class StoreError extends Error {
  /** The name of the class, for logs. */
  override readonly name: string = "StoreError";
}

/** The database has the size that the operator allows. Nothing was changed; what needs no more room goes on. */
export class StoreFullError extends StoreError {
  /** The name of the class, for logs. */
  override readonly name: string = "StoreFullError";
}

/** The database's file is gone from its path: what would be stored now would end with the process. */
export class StoreLostError extends StoreError {
  /** The name of the class, for logs. */
  override readonly name: string = "StoreLostError";
}

/** The engine has too much to do for this question. It may be asked again; `message` is a sentence for who asked. */
export class StoreBusyError extends StoreError {
  /** The name of the class, for logs. */
  override readonly name: string = "StoreBusyError";
  /** Milliseconds of work that were in vain. */
  readonly ms: number;

  /** Makes the error. */
  constructor(sentence: string, ms = 0) {
    super(sentence);
    this.ms = ms;
  }
}

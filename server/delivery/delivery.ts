/**
 * The one door between events and people.
 *
 * @module
 */

import type { MsgRequest, Notice } from "../../common/wire/protocol.ts";
import type { User } from "../people/user.ts";
import type { Room } from "../rooms/room.ts";
import type { MailboxRefusal, SentAs } from "../store/store.ts";
import type { MailboxReader } from "./mailbox.ts";

/** What became of a direct message. */
export type DirectOutcome =
  /** The addressee's connection took it. */
  | "delivered"
  /** The addressee's connection has no room. */
  | "full"
  /** The addressee is still getting stored messages, which it would overtake. */
  | "catching-up"
  /** It is on disk, behind the stored messages that the addressee is still getting. */
  | "behind"
  /** The addressee is offline; it was not to be stored. */
  | "offline"
  /** It is on disk until the addressee comes. */
  | "stored"
  /** The addressee is offline and has no mailbox. */
  | "guest"
  /** The mailbox does not take it. */
  | "mailbox-full"
  /** The mailbox holds as much as it may of this sender, of guests, or of strangers. */
  | Exclude<MailboxRefusal, "full">
  /** Nobody of that name has ever been here. */
  | "unknown";

/** What became of a direct message that is kept. */
export interface Kept {
  /** As for one that is not. */
  readonly outcome: "delivered" | "stored" | "behind";
  /** Its number. */
  readonly seq: number;
}

/**
 * Hands messages and notices to people. What decides whether a message may reach somebody stands behind this
 * interface, once; so does the way to people who are elsewhere.
 *
 * Guarantees:
 * 1. To one addressee, the messages of one sender arrive in the order of the calls, whichever of them wait for the
 *    disk.
 * 2. What needs no disk is answered at once, without a promise.
 * 3. "stored" and "behind" are said after the message is on disk, and so is what has a number. Delivery does not wait
 *    for that.
 * 4. A message that is kept, with a text as its id, and comes again within ten minutes is neither delivered nor kept
 *    again; its outcome is that of the first.
 */
export interface Delivery {
  /** A message from one user to another. The promise rejects with `StoreError` if the store fails. */
  toUser(from: User, request: MsgRequest): DirectOutcome | Promise<DirectOutcome | Kept>;

  /**
   * A message to everybody else in a room.
   *
   * @param from A member.
   * @returns How many took it.
   */
  toRoom(from: User, room: Room, request: MsgRequest): number;

  /** Tells the members of a room something, all but one if `except` is given. */
  notify(room: Room, notice: Notice, except?: User): void;

  /**
   * The mailbox of an account, for a user who has just come online with it.
   *
   * @param arrived What of an earlier session has arrived.
   */
  openMailbox(user: User, arrived?: SentAs): MailboxReader;

  /** Puts out what is in the user's mailbox and was not put out yet. Never rejects. */
  deliverMail(user: User): Promise<void>;

  /**
   * Puts the direct messages that an account's client has not confirmed into its mailbox, before all that is sent to
   * it later, when its connection or its session ends; they say as what they were sent. What the disk does not take is tried again, and handed to the account at its next login if need be.
   * Never rejects.
   */
  rescue(user: User): Promise<void>;

  /** The server ends: tries for the last time to get to disk what waits for it. Never rejects. */
  close(): Promise<void>;
}

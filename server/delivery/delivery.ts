/**
 * The one door between events and people.
 *
 * @module
 */

import type { DeleteRequest, EditRequest, MsgRequest, Notice } from "../../common/wire/protocol.ts";
import type { Deed } from "../cluster/operation.ts";
import type { Later } from "../later.ts";
import type { User } from "../people/user.ts";
import type { Movement } from "../rooms/gathering.ts";
import type { Refusal } from "../rooms/roles.ts";
import type { Room } from "../rooms/room.ts";
import type { ChangedMessage, ChangeRefusal, NewMessage, Place } from "../store/messages.ts";
import type { MailboxRefusal, SentAs } from "../store/store.ts";
import type { HandedMailbox, MailboxReader } from "./mailbox.ts";
import type { Message } from "./message.ts";

/** What became of a direct message. */
export type DirectOutcome =
  /** The addressee's connection took it. */
  | "delivered"
  /** The addressee's connection has no room. */
  | "full"
  /** The addressee's client takes no message of that length. */
  | "too-long"
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
  /** It answers a message that is not there, or not kept. */
  | "no-message"
  /** The addressee takes no direct messages from the sender. */
  | "blocked"
  /** Nobody of that name has ever been here. */
  | "unknown";

/** What became of a direct message that is kept. */
export interface Kept {
  /** As for one that is not. */
  readonly outcome: "delivered" | "stored" | "behind";
  /** Its number. */
  readonly seq: number;
}

/** What became of a message to a room where messages are kept. */
export interface KeptInRoom {
  /** How many took it at once. */
  readonly delivered: number;
  /** Its number; absent if the room was removed in that very moment. */
  readonly seq?: number;
}

/** Why a message to a room did not get there. */
export type RoomRefusal =
  /** It answers a message that is not there, or not kept. */
  | "no-message"
  /** The sender may not speak there, or not now. */
  | Refusal;

/** What became of a change of a message. */
export type ChangeOutcome =
  /** It is on disk, and what was there before is not any more. */
  | "changed"
  /** It is done and told; the old text could not be erased yet. */
  | "not-erased"
  /** The other one of a direct conversation takes no messages from who asks. */
  | "blocked"
  /** It was said in a room where one may not speak, or not now. */
  | Refusal
  | ChangeRefusal;

/** Where a message is that is to be changed. */
export interface ChangePlace {
  /** The conversation, as the store numbers them. */
  readonly conversation: number;
  /** The room, if that is where it was said. */
  readonly room: Room | undefined;
}

/** A message in a room that is kept, as all nodes have it. */
export type SaidElsewhere = Omit<NewMessage, "conversation" | "seq" | "delivered">;

/** A change of a message that another node has done, where it stands in the log. */
export interface ChangeElsewhere {
  /** What was done. */
  readonly deed: Extract<Deed, { do: "edit" | "delete" }>;
  /** Where the message is kept here. */
  readonly place: Place;
  /** What it was. */
  readonly message: ChangedMessage;
}

/**
 * Hands messages and notices to people. What decides whether a message may reach somebody stands behind this
 * interface, once; so does the way to people who are elsewhere.
 *
 * Guarantees:
 * 1. To one addressee, user or room, the messages of one sender arrive in the order of the calls, whichever of them wait for the
 *    disk.
 * 2. What needs no disk and no other node is answered at once, without a promise.
 * 3. "stored" and "behind" are said after the message is on disk, and so is what has a number. Delivery does not wait
 *    for that.
 * 4. A message that is kept, with a text as its id, and comes again within ten minutes is neither delivered nor kept
 *    again; its outcome is that of the first.
 * 5. All members of a room get its kept messages in the order of their numbers.
 * 6. Nothing that is sent after an addressee has blocked the sender gets to them, whether it waited for others or not.
 *    What was accepted before does.
 * 7. Who has got a message learns of its changes behind it. Who gets it later gets it as it is then, and what was
 *    deleted not at all.
 * 8. Whoever is told lists of who came and went has been told of a person before any other frame in that room that
 *    names them.
 */
export interface Delivery {
  /** A message from one user to another. What comes later fails with `StoreError` if the store does. */
  toUser(
    from: User,
    request: MsgRequest,
  ): DirectOutcome | Promise<DirectOutcome | Kept> | Later<DirectOutcome | Kept>;

  /**
   * A message to everybody else in a room, if its sender may speak there.
   *
   * @returns How many took it; where messages are kept, a promise, which rejects with `StoreError` if the store fails.
   */
  toRoom(
    from: User,
    room: Room,
    request: MsgRequest,
  ): number | RoomRefusal | Promise<KeptInRoom | RoomRefusal>;

  /** Puts out, to the members of a room who are on this node, what somebody on another one has said there. */
  toMembersHere(room: Room, message: Message, from: User): void;

  /**
   * Changes or deletes a message, and tells all others who may read it and are online. The promise rejects with
   * `StoreError` if the store fails: then nothing has changed.
   *
   * @param by A user who may read there now. In a room, changing is speaking; but whoever runs it may delete all.
   */
  change(
    by: User,
    request: EditRequest | DeleteRequest,
    place: ChangePlace,
  ): Promise<ChangeOutcome>;

  /** Tells the members of a room something, all but one if `except` is given. Whose frames are held gets it with them. */
  notify(room: Room, notice: Notice, except?: User): void;

  /**
   * Tells the others in a room that somebody came or went: one by one, or, who has asked for that
   * (`User.wantsGathered`), what follows within a second as lists.
   *
   * @param time Unix seconds.
   */
  moved(room: Room, user: User, movement: Movement, time: number): void;

  /**
   * Tells members of a room that they are out of it: behind all that they were told of it, and also those who take nothing
   * more at the moment. Of what is held for them the rest is dropped.
   */
  expel(room: Room, members: Iterable<User>, notice: Notice): void;

  /** Tells at once what is gathered of a room; usually that is nothing. */
  tellGathered(room: Room): void;

  /**
   * Tells somebody something that another one has done to them.
   *
   * @param by Who has done it.
   */
  tell(by: Pick<User, "folded" | "isAccount">, to: User, notice: Notice): void;

  /**
   * A message of another node in a room where messages are kept: to the members who are here. Behind all that was said there
   * before; whoever comes in from now on finds it in the history.
   *
   * @param room The room's number.
   */
  fromElsewhere(room: number, place: Place, message: SaidElsewhere): void;

  /** Another node's change of a message: to all who may read it and are online here. */
  changedElsewhere(change: ChangeElsewhere): void;

  /**
   * The mailbox of an account, for a user who has just come online with it.
   *
   * @param arrived What of an earlier session has arrived.
   * @param handed How far the same session has come on another node.
   */
  openMailbox(user: User, arrived?: SentAs, handed?: HandedMailbox): MailboxReader;

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

  /** Resolves when letters that have arrived by now are out of their mailboxes, or could not be deleted. Never rejects. */
  untilDeleted(): Promise<void>;
}

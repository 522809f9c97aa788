/**
 * The other nodes of the same server, as people, rooms and deliveries see them.
 *
 * @module
 */

import type { CloseReason, MsgRequest } from "../../common/wire/protocol.ts";
import type { DirectOutcome, Kept } from "../delivery/delivery.ts";
import type { Later } from "../later.ts";
import type { RemoteUser } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import type { Message } from "../delivery/message.ts";
import type { Outlet } from "../people/outlet.ts";
import type { Room } from "../rooms/room.ts";

/** A value, or a promise of it where others have to be asked. */
export type Now<T> = T | Promise<T>;

/** Who comes with the token of a session that is on another node. */
export interface Claim {
  /** The token's hash. */
  readonly usedHash: string;
  /** The number up to which the client has all frames. */
  readonly seen: number;
  /** Whether they prove an account's name by it; else a guest's. */
  readonly isAccount: boolean;
  /** The connection: the session is counted for it while it has none. */
  readonly outlet: Outlet;
}

/** Delivers a direct message to an addressee who is on no other node. */
export type DeliverHere = (from: User, request: MsgRequest) => Promise<DirectOutcome | Kept>;

/**
 * What this node shares with others.
 *
 * People who are online on other nodes are in this node's registry and rooms as `RemoteUser`s: their names are taken, and
 * lists have them. What concerns their connections is asked here.
 */
export interface Nodes {
  /** Whether there is no other node at the moment. */
  readonly isAlone: boolean;
  /**
   * Holds a name for somebody who is about to come online here, until what this gives is disposed of; once they are, it is
   * held for them until they go. While it is held, nobody is in the registry under it who is online elsewhere.
   *
   * @returns `undefined` if somebody is online with it elsewhere.
   * @throws {UnavailableError} If that cannot be known.
   */
  hold(folded: string): Now<Disposable | undefined>;
  /** Somebody is online here now, under a name that is held. */
  came(user: User): void;
  /** Somebody who was online here is not any more. */
  went(user: User): void;
  /** Somebody's status or network has changed, or they have become an account. */
  changed(user: User): void;
  /** Somebody of this node is in a room now, or the room that they are in has come to last. */
  entered(user: User, room: Room): void;
  /**
   * Somebody of this node is out of a room.
   *
   * @param isByDeed Whether a deed of moderation has put them out, which the other nodes carry out by themselves.
   */
  left(user: User, room: Pick<Room, "folded">, isByDeed: boolean): void;
  /** Somebody of this node has said something in a room where nothing is kept. */
  said(from: User, room: Room, message: Message): void;
  /**
   * Hands a direct message to the node of its addressee: also of one who has come online there this very moment, so that no
   * word of it has come here.
   *
   * @param here Called if that is no other node, for what becomes of it then.
   * @throws {UnavailableError} If it is not known where the addressee is, or what has become of the message.
   */
  toUser(from: User, request: MsgRequest, here: DeliverHere): Later<DirectOutcome | Kept>;
  /** Whether a client on another node is there: see `Outlet.isThere`. */
  isThere(user: RemoteUser, seconds: number): Promise<boolean>;
  /**
   * Has another node close somebody's connection, with a word of why. When it resolves, the name is free.
   *
   * @returns Whether it was so.
   */
  dismiss(user: RemoteUser, sentence: string, reason: CloseReason): Promise<boolean>;
  /**
   * Has another node hand over a session whose token is right there. It lives on here then, without a connection, with its
   * name, rooms, status and what its client has not confirmed, and nobody is told.
   *
   * @returns `"here"` if it is so; `"never-sent"` if the client says that it has more than was sent: then nothing has
   * happened; `undefined` if that session is over, or somewhere else, or the token not its own.
   * @throws {UnavailableError} If the other node cannot be asked. Then it goes on there, or, if that node has handed it over
   * and lives, can be asked for again.
   */
  takeOver(user: RemoteUser, claim: Claim): Promise<"here" | "never-sent" | undefined>;
}

/** Nothing has to be given back. */
const HELD: Disposable = { [Symbol.dispose]: () => {} };

/** There is no other node: nothing is asked, nothing is told. */
export const ALONE: Nodes = {
  isAlone: true,
  hold: () => HELD,
  came: () => {},
  went: () => {},
  changed: () => {},
  entered: () => {},
  left: () => {},
  said: () => {},
  toUser: () => {
    throw new TypeError("there is no other node");
  },
  isThere: () => Promise.resolve(false),
  dismiss: () => Promise.resolve(false),
  takeOver: () => Promise.resolve(undefined),
};

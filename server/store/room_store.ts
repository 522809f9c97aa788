/**
 * What the server remembers of rooms.
 *
 * @module
 */

import type { RoomRole } from "../../common/wire/protocol.ts";
import type { ChangedStored } from "../cluster/follower.ts";
import type { RoomDeed } from "../cluster/room_deed.ts";
import type { RoomRules } from "../rooms/roles.ts";

/** A ban or a mute, as it is stored. It may be over: who reads it looks at the clock. */
export interface StoredSanction {
  /** Whether they are kept out, or may not speak. */
  readonly kind: "ban" | "mute";
  /** Whom it holds for: the name, folded. */
  readonly folded: string;
  /** The name as shown. */
  readonly name: string;
  /** Whether it holds for the account of that name; else for guests, and for no account. */
  readonly isAccount: boolean;
  /** Of a guest: where they were last seen in the room, as `networkMark` gives it; `undefined` if nowhere. */
  readonly network: string | undefined;
  /** Unix seconds of its end; `undefined` if it is for good. */
  readonly until: number | undefined;
  /** Why; may be empty. */
  readonly reason: string;
  /** Who has said so, as shown. */
  readonly by: string;
}

/** Somebody who is more than a member. */
export interface StoredRole {
  /** The folded name of the account. */
  readonly folded: string;
  /** The name as shown. */
  readonly name: string;
  /** What they are. */
  readonly role: Exclude<RoomRole, "member">;
}

/** A room that lasts. */
export interface StoredRoom extends RoomRules {
  /** Its number, never used again for another room. */
  readonly id: number;
  /** The folded name. */
  readonly folded: string;
  /** The name as its maker typed it. */
  readonly name: string;
  /** What it is about; may be empty. */
  readonly topic: string;
  /** Always. */
  readonly isLasting: true;
  /** Its owners and moderators, by folded name. */
  readonly roles: readonly StoredRole[];
  /** The accounts that may enter though it is private, by folded name. */
  readonly invited: readonly { readonly folded: string; readonly name: string }[];
  /** Bans and mutes, by folded name; of those that are over some may still be there. */
  readonly sanctions: readonly StoredSanction[];
}

/** What is written of a room. Names are folded; accounts are found by them in the same transaction. */
export type RoomWrite =
  /** Settings: those that are given. */
  | {
    readonly kind: "set";
    readonly topic?: string;
    readonly isPrivate?: boolean;
    readonly isModerated?: boolean;
    readonly slow?: number;
  }
  /** The end of the room, with its messages. */
  | { readonly kind: "remove" }
  /** An account may enter, or no more. */
  | { readonly kind: "invite"; readonly account: string; readonly on: boolean }
  /** Somebody is kept out or silent; whatever was said of them before is over. */
  | { readonly kind: "sanction"; readonly sanction: StoredSanction }
  /** A ban or a mute is over: of the account of that name and of guests of that name. */
  | { readonly kind: "lift"; readonly sanction: "ban" | "mute"; readonly folded: string }
  /**
   * An account has another role.
   *
   * @property maxRooms Rooms that an account may own; 0 is no limit.
   */
  | {
    readonly kind: "grant";
    readonly account: string;
    readonly role: RoomRole;
    readonly maxRooms: number;
  }
  /** Nothing but the note that it was done: somebody was taken out. */
  | { readonly kind: "note" };

/** Who is said to have done what an administrator did. No account can have this name. */
export const ADMINISTRATOR = "(administrator)";

/** What somebody did, for whoever looks into it later. */
export interface Act {
  /** Who did it, as shown. */
  readonly by: string;
  /** What: the name of a request, or of a setting. */
  readonly action: string;
  /** To whom, as shown, if it was done to somebody. */
  readonly target?: string;
  /** Further particulars, as JSON has them: seconds, reason, role, setting. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** What is to be written of a room, and who is to be noted for it. */
export interface RoomOrder {
  /** What. */
  readonly write: RoomWrite;
  /** Who and why. */
  readonly act: Act;
}

/** Why a write was not done though it was allowed. */
export type WriteRefusal =
  /** There is no account of that name. */
  | "no-account"
  /** The account owns as many rooms as one may, or the room has as many roles, invitations or sanctions as one may. */
  | "too-many"
  /** It would leave the room without an owner. */
  | "last-owner";

/** A room that was just opened. */
export interface OpenedRoom extends StoredRoom {
  /** Whether it was made now. */
  readonly isNew: boolean;
  /**
   * Where its messages are kept, with a number for the next one at hand; `undefined` if none are, or the database has no
   * room for it at the moment.
   */
  readonly conversation: number | undefined;
  /** The number of its newest message, all that were given to the store before counted; 0 if there is none. */
  readonly last: number;
}

/** Who makes a room if there is none of that name. */
export interface RoomMaker {
  /** The folded name of the account. */
  readonly folded: string;
  /** The room's name as typed. */
  readonly roomName: string;
  /** Rooms that an account may own; 0 is no limit. */
  readonly maxRooms: number;
}

/** A room as lists have it. */
export type ListedRoom = Pick<StoredRoom, "folded" | "name" | "topic">;

/** Who asks for a list of rooms. */
export interface RoomViewer {
  /** The folded name. */
  readonly folded: string;
  /** Whether it is an account's. */
  readonly isAccount: boolean;
  /** The network, as `networkKey` gives it. */
  readonly network: string;
  /** Rooms that they are in, by number: they see them whatever else holds. */
  readonly rooms: ReadonlySet<number>;
}

/** Decides on a deed: see {@linkcode RoomStore.change}. */
export type DecideDeed<Refused> = (
  deed: RoomDeed,
  room: StoredRoom,
) => { readonly order: RoomOrder } | { readonly refused: Refused };

/** A deed that was done. */
export interface DoneDeed extends ChangedStored {
  /**
   * Whether memory and people have followed already.
   *
   * @default {false}
   */
  readonly isFollowed?: boolean;
}

/** What came of a deed; `undefined` if there is no such room. */
export type DeedOutcome<Refused> =
  | DoneDeed
  | { readonly refused: Refused | WriteRefusal }
  | undefined;

/**
 * The rooms of accounts. They last until an owner removes them or nobody was in for a time that the engine was told.
 * Promises reject as those of `Store` do.
 *
 * An account that is removed owns nothing any more; its rooms go on without an owner.
 */
export interface RoomStore {
  /** The room of that folded name. */
  find(folded: string): Promise<StoredRoom | undefined>;

  /**
   * Somebody enters: gives the room, which is not forgotten until {@linkcode RoomStore.close}. Durable when it resolves.
   *
   * @param maker Makes the room if there is none, and owns it. Of two at the same moment, one does.
   * @returns `"too-many"` if the maker owns as many as may be; `undefined` if there is no room, and no account to make it.
   * @throws {StoreFullError} Only if the room would be made.
   */
  open(folded: string, maker?: RoomMaker): Promise<OpenedRoom | "too-many" | undefined>;

  /** Nobody is in the room any more. */
  close(id: number): void;

  /**
   * Decides on a room as it is, and writes what is decided, with a note of who did it: all in one transaction, so that
   * nothing else comes between. Durable when it resolves.
   *
   * @param deed All that the decision depends on besides the room.
   * @param decide Gives what is to be written, or why nothing is: that is handed back. Must be quick and depend on its
   * arguments alone, for it may be called again, and elsewhere.
   * @returns The room as it was and as it is then (of one that has ended, as it was); `undefined` if there is none.
   * @throws {StoreFullError} If what is written takes room and the database may not grow.
   */
  change<Refused>(
    folded: string,
    deed: RoomDeed,
    decide: DecideDeed<Refused>,
  ): Promise<DeedOutcome<Refused>>;

  /**
   * What held for a guest holds for the account that they have made of their name while they were in: bans and mutes of
   * that name. Durable when it resolves.
   */
  adopt(ids: readonly number[], folded: string): Promise<void>;

  /**
   * Remembers that an account is in a room, also when it is offline, until {@linkcode RoomStore.forgetMember}; of an
   * account's rooms the latest 1000. Durable when it resolves. Nothing happens if it is known, or nothing is kept.
   *
   * @throws {StoreFullError} If it is not known.
   */
  remember(id: number, folded: string): Promise<void>;

  /** An account is in a room no more. Durable when it resolves. */
  forgetMember(id: number, folded: string): Promise<void>;

  /**
   * The first rooms by folded name that somebody may know of (`refusalOf` "see"), and how many these are in all.
   *
   * @param now Unix seconds.
   */
  list(
    viewer: RoomViewer,
    limit: number,
    now: number,
  ): Promise<{ rooms: ListedRoom[]; total: number }>;

  /** Calls back for each room that another process has changed or ended, within two seconds of it. */
  watch(onChange: (change: { readonly id: number; readonly folded: string }) => void): void;
}

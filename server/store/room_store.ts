/**
 * What the server remembers of rooms.
 *
 * @module
 */

/** A room that lasts. */
export interface StoredRoom {
  /** Its number, never used again for another room. */
  readonly id: number;
  /** The folded name. */
  readonly folded: string;
  /** The name as its maker typed it. */
  readonly name: string;
  /** What it is about; may be empty. */
  readonly topic: string;
  /** Names of the accounts that own it, as shown, by folded name. */
  readonly owners: readonly string[];
}

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
   * Sets what a room is about. Durable when it resolves with `true`.
   *
   * @param by The folded name of an account.
   * @returns `false` if that account does not own the room, or there is no such room: then nothing is changed.
   */
  setTopic(id: number, by: string, topic: string): Promise<boolean>;

  /** Ends a room with its messages: as {@linkcode RoomStore.setTopic}. The name is free. */
  remove(id: number, by: string): Promise<boolean>;

  /**
   * Remembers that an account is in a room, also when it is offline, until {@linkcode RoomStore.forgetMember}; of an
   * account's rooms the latest 1000. Durable when it resolves. Nothing happens if it is known, or nothing is kept.
   *
   * @throws {StoreFullError} If it is not known.
   */
  remember(id: number, folded: string): Promise<void>;

  /** An account is in a room no more. Durable when it resolves. */
  forgetMember(id: number, folded: string): Promise<void>;

  /** The first rooms by folded name, and how many there are. */
  list(limit: number): Promise<{ rooms: ListedRoom[]; total: number }>;
}

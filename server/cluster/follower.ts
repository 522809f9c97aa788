/**
 * What happens to the people of a node when an operation of another node is applied.
 *
 * @module
 */

import type { ChangedMessage, NewMessage, Place } from "../store/messages.ts";
import type { RoomOrder, StoredRoom } from "../store/room_store.ts";
import type { Deed } from "./operation.ts";
import type { RoomDeed } from "./room_deed.ts";

/** A room that was changed. */
export interface ChangedStored {
  /** As it was. */
  readonly before: StoredRoom;
  /** As it is. */
  readonly after: StoredRoom;
}

/**
 * Has memory and people follow the log. All of it is called in the order of the log, when the entry is applied, and none
 * of it throws or waits.
 */
export interface Follower {
  /**
   * Decides on a deed as the room is where the entry stands: pure, the same on all nodes.
   *
   * @returns What is to be written, or why nothing is.
   */
  decide(
    deed: RoomDeed,
    room: StoredRoom,
  ): { readonly order: RoomOrder } | { readonly refused: unknown };

  /** A room was changed, by whichever node: memory follows, its people are told. */
  moderated(deed: RoomDeed, changed: ChangedStored): void;

  /** Another node's message in a room: it is put out to the members who are here. */
  said(
    room: number,
    place: Place,
    message: Omit<NewMessage, "conversation" | "seq" | "delivered">,
  ): void;

  /** A letter has come into a mailbox from another node, and is on disk here: whoever is online with it here gets it. */
  lettered(folded: string): void;

  /** Another node's change of a message. */
  changed(
    deed: Extract<Deed, { do: "edit" | "delete" }>,
    place: Place,
    message: ChangedMessage,
  ): void;

  /** What held for a guest in rooms holds for the account that they have made of their name, by whichever node: memory follows. */
  adopted(rooms: readonly number[], folded: string): void;

  /** A room that lasts was made by another node: one of the same name that goes with its last member becomes it. */
  made(room: StoredRoom): void;
}

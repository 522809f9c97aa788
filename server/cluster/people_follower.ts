/**
 * What the people of a node see when an operation of the log is applied.
 *
 * @module
 */

import { stackOf } from "../../common/errors.ts";
import type { ServerContext } from "../context.ts";
import type { SaidElsewhere } from "../delivery/delivery.ts";
import { decide, type Decision } from "../rooms/decide.ts";
import type { ChangedMessage, Place } from "../store/messages.ts";
import type { StoredRoom } from "../store/room_store.ts";
import type { ChangedStored, Follower } from "./follower.ts";
import type { Deed } from "./operation.ts";
import type { RoomDeed } from "./room_deed.ts";

/** What is told when an operation is applied goes through these parts of a server. */
export type FollowedContext = Pick<
  ServerContext,
  "registry" | "rooms" | "moderation" | "delivery" | "log"
>;

/**
 * Has memory follow the log, and tells those who are online here. What fails for one entry is logged and holds up no other:
 * the entry is applied, and that stands.
 */
export class PeopleFollower implements Follower {
  readonly #context: FollowedContext;

  /** Follows for the people of a server. */
  constructor(context: FollowedContext) {
    this.#context = context;
  }

  /** See {@linkcode Follower.decide}. */
  decide(deed: RoomDeed, room: StoredRoom): Decision {
    return decide(deed, room);
  }

  /** See {@linkcode Follower.moderated}. */
  moderated(deed: RoomDeed, changed: ChangedStored): void {
    this.#try("moderated", () => this.#context.moderation.follow(deed, changed));
  }

  /** See {@linkcode Follower.said}. */
  said(room: number, place: Place, message: SaidElsewhere): void {
    this.#try("said", () => this.#context.delivery.fromElsewhere(room, place, message));
  }

  /** See {@linkcode Follower.lettered}. */
  lettered(folded: string): void {
    this.#try("lettered", () => {
      const user = this.#context.registry.find(folded);
      // An interrupted session gets its letters when its client comes back.
      if (user?.state === "attached" && user.isAccount) this.#context.delivery.deliverMail(user);
    });
  }

  /** See {@linkcode Follower.changed}. */
  changed(
    deed: Extract<Deed, { do: "edit" | "delete" }>,
    place: Place,
    message: ChangedMessage,
  ): void {
    this.#try("changed", () => this.#context.delivery.changedElsewhere({ deed, place, message }));
  }

  /** See {@linkcode Follower.adopted}. */
  adopted(rooms: readonly number[], folded: string): void {
    this.#try("adopted", () => this.#context.rooms.adopted(rooms, folded));
  }

  /** See {@linkcode Follower.made}. */
  made(room: StoredRoom): void {
    this.#try("made", () => this.#context.rooms.becomeLasting(room));
  }

  #try(what: string, work: () => unknown): void {
    try {
      work();
    } catch (error) {
      this.#context.log.error("entry not followed", { what, stack: stackOf(error) });
    }
  }
}

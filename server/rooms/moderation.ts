/**
 * Running rooms.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { ChangedStored } from "../cluster/follower.ts";
import type { Actor, RoomDeed } from "../cluster/room_deed.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { StoredRoom, WriteRefusal } from "../store/room_store.ts";
import type { Store } from "../store/store.ts";
import { actOf, type Done, type ModerationRequest, type Target, type Teller } from "./acts.ts";
import { decide, type DeedRefusal } from "./decide.ts";
import type { Room } from "./room.ts";
import type { RoomAccess } from "./room_access.ts";
import type { Finish, Rooms } from "./rooms.ts";

/** What {@linkcode Moderation} works with. */
export interface ModerationOptions {
  /** The rooms. */
  readonly rooms: Rooms;
  /** Knows what time it is for who may do what. */
  readonly access: Pick<RoomAccess, "now">;
  /** Knows names and accounts. */
  readonly store: Pick<Store, "findAccount" | "nameStatus">;
  /** Who is online. */
  readonly registry: Registry<User>;
  /** Tells people. */
  readonly delivery: Pick<Delivery, "notify" | "tell">;
  /** Rooms that an account may own; 0 is no limit. */
  readonly maxRooms: number;
}

/** Why nothing was done. */
export type ModerationRefusal =
  /** There is no such room. */
  | "no-room"
  | WriteRefusal
  | DeedRefusal;

/** Something that was done. */
export interface Moderated {
  /** What, for who has done it. */
  readonly sentence: string;
  /** The room as it is then; one that has ended, as it was. */
  readonly room: StoredRoom;
}

/**
 * Does what owners and moderators ask for, row by row as `acts.ts` has it. What is asked for is gathered into a deed; who may
 * is decided in the store's transaction, on the room as it is there; then memory follows and people are told, in one turn
 * with the answer, or, where the store is a copy of several nodes', on each of them as soon as it is done.
 */
export class Moderation {
  readonly #options: ModerationOptions;

  /** See {@linkcode ModerationOptions}. */
  constructor(options: ModerationOptions) {
    this.#options = options;
  }

  /**
   * Carries a request out, durably.
   *
   * @returns Has memory follow and people told, unless that was done; or why nothing was done.
   * @throws {StoreError} If the store fails.
   */
  async run(by: User, request: ModerationRequest): Promise<Finish<Moderated> | ModerationRefusal> {
    const { rooms } = this.#options;
    const target = "user" in request ? await this.#targetOf(request.user) : undefined;
    const changed = await rooms.change(
      request.room,
      (id) => this.#deedOf(by, request, target, id),
      decide,
    );
    if (changed === undefined) return "no-room";
    if ("refused" in changed) return changed.refused;
    const { deed } = changed;
    return (time) => {
      const { isFollowed, ...stored } = changed.finish();
      if (!isFollowed) this.follow(deed, stored, time);
      const done = { ...deed, changed: stored, time };
      return { sentence: actOf(request).sentence(request, done), room: stored.after };
    };
  }

  /**
   * Something was done to a room: memory follows, and people who are here are told.
   *
   * @param time Unix seconds. @default {deed.now} Without its fraction.
   */
  follow(deed: RoomDeed, changed: ChangedStored, time: number = Math.floor(deed.now)): void {
    const { rooms, registry } = this.#options;
    const { request, target } = deed;
    const { before, after } = changed;
    const done = { ...deed, changed, time };
    const tell = (room: Room | undefined): void =>
      actOf(request).tell(request, done, this.#tellerFor(done, room));
    const room = rooms.findLasting(after, (opened) => {
      opened.update(after);
      if (request.event === "room") tell(opened); // nobody is in to be told, but it may be its end
    });
    room?.update(after);
    tell(room);
    // Whoever has become an account meanwhile does not get round it. Their own node sees to it.
    const user = target?.status === "guest" ? registry.find(target.folded) : undefined;
    if (user?.isOnline && user.isAccount) rooms.adopt(user, [before.id]);
  }

  /** @param room The room's number. */
  #deedOf(
    by: User,
    request: ModerationRequest,
    target: Target | undefined,
    room: number,
  ): RoomDeed {
    const { rooms, access, maxRooms } = this.#options;
    const member = target && rooms.memberOf(request.room, target.folded);
    const network = target && rooms.lastSeen(room, request.room, target.folded);
    return {
      by: actorOf(by),
      request,
      ...(target !== undefined && { target }),
      ...(member !== undefined && { member: memberOf(member) }),
      ...(network !== undefined && { network }),
      now: access.now,
      maxRooms,
    };
  }

  async #targetOf(name: string): Promise<Target> {
    const { store, registry } = this.#options;
    const folded = foldName(name);
    const account = await store.findAccount(folded);
    if (account !== undefined) return { folded, name: account.name, status: "account" };
    const status = await store.nameStatus(folded);
    return { folded, name: registry.find(folded)?.name ?? name, status };
  }

  /** @param room The room in memory, if somebody is in. */
  #tellerFor({ target, by }: Done, room: Room | undefined): Teller {
    const { rooms, delivery, registry } = this.#options;
    return {
      members: (notice) => {
        if (room !== undefined) delivery.notify(room, notice);
      },
      evict: (notice) => {
        const member = room?.members.find(target!.folded);
        if (member !== undefined) rooms.evict(member, room!, notice);
      },
      end: (notice) => {
        if (room !== undefined) rooms.end(room, notice);
      },
      target: (notice) => {
        const user = registry.find(target!.folded);
        if (user?.isAccount) delivery.tell(by, user, notice);
      },
    };
  }
}

function actorOf({ name, folded, isAccount, network, origin }: User): Actor {
  return { name, folded, isAccount, network, origin };
}

function memberOf({ folded, isAccount, origin }: User): NonNullable<RoomDeed["member"]> {
  return { folded, isAccount, origin };
}

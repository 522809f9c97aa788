/**
 * Running rooms.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { RoomRole } from "../../common/wire/protocol.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { StoredRoom, WriteRefusal } from "../store/room_store.ts";
import type { Store } from "../store/store.ts";
import {
  actOf,
  type ActRow,
  type Done,
  type ModerationRequest,
  type Scene,
  type Target,
  type Teller,
} from "./acts.ts";
import { outranks, type Refusal } from "./roles.ts";
import type { RoomAccess } from "./room_access.ts";
import { RoomPolicy } from "./room_policy.ts";
import type { Decision, Finish, Rooms } from "./rooms.ts";

/** What {@linkcode Moderation} works with. */
export interface ModerationOptions {
  /** The rooms. */
  readonly rooms: Rooms;
  /** Says who may. */
  readonly access: RoomAccess;
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
  /** Whom it is to be done to is not in, or was never here. */
  | "no-target"
  | WriteRefusal
  | Refusal;

/** Something that was done. */
export interface Moderated {
  /** What, for who has done it. */
  readonly sentence: string;
  /** The room as it is then; one that has ended, as it was. */
  readonly room: StoredRoom;
}

/**
 * Does what owners and moderators ask for, row by row as `acts.ts` has it. Who may is decided in the store's transaction,
 * on the room as it is there; then memory follows and people are told, in one turn with the answer.
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
   * @returns Has memory follow and people told; or why nothing was done.
   * @throws {StoreError} If the store fails.
   */
  async run(by: User, request: ModerationRequest): Promise<Finish<Moderated> | ModerationRefusal> {
    const { rooms, registry } = this.#options;
    const act = actOf(request);
    const target = "user" in request ? await this.#targetOf(request.user) : undefined;
    const changed = await rooms.change(
      request.room,
      (stored) => this.#decide(act, request, this.#sceneOf(by, target, stored)),
    );
    if (changed === undefined) return "no-room";
    if ("refused" in changed) return changed.refused;
    return (time) => {
      const done = { by, target, changed: changed(), time };
      act.tell(request, done, this.#tellerFor(done));
      const { before, after } = done.changed;
      // Whoever has become an account meanwhile does not get round it.
      const user = target?.status === "guest" ? registry.find(target.folded) : undefined;
      if (user?.isAccount) rooms.adopt(user, [before.id]);
      return { sentence: act.sentence(request, done), room: after };
    };
  }

  #decide(
    act: ActRow<ModerationRequest>,
    request: ModerationRequest,
    scene: Scene,
  ): Decision<ModerationRefusal> {
    const policy = new RoomPolicy(scene.room);
    const role = roleOf(policy, scene);
    const presence = { isMember: false }; // who runs a room need not be in
    for (const need of act.needs(request)) {
      const refused = this.#options.access.refusalIn(policy, need, scene.by, presence, role);
      if (refused !== undefined) return { refused };
    }
    if (act.isThere?.(scene) === false) return { refused: "no-target" };
    return {
      order: {
        write: act.write(request, scene),
        act: {
          by: scene.by.name,
          action: request.event === "room" && request.remove ? "remove" : request.event,
          ...(scene.target !== undefined && { target: scene.target.name }),
          ...(act.detail !== undefined && { detail: act.detail(request) }),
        },
      },
    };
  }

  #sceneOf(by: User, target: Target | undefined, room: StoredRoom): Scene {
    const { rooms, access, maxRooms } = this.#options;
    const member = target && rooms.find(room.name)?.members.find(target.folded);
    const network = target && rooms.lastSeen(room, target.folded);
    return { by, target, member, network, room, now: access.now, maxRooms };
  }

  async #targetOf(name: string): Promise<Target> {
    const { store, registry } = this.#options;
    const folded = foldName(name);
    const account = await store.findAccount(folded);
    if (account !== undefined) return { folded, name: account.name, status: "account" };
    const status = await store.nameStatus(folded);
    return { folded, name: registry.find(folded)?.name ?? name, status };
  }

  #tellerFor({ target, changed: { room }, by }: Done): Teller {
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

/** The target's role: the account's, and that of who is in under the name, if these are not the same. */
function roleOf(policy: RoomPolicy, { target, member }: Scene): RoomRole {
  if (target === undefined) return "member";
  const { folded, status } = target;
  const role = policy.roleOf({ folded, isAccount: status === "account" });
  const inside = member === undefined ? "member" : policy.roleOf(member);
  return outranks(inside, role) ? inside : role;
}

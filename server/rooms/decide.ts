/**
 * What becomes of a deed in a room: a pure function, so that all nodes of a server decide alike.
 *
 * @module
 */

import type { RoomRole } from "../../common/wire/protocol.ts";
import type { RoomDeed } from "../cluster/room_deed.ts";
import type { RoomOrder, StoredRoom } from "../store/room_store.ts";
import { actOf, type Scene } from "./acts.ts";
import { outranks, type Refusal } from "./roles.ts";
import { refusalAt } from "./room_access.ts";
import { RoomPolicy } from "./room_policy.ts";

/** Why a deed is not done. */
export type DeedRefusal =
  /** Whom it is to be done to is not in, or was never here. */
  | "no-target"
  | Refusal;

/** What is to be written, or why nothing is. */
export type Decision = { readonly order: RoomOrder } | { readonly refused: DeedRefusal };

/**
 * Decides on a deed by its row in `acts.ts`. The result depends on the arguments alone: on no clock, and on nobody who is
 * online.
 *
 * @param room The room, as it is when the deed is to be done.
 */
export function decide(deed: RoomDeed, room: StoredRoom): Decision {
  const { request, by, now } = deed;
  const act = actOf(request);
  const scene: Scene = { ...deed, room };
  const policy = new RoomPolicy(room);
  const target = roleOf(policy, scene);
  const presence = { isMember: false }; // who runs a room need not be in
  for (const action of act.needs(request)) {
    const refused = refusalAt(now, { policy, action, asker: by, presence, target });
    if (refused !== undefined) return { refused };
  }
  if (act.isThere?.(scene) === false) return { refused: "no-target" };
  return {
    order: {
      write: act.write(request, scene),
      act: {
        by: by.name,
        action: request.event === "room" && request.remove ? "remove" : request.event,
        ...(deed.target !== undefined && { target: deed.target.name }),
        ...(act.detail !== undefined && { detail: act.detail(request) }),
      },
    },
  };
}

/** The target's role: the account's, and that of who is in under the name, if these are not the same. */
function roleOf(policy: RoomPolicy, { target, member }: Scene): RoomRole {
  if (target === undefined) return "member";
  const { folded, status } = target;
  const role = policy.roleOf({ folded, isAccount: status === "account" });
  const inside = member === undefined ? "member" : policy.roleOf(member);
  return outranks(inside, role) ? inside : role;
}

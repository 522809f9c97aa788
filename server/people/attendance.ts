/**
 * Coming, going, and saying what one does: everything that changes who is online.
 *
 * @module
 */

import { unixSeconds } from "../../common/clock.ts";
import { withoutControls } from "../../common/printable.ts";
import type { ServerContext } from "../context.ts";
import type { Peer } from "../events/handler.ts";
import type { User } from "./user.ts";

/** What attendance changes and tells. */
export type Hall = Pick<ServerContext, "registry" | "rooms" | "delivery" | "clock" | "log">;

/**
 * Claims the user's name and attaches the user to a connection.
 *
 * @returns `false` if the name is taken or the connection cannot have a user; nothing has happened then.
 */
export function arrive({ registry, log }: Hall, peer: Pick<Peer, "attach">, user: User): boolean {
  if (registry.find(user.folded) !== undefined || !peer.attach(user)) return false;
  user.isOnline = true;
  registry.add(user);
  log.info("online", { peer: user.address, name: user.name, account: user.isAccount });
  return true;
}

/**
 * Frees the name and leaves all rooms. The second time it only gives the same promise.
 *
 * @returns A promise that settles when what the client has not confirmed is in the account's mailbox. Never rejects.
 */
export function depart({ registry, rooms, delivery, clock, log }: Hall, user: User): Promise<void> {
  if (user.departure !== undefined) return user.departure;
  user.isOnline = false;
  user.route = undefined; // else each who left would keep alive whom they wrote to last
  rooms.leaveAll(user, unixSeconds(clock));
  registry.remove(user);
  log.info("offline", { peer: user.address, name: user.name });
  return user.departure = delivery.rescue(user);
}

/**
 * Sets what the user says of themselves, and lets every list that has the user know. Controls are left out: as JSON
 * they are six bytes each, for everybody who asks.
 */
export function setStatus({ registry }: Pick<Hall, "registry">, user: User, status: string): void {
  user.status = withoutControls(status);
  registry.changed();
  for (const room of user.rooms) room.members.changed();
}

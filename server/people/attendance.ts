/**
 * Coming, going, and saying what one does: everything that changes who is online.
 *
 * @module
 */

import { messageOf } from "../../common/errors.ts";
import { unixSeconds } from "../../common/clock.ts";
import { withoutControls } from "../../common/printable.ts";
import type { ServerContext } from "../context.ts";
import type { Peer } from "../events/handler.ts";
import type { Outlet } from "./outlet.ts";
import type { User } from "./user.ts";

/** What attendance changes and tells. */
export type Hall = Pick<
  ServerContext,
  | "registry"
  | "lastOnline"
  | "nodes"
  | "rooms"
  | "delivery"
  | "store"
  | "settings"
  | "clock"
  | "log"
>;

/**
 * Claims the user's name, which is held against other nodes (`Nodes.hold`), and attaches the user to a connection.
 *
 * @returns `false` if the name is taken or the connection cannot have a user; nothing has happened then.
 */
export function arrive(
  { registry, nodes, clock, log }: Pick<Hall, "registry" | "nodes" | "clock" | "log">,
  peer: Pick<Peer, "attach">,
  user: User,
): boolean {
  if (registry.find(user.folded) !== undefined || !peer.attach(user)) return false;
  user.state = "attached";
  user.since = unixSeconds(clock);
  registry.add(user);
  nodes.came(user);
  log.info("online", { peer: user.address, name: user.name, account: user.isAccount });
  return true;
}

/**
 * A connection ends: the session of who is reached there ends, too, or lives on without it for a while.
 *
 * @param isLost Whether the client may come back for its session.
 * @returns A promise that settles when what the client has not confirmed is in the account's mailbox. Never rejects.
 */
export function leave(hall: Hall, user: User, outlet: Outlet, isLost: boolean): Promise<void> {
  if (user.departure !== undefined) return user.departure;
  if (user.outlet !== outlet) return Promise.resolve(); // the session goes on elsewhere
  const livesOn = isLost && user.tokens !== undefined && hall.settings.grace > 0;
  return livesOn ? interrupt(hall, user) : depart(hall, user);
}

/** Keeps the name, the rooms, and what is sent to them, for a client that may come back. */
function interrupt(hall: Hall, user: User): Promise<void> {
  const { outlet } = user;
  hall.log.info("interrupted", { peer: user.address, name: user.name });
  const kept = user.keeping = keepBehind(hall, user);
  user.attach(outlet.interruption(() => depart(hall, user)));
  return kept;
}

/**
 * Attaches a connection to a session that another one had, or has: that one is closed without a word, and nobody is told.
 *
 * @returns `false` if the connection cannot have a user; nothing has happened then.
 */
export function takeOver(
  { nodes, log }: Pick<Hall, "nodes" | "log">,
  peer: Pick<Peer, "attach" | "outlet" | "address">,
  user: User,
): boolean {
  if (!peer.attach(user)) return false;
  const { outlet, network } = user;
  user.attach(peer.outlet);
  if (user.network !== network) nodes.changed(user);
  outlet.leave();
  log.info("resumed", { peer: user.address, name: user.name });
  return true;
}

/** Ends a session whose client is at another connection by now: the one that it had is closed without a word. */
export function dismiss(hall: Hall, user: User): void {
  const { outlet } = user;
  depart(hall, user);
  outlet.leave();
}

/**
 * Ends a session: frees the name and leaves all rooms. The second time it only gives the same promise.
 *
 * @returns A promise that settles when what the client has not confirmed is in the account's mailbox. Never rejects.
 */
export function depart(hall: Hall, user: User): Promise<void> {
  if (user.departure !== undefined) return user.departure;
  const { registry, lastOnline, nodes, rooms, clock, log } = hall;
  const kept = keepBehind(hall, user);
  user.state = "ended";
  user.route = undefined; // else each who left would keep alive whom they wrote to last
  rooms.leaveAll(user, unixSeconds(clock));
  registry.remove(user);
  lastOnline.left(user.folded);
  nodes.went(user);
  log.info("offline", { peer: user.address, name: user.name });
  user.end();
  return user.departure = kept;
}

/** What outlasts a connection: what an account's client has not confirmed, and the time from which its tokens age. */
async function keepBehind({ delivery, store, log }: Hall, user: User): Promise<void> {
  const work = [delivery.rescue(user)];
  const { tokens, state, folded } = user;
  if (tokens !== undefined && user.isAccount && state === "attached") {
    work.push(store.resume.end(folded, { session: user.session, hashes: tokens.own }));
  }
  try {
    await Promise.all(work);
  } catch (error) {
    log.error("session's end not noted", { name: user.name, reason: messageOf(error) });
  }
}

/**
 * Sets what the user says of themselves, and lets every list that has the user know. Controls are left out: as JSON
 * they are six bytes each, for everybody who asks.
 *
 * @param said What is absent stays.
 */
export function describe(
  { registry, nodes }: Pick<Hall, "registry" | "nodes">,
  user: User,
  said: { readonly status?: string | undefined; readonly away?: string | undefined },
): void {
  const status = said.status === undefined ? user.status : withoutControls(said.status);
  const away = said.away === undefined ? user.away : withoutControls(said.away).trim();
  if (status === user.status && away === user.away) return;
  [user.status, user.away] = [status, away];
  nodes.changed(user);
  registry.changed();
  for (const room of user.rooms) room.members.changed();
}

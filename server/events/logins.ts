/**
 * What logins with a password and with a token have in common.
 *
 * @module
 */

import { CODE } from "../../common/wire/protocol.ts";
import { type Answer, answer, lastAnswer } from "../answer.ts";
import type { Now } from "../cluster/nodes.ts";
import type { ServerContext } from "../context.ts";
import { arrive } from "../people/attendance.ts";
import { RemoteUser } from "../people/remote_user.ts";
import { User } from "../people/user.ts";
import type { SentAs } from "../store/store.ts";
import type { Peer } from "./handler.ts";

/** Not 402: nobody has looked at the password. The same for names with and without account. */
const TOO_MANY_LOGINS: Answer = lastAnswer(
  CODE.forbidden,
  "Too many wrong logins from your address; try again in a minute",
);

/** 402, the same whatever was wrong. */
export const WRONG_LOGIN: Answer = answer(CODE.wrongLogin, "Wrong login or password");

/** The answer to a login that was refused unread, counted. */
export function tooManyLogins({ log, counters }: ServerContext, peer: Peer): Answer {
  log.warn("too many wrong logins", { peer: peer.address });
  counters.throttledLogins++;
  return TOO_MANY_LOGINS;
}

/**
 * 402 for a wrong login, counted; the connection is closed if it was one too many.
 *
 * @param name The account's; not shown if there is none: it may be a password that was typed in the wrong place.
 */
export function wrongLogin(
  { log, counters }: ServerContext,
  peer: Peer,
  name: string | undefined,
): Answer {
  counters.wrongLogins++;
  log.warn("wrong login or password", { peer: peer.address, name });
  return { ...WRONG_LOGIN, closes: peer.loginFailed() };
}

/** Whether somebody takes the place of who is online with their account from another connection. */
export type Replaces = (other: User) => boolean;

/**
 * Holds an account's name for a login, when whoever is online with it on another node has gone: if they have to.
 *
 * @returns `undefined` if they stay.
 * @throws {UnavailableError} If the other nodes cannot be asked.
 */
export function holdName(
  { nodes, registry, log }: ServerContext,
  peer: Peer,
  folded: string,
  replaces: Replaces,
): Now<Disposable | undefined> {
  const other = registry.find(folded);
  if (!(other instanceof RemoteUser)) return nodes.hold(folded);
  const goes = !other.isAccount || replaces(other);
  return (async () => {
    // Who has gone by now is not asked.
    const held = await nodes.hold(folded);
    if (held !== undefined || !goes || peer.signal.aborted) return held;
    if (!await nodes.dismiss(other, replacedSentence(other), "replaced")) return undefined;
    log.info("replaced", { node: other.node, name: other.name, by: peer.address });
    return await nodes.hold(folded);
  })();
}

/** A guest can only be here because the account came into being after them: it has the better right. */
function replacedSentence({ isAccount }: User): string {
  return isAccount ? "You are online from another connection now" : "This name has an account now";
}

/** Who goes online. */
export interface Newcomer {
  /** The name, as typed. */
  readonly name: string;
  /** Whether the client takes lists of who came and went. */
  readonly wantsGathered: boolean;
}

/**
 * Makes the peer's user the account's, in one turn with the check. The name is held: {@linkcode holdName}.
 *
 * @param newcomer What it says of itself, if it is not online yet.
 * @param replaces Whether the peer takes the place of who is online with the account from another connection.
 * @param arrived What of an earlier session has arrived.
 * @returns `undefined` if the name stays online from another connection.
 */
export function goOnline(
  context: ServerContext,
  peer: Peer,
  { name, wantsGathered }: Newcomer,
  replaces: Replaces,
  arrived?: SentAs,
): User | undefined {
  const { registry, nodes, rooms, delivery, store, log } = context;
  if (peer.user !== undefined) {
    const guest = peer.user;
    guest.blocked ??= store.blockedUsers.of(guest.folded);
    const wasGuest = !guest.isAccount;
    guest.becomeAccount(delivery.openMailbox(guest));
    for (const room of guest.rooms) {
      rooms.memberships.begin(guest, room);
      room.members.changed(); // what the account may have been granted meanwhile
    }
    if (wasGuest) {
      nodes.changed(guest);
      rooms.adopt(guest); // what was said of the guest while the account was made
    }
    return guest;
  }
  const user = new User(name, peer.outlet);
  user.blocked = store.blockedUsers.of(user.folded);
  user.wantsGathered = wantsGathered;
  user.becomeAccount(delivery.openMailbox(user, arrived));
  const other = registry.find(user.folded);
  // Who has hung up meanwhile replaces nobody.
  if (other !== undefined && !peer.signal.aborted && (!other.isAccount || replaces(other))) {
    log.info("replaced", { peer: other.address, name: other.name, by: peer.address });
    other.close(replacedSentence(other), "replaced");
  }
  return arrive(context, peer, user) ? user : undefined;
}

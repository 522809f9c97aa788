/**
 * A session that goes on on another node.
 *
 * @module
 */

import { unixSeconds } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import { foldName } from "../../common/names.ts";
import { encodeFrame } from "../../common/wire/encode.ts";
import type { HandedMailbox } from "../delivery/mailbox.ts";
import { readOn } from "../delivery/read_on.ts";
import { rosterNews } from "../rooms/roster_news.ts";
import type { Room } from "../rooms/room.ts";
import { depart, type Hall } from "./attendance.ts";
import type { HandedFrames } from "./numbered_frames.ts";
import type { Outlet } from "./outlet.ts";
import type { RemoteUser } from "./remote_user.ts";
import { ResumeTokens } from "./resume_tokens.ts";
import { type Lineage, User } from "./user.ts";

/** A room that a session is in. */
export interface HandedRoom {
  /** The name as shown. */
  readonly name: string;
  /** Whether it lasts. */
  readonly lasts: boolean;
  /** The number of the last message that was put out; 0 if there is none. */
  readonly last: number;
  /** The names, as shown, of the other members of whom the session was told. */
  readonly members: readonly string[];
}

/** What a session leaves to the node on which it goes on, as plain JSON values. */
export interface Handover extends Lineage {
  /** The name as shown. */
  readonly name: string;
  /** How far its mailbox was put out; absent for a guest. */
  readonly mailbox?: HandedMailbox;
  /** See `User.status`. */
  readonly status: string;
  /** See `User.away`; absent if it is empty. */
  readonly away?: string;
  /** See `User.wantsGathered`. */
  readonly wantsGathered: boolean;
  /** See `ResumeTokens`. */
  readonly tokens: { readonly own: readonly string[]; readonly opener?: string };
  /** The numbered frames that were not confirmed. */
  readonly frames: HandedFrames;
  /** Where it is in. */
  readonly rooms: readonly HandedRoom[];
}

/**
 * Writes down a session that has a number for each frame and no connection, so that another node can go on with it. Nothing
 * changes but that all is told that was held back.
 */
export function writeDown({ delivery }: Pick<Hall, "delivery">, user: User): Handover {
  for (const room of user.rooms) {
    room.held?.get(user)?.cutOff();
    if (user.wantsGathered) delivery.tellGathered(room);
  }
  const { name, session, origin, moves, since, status, away, wantsGathered } = user;
  const { tokens, mailbox } = user;
  const { own, opener } = tokens!;
  return {
    ...{ name, session, origin, moves, since, status, wantsGathered },
    ...(away !== "" && { away }),
    ...(mailbox && { mailbox: mailbox.handOver() }),
    tokens: { own, ...(opener !== undefined && { opener }) },
    frames: user.numbered!.handOver(),
    rooms: [...user.rooms].map(({ name, lasting, members }) => ({
      name,
      lasts: lasting !== undefined,
      last: lasting?.last ?? 0,
      members: members.sorted().filter((it) => it !== user).map((it) => it.name),
    })),
  };
}

/**
 * Ends a session here that goes on on another node: nobody is told, nothing goes to the mailbox, and in the registry and the
 * rooms is who stands for it.
 */
export function moveOut({ registry, rooms, log }: Hall, user: User, to: RemoteUser): void {
  log.info("moved", { peer: user.address, name: user.name, node: to.node });
  user.state = "ended";
  user.route = undefined;
  user.departure = Promise.resolve();
  rooms.moveOut(user, to);
  registry.remove(user);
  registry.add(to);
  user.end();
}

/**
 * Goes on with a session, without a connection. Nobody is told; it is in no room yet.
 *
 * @param lost What the time without a connection is counted for.
 * @param from Who stood for it here, if anybody did.
 */
export function moveIn(hall: Hall, handover: Handover, lost: Outlet, from?: RemoteUser): User {
  const { registry, delivery, store, log } = hall;
  const { name, mailbox, frames, tokens } = handover;
  const lineage = { ...handover, moves: handover.moves + 1 };
  const user: User = new User(name, lost.interruption(() => depart(hall, user)), lineage);
  user.state = "interrupted";
  user.status = handover.status;
  user.away = handover.away ?? "";
  user.wantsGathered = handover.wantsGathered;
  user.tokens = new ResumeTokens(tokens.own, tokens.opener);
  user.takeUp(frames);
  if (mailbox !== undefined) {
    user.blocked = store.blockedUsers.of(user.folded);
    user.becomeAccount(delivery.openMailbox(user, undefined, mailbox));
  }
  if (from !== undefined) registry.remove(from);
  registry.add(user);
  log.info("moved here", { peer: user.address, name: user.name });
  return user;
}

/**
 * Lets a session that goes on here into its rooms. In those of which nothing is kept it is when this returns; in the others
 * when it has got what was kept since. What cannot be entered is told to the other nodes and to the log.
 *
 * @param from Who stands for it there. Nobody is told where they are in.
 * @returns Settles when all is done. Never rejects.
 */
export async function moveIntoRooms(
  hall: Hall,
  user: User,
  handed: readonly HandedRoom[],
  from: RemoteUser | undefined,
): Promise<void> {
  const { rooms, nodes, store, clock, log } = hall;
  await Promise.all(handed.map(async ({ name, lasts, last, members }) => {
    const onIn = (room: Room): void => {
      for (const notice of rosterNews(room, members, user, unixSeconds(clock))) {
        user.send(encodeFrame(notice));
      }
    };
    try {
      const room = { name, lasts, time: unixSeconds(clock) };
      const prepare = (room: Room): Promise<void> | undefined => readOn(store, user, room, last);
      if (await rooms.moveIn(user, room, { from, prepare, onIn })) return;
    } catch (error) {
      log.error("room not entered again", {
        name: user.name,
        room: name,
        reason: messageOf(error),
      });
    }
    nodes.left(user, { folded: foldName(name) }, true);
  }));
}

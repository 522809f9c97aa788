import { unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { CODE, type JoinRequest, type LeaveRequest } from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import type { Room } from "../rooms/room.ts";
import type { OnlineHandler } from "./handler.ts";

const TOO_MANY_ROOMS = answer(
  CODE.forbidden,
  `You are in ${LIMITS.maxRoomsPerSession} rooms, the most allowed; leave one first`,
);
const NOT_THERE = answer(CODE.notFound, "You are not a member of this room");

/** `join`: enters a room, making it if need be. */
export const join: OnlineHandler<JoinRequest> = {
  for: "users",
  costs: "size",
  handle(context, user, { room: name }) {
    const { rooms, clock } = context;
    const room = rooms.find(name);
    const isMember = room !== undefined && room.members.has(user);
    if (!isMember && user.rooms.size >= LIMITS.maxRoomsPerSession) return TOO_MANY_ROOMS;
    if (room === undefined) return open(context, user, name);
    rooms.join(user, room, unixSeconds(clock));
    return joined(user, room, false);
  },
};

async function open(
  { rooms, clock, settings, log }: ServerContext,
  user: User,
  name: string,
): Promise<Answer | Commit> {
  const enter = await rooms.open(user, name);
  if (enter === "too-many") {
    const owned = settings.maxRooms === 1 ? "1 room" : `${settings.maxRooms} rooms`;
    return answer(CODE.forbidden, `You own ${owned}, the most allowed; remove one first`);
  }
  return () => {
    const { room, isNew } = enter(unixSeconds(clock));
    if (isNew && room.lasting) log.info("room made", { room: room.name, by: user.name });
    return joined(user, room, isNew);
  };
}

function joined(user: User, room: Room, isNew: boolean): Answer {
  const [code, sentence] = isNew
    ? [CODE.created, `You made ${room.name}`] as const
    : [CODE.ok, `You are in ${room.name}`] as const;
  return answer(code, sentence, {
    room: room.name,
    users: room.members.sorted().map(({ name }) => name),
    topic: room.topic,
    lasting: room.lasting !== undefined,
    role: room.roleOf(user),
    last: 0, // no message is kept
  });
}

/** `leave`: leaves a room. */
export const leave: OnlineHandler<LeaveRequest> = {
  for: "users",
  handle({ rooms, clock }, user, { room: name }) {
    const room = rooms.find(name);
    if (room === undefined || !rooms.leave(user, room, unixSeconds(clock))) return NOT_THERE;
    return answer(CODE.ok, `You left ${room.name}`, { room: room.name });
  },
};

import { unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { CODE, type JoinRequest, type LeaveRequest } from "../../common/wire/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { EventHandler } from "../router.ts";

/** 404 for a room. */
export const NO_SUCH_ROOM: Answer = answer(
  CODE.notFound,
  "There is no such room; join makes one",
);
/** 403 for who is not in the room. */
export const NOT_A_MEMBER: Answer = answer(
  CODE.forbidden,
  "You are not a member of this room; join it first",
);
const TOO_MANY_ROOMS = answer(
  CODE.forbidden,
  `You are in ${LIMITS.maxRoomsPerSession} rooms, the most allowed; leave one first`,
);
const NOT_THERE = answer(CODE.notFound, "You are not a member of this room");

/** `join`: enters a room, making it if need be. */
export const join: EventHandler<JoinRequest> = {
  mustBeOnline: true,
  handle({ rooms, clock }, session, { room: name }) {
    const known = rooms.find(name);
    const isMember = known !== undefined && known.members.has(session);
    if (!isMember && session.rooms.size >= LIMITS.maxRoomsPerSession) return TOO_MANY_ROOMS;
    const { room, isNew } = rooms.join(session, name, unixSeconds(clock));
    const users = room.members.sorted().map((member) => member.name);
    const [code, sentence] = isNew
      ? [CODE.created, `You made ${room.name}`] as const
      : [CODE.ok, `You are in ${room.name}`] as const;
    return answer(code, sentence, { room: room.name, users });
  },
};

/** `leave`: leaves a room. */
export const leave: EventHandler<LeaveRequest> = {
  mustBeOnline: true,
  handle({ rooms, clock }, session, { room: name }) {
    const room = rooms.find(name);
    if (room === undefined || !rooms.leave(session, room, unixSeconds(clock))) return NOT_THERE;
    return answer(CODE.ok, `You left ${room.name}`, { room: room.name });
  },
};

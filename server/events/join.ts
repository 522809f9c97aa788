import { unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { CODE, type JoinRequest, type LeaveRequest } from "../../common/wire/protocol.ts";
import { answer } from "../answer.ts";
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
  handle({ rooms, clock }, user, { room: name }) {
    const known = rooms.find(name);
    const isMember = known !== undefined && known.members.has(user);
    if (!isMember && user.rooms.size >= LIMITS.maxRoomsPerSession) return TOO_MANY_ROOMS;
    const { room, isNew } = rooms.join(user, name, unixSeconds(clock));
    const users = room.members.sorted().map((member) => member.name);
    const [code, sentence] = isNew
      ? [CODE.created, `You made ${room.name}`] as const
      : [CODE.ok, `You are in ${room.name}`] as const;
    return answer(code, sentence, { room: room.name, users });
  },
};

/** `leave`: leaves a room. */
export const leave: OnlineHandler<LeaveRequest> = {
  for: "users",
  handle({ rooms, clock }, user, { room: name }) {
    const room = rooms.find(name);
    if (room === undefined || !rooms.leave(user, room, unixSeconds(clock))) return NOT_THERE;
    return answer(CODE.ok, `You left ${room.name}`, { room: room.name });
  },
};

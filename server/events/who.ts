import { LIMITS } from "../../common/limits.ts";
import { CODE, type WhoRequest } from "../../common/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { Member } from "../member.ts";
import type { Roster } from "../roster.ts";
import type { EventHandler } from "../router.ts";
import { NO_SUCH_ROOM, NOT_A_MEMBER } from "./join.ts";

/** `who`: lists who is online, or who is in a room. */
export const who: EventHandler<WhoRequest> = {
  mustBeOnline: true,
  handle({ registry, rooms }, session, { room: name }) {
    if (name === undefined) return list(registry, "online");
    const room = rooms.find(name);
    if (room === undefined) return NO_SUCH_ROOM;
    if (!room.members.has(session)) return NOT_A_MEMBER;
    return list(room.members, `in ${room.name}`);
  },
};

function list(members: Roster<Member>, where: string): Answer {
  const users = members.sorted().slice(0, LIMITS.maxWhoUsers).map((member) => ({
    account_name: member.name,
    status: member.status,
  }));
  return answer(CODE.ok, `${members.size} ${where}`, { users, total: members.size });
}

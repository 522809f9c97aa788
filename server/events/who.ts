import { LIMITS } from "../../common/limits.ts";
import { EncodedExtras } from "../../common/wire/encode.ts";
import { CODE, type WhoRequest } from "../../common/wire/protocol.ts";
import type { Answer } from "../answer.ts";
import type { Member } from "../people/member.ts";
import type { Roster } from "../people/registry.ts";
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
  return { code: CODE.ok, sentence: `${members.size} ${where}`, extras: members.summary(toJson) };
}

/** The fields of the answer as JSON text: for a thousand users, making it takes longer than all the rest. */
function toJson(members: readonly Member[]): EncodedExtras {
  const users = members.slice(0, LIMITS.maxWhoUsers).map((member) => ({
    account_name: member.name,
    status: member.status,
  }));
  return new EncodedExtras({ users, total: members.length });
}

import { LIMITS } from "../../common/limits.ts";
import { EncodedExtras } from "../../common/wire/encode.ts";
import { CODE, type WhoRequest } from "../../common/wire/protocol.ts";
import type { Answer } from "../answer.ts";
import type { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { OnlineHandler } from "./handler.ts";
import { NOT_A_MEMBER, outsider } from "./refusals.ts";

/** `who`: lists who is online, or who is in a room. */
export const who: OnlineHandler<WhoRequest> = {
  for: "users",
  costs: "size",
  handle({ registry, rooms }, user, { room: name }) {
    if (name === undefined) return list(registry, "online");
    const room = rooms.find(name);
    if (room === undefined) return outsider({ rooms }, name);
    if (!room.members.has(user)) return NOT_A_MEMBER;
    return list(room.members, `in ${room.name}`);
  },
};

function list(users: Registry<User>, where: string): Answer {
  return { code: CODE.ok, sentence: `${users.size} ${where}`, extras: users.summary(toJson) };
}

/** The fields of the answer as JSON text: for a thousand users, making it takes longer than all the rest. */
function toJson(listed: readonly User[]): EncodedExtras {
  const users = listed.slice(0, LIMITS.maxWhoUsers).map(({ name, status }) => ({
    account_name: name,
    status,
  }));
  return new EncodedExtras({ users, total: listed.length });
}

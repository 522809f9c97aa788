import { LIMITS } from "../../common/limits.ts";
import { EncodedExtras } from "../../common/wire/encode.ts";
import { CODE, type WhoRequest, type WhoUser } from "../../common/wire/protocol.ts";
import type { Answer } from "../answer.ts";
import type { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { RoomPolicy } from "../rooms/room_policy.ts";
import type { OnlineHandler } from "./handler.ts";
import { outsider, refused } from "./refusals.ts";

/** `who`: lists who is online, or who is in a room. */
export const who: OnlineHandler<WhoRequest> = {
  for: "users",
  costs: "size",
  handle(context, user, { room: name }) {
    const { registry, rooms, access } = context;
    if (name === undefined) return list(registry, "online");
    const room = rooms.find(name);
    if (room === undefined) return outsider(context, name);
    const refusal = access.refusal("read", user, room);
    if (refusal !== undefined) return refused(room.name, refusal, access.now);
    return list(room.members, `in ${room.name}`, room.policy);
  },
};

/** @param policy Of the room that it is: whenever that is replaced, its list is made anew. */
function list(users: Registry<User>, where: string, policy?: RoomPolicy): Answer {
  const extras = users.summary((listed) => toJson(listed, policy));
  return { code: CODE.ok, sentence: `${users.size} ${where}`, extras };
}

/** The fields of the answer as JSON text: for a thousand users, making it takes longer than all the rest. */
function toJson(listed: readonly User[], policy: RoomPolicy | undefined): EncodedExtras {
  const users = listed.slice(0, LIMITS.maxWhoUsers).map((user): WhoUser => {
    const { name, status } = user;
    const role = policy?.roleOf(user) ?? "member";
    return { account_name: name, status, ...(role !== "member" && { role }) };
  });
  return new EncodedExtras({ users, total: listed.length });
}

import { LIMITS } from "../../common/limits.ts";
import { CODE, type RoomsRequest } from "../../common/wire/protocol.ts";
import { answer } from "../answer.ts";
import type { OnlineHandler } from "./handler.ts";

/** `rooms`: lists the rooms that there are. */
export const rooms: OnlineHandler<RoomsRequest> = {
  for: "users",
  costs: "size",
  async handle(context, user) {
    const list = await context.rooms.list(user, LIMITS.maxListedRooms);
    const sentence = list.total === 1 ? "There is 1 room" : `There are ${list.total} rooms`;
    return answer(CODE.ok, sentence, list);
  },
};

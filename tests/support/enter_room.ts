import { assert } from "@std/assert";

import type { User } from "../../server/people/user.ts";
import type { Room } from "../../server/rooms/room.ts";
import type { Rooms } from "../../server/rooms/rooms.ts";

/** Somebody comes into a room, made if need be, at that second. */
export async function enterRoom(
  rooms: Rooms,
  user: User,
  name: string,
  time = 1,
): Promise<{ room: Room; isNew: boolean }> {
  const known = rooms.find(name);
  if (known !== undefined) {
    rooms.join(user, known, time);
    return { room: known, isNew: false };
  }
  const enter = await rooms.open(user, name);
  assert(typeof enter === "function");
  const entered = enter(time);
  assert(typeof entered === "object" && "room" in entered);
  return entered;
}

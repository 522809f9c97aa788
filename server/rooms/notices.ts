/**
 * What members are told of each other.
 *
 * @module
 */

import { CODE, type Notice } from "../../common/wire/protocol.ts";
import type { User } from "../people/user.ts";
import type { Room } from "./room.ts";

/** Somebody came into a room. */
export function joinedNotice({ name: room }: Room, { name }: User, time: number): Notice {
  return { response: CODE.notice, time, alert: `${name} joined ${room}`, room, joined: name };
}

/** Somebody went out of a room. */
export function leftNotice({ name: room }: Room, { name }: User, time: number): Notice {
  return { response: CODE.notice, time, alert: `${name} left ${room}`, room, left: name };
}

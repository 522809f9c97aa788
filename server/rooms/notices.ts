/**
 * What members are told of each other and of their room.
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

/** Several came into a room, or went out of it. The sentence names three of them at most. */
export function gatheredNotice(
  { name: room }: Room,
  movement: "joined" | "left",
  names: string[],
  time: number,
): Notice {
  const alert = `${inWords(names)} ${movement} ${room}`;
  return { response: CODE.notice, time, alert, room, [movement]: names };
}

function inWords(names: readonly string[]): string {
  const others = names.length - 3;
  const named = names.slice(0, 3);
  if (others > 0) named.push(others === 1 ? "1 other" : `${others} others`);
  const last = named.pop() ?? "";
  return named.length === 0 ? last : `${named.join(", ")} and ${last}`;
}

/** Somebody has said what a room is about. */
export function topicNotice(
  { name: room }: Room,
  topic: string,
  { name: by }: User,
  time: number,
): Notice {
  const alert = topic === ""
    ? `${by} cleared the topic of ${room}`
    : `${by} set the topic of ${room}: ${topic}`;
  return { response: CODE.notice, time, alert, room, topic, by };
}

/** Somebody has ended a room. */
export function removedNotice({ name: room }: Room, { name: by }: User, time: number): Notice {
  return { response: CODE.notice, time, alert: `${by} removed ${room}`, room, remove: true, by };
}

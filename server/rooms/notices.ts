/**
 * What members are told of each other and of their room.
 *
 * @module
 */

import { durationInWords } from "../../common/duration.ts";
import { CODE, type Notice, type RoomRole, type RoomSettings } from "../../common/wire/protocol.ts";
import type { User } from "../people/user.ts";
import type { Room } from "./room.ts";

/** A room, as far as a notice names it. */
export type NamedRoom = Pick<Room, "name">;

/** What somebody has done to somebody. */
export interface Deed {
  /** The name of who has done it. */
  readonly by: string;
  /** The name of whom it was done to. */
  readonly user: string;
  /** Unix seconds. */
  readonly time: number;
}

/** How long a ban or a mute holds, and why. */
export interface Measure {
  /** For how long; `undefined` if for good. */
  readonly seconds?: number | undefined;
  /** Why; may be empty. */
  readonly reason?: string;
}

/** Somebody came into a room. */
export function joinedNotice(
  { name: room }: NamedRoom,
  { name }: Pick<User, "name">,
  time: number,
): Notice {
  return { response: CODE.notice, time, alert: `${name} joined ${room}`, room, joined: name };
}

/** Somebody went out of a room. */
export function leftNotice(
  { name: room }: NamedRoom,
  { name }: Pick<User, "name">,
  time: number,
): Notice {
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

/** A moderator has taken somebody out. */
export function kickedNotice(
  { name: room }: NamedRoom,
  { by, user, time }: Deed,
  reason = "",
): Notice {
  const alert = withReason(`${by} took ${user} out of ${room}`, reason);
  return {
    ...{ response: CODE.notice, time, alert, room, left: user, kicked: true, by },
    ...(reason !== "" && { reason }),
  };
}

/** A moderator has taken somebody out who may not come back. */
export function bannedNotice(room: NamedRoom, deed: Deed, measure: Measure): Notice {
  const { seconds, reason = "" } = measure;
  const { by, user } = deed;
  const alert = withReason(`${by} banned ${user} from ${room.name} ${forHowLong(seconds)}`, reason);
  return {
    ...{ ...kickedNotice(room, deed, reason), alert, banned: true },
    ...(seconds !== undefined && { seconds }),
  };
}

/**
 * Somebody may not speak, or may again.
 *
 * @param measure `undefined` if they may.
 */
export function mutedNotice(
  { name: room }: NamedRoom,
  { by, user, time }: Deed,
  measure: Measure | undefined,
): Notice {
  const seconds = measure?.seconds;
  const alert = measure === undefined
    ? `${by} lets ${user} speak in ${room}`
    : `${by} muted ${user} in ${room} ${forHowLong(seconds)}`;
  return {
    ...{ response: CODE.notice, time, alert, room, user, muted: measure !== undefined, by },
    ...(seconds !== undefined && { seconds }),
  };
}

/** Somebody has another role. */
export function roleNotice(
  { name: room }: NamedRoom,
  { by, user, time }: Deed,
  role: RoomRole,
): Notice {
  const what = role === "owner" ? "an owner" : `a ${role}`;
  const alert = `${by} made ${user} ${what} of ${room}`;
  return { response: CODE.notice, time, alert, room, user, role, by };
}

/** Somebody may enter a private room: for themselves. */
export function invitedNotice({ name: room }: NamedRoom, { by, user, time }: Deed): Notice {
  const alert = `${by} invites you to ${room}`;
  return { response: CODE.notice, time, alert, room, invited: user, by };
}

/** Somebody has set what holds in a room. */
export function settingsNotice(
  { name: room }: NamedRoom,
  settings: RoomSettings,
  by: string,
  time: number,
): Notice {
  const alert = settingsSentence(room, settings, by);
  return { response: CODE.notice, time, alert, room, ...settings, by };
}

/** Somebody has ended a room. */
export function removedNotice({ name: room }: NamedRoom, by: string, time: number): Notice {
  return { response: CODE.notice, time, alert: `${by} removed ${room}`, room, remove: true, by };
}

function settingsSentence(room: string, settings: RoomSettings, by: string): string {
  const { topic, private: isPrivate, moderated, slow } = settings;
  if (topic !== undefined && Object.keys(settings).length === 1) {
    return topic === ""
      ? `${by} cleared the topic of ${room}`
      : `${by} set the topic of ${room}: ${topic}`;
  }
  const changes: string[] = [];
  if (isPrivate !== undefined) {
    changes.push(isPrivate ? "only who is invited enters" : "all may enter");
  }
  if (moderated !== undefined) {
    changes.push(moderated ? "only owners and moderators speak" : "all members speak");
  }
  if (slow !== undefined) {
    changes.push(slow > 0 ? `one message in ${durationInWords(slow)}` : "no slow mode");
  }
  if (topic !== undefined) changes.push(topic === "" ? "no topic" : `topic: ${topic}`);
  return `${by} changed ${room}: ${changes.join("; ")}`;
}

function forHowLong(seconds: number | undefined): string {
  return seconds === undefined ? "for good" : `for ${durationInWords(seconds)}`;
}

function withReason(sentence: string, reason: string): string {
  return reason === "" ? sentence : `${sentence}: ${reason}`;
}

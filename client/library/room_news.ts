/**
 * What is done in a room by those who run it.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Notice, RoomRole, RoomSettings } from "../../common/wire/protocol.ts";

/** Who does something to whom, and where. */
export interface RoomDeed {
  /** The room. */
  readonly room: string;
  /** Whom it is done to. */
  readonly user: string;
  /** Who does it. */
  readonly by: string;
}

/** What somebody does who runs a room; all texts of others in it are not yet safe to print. */
export type RoomNews =
  /** Takes somebody out. */
  | RoomDeed & { readonly type: "kicked"; readonly reason?: string }
  /** Takes somebody out and keeps them out: for so many seconds, or for good. */
  | RoomDeed & { readonly type: "banned"; readonly seconds?: number; readonly reason?: string }
  /** Lets somebody enter a private room: the one who is told. */
  | RoomDeed & { readonly type: "invited" }
  /** Takes the word from somebody: for so many seconds, or for good. */
  | RoomDeed & { readonly type: "muted"; readonly seconds?: number }
  /** Gives it back. */
  | RoomDeed & { readonly type: "unmuted" }
  /** Makes somebody an owner, a moderator or an ordinary member. */
  | RoomDeed & { readonly type: "granted"; readonly role: RoomRole }
  /** Sets the room to something. */
  | {
    readonly type: "set";
    readonly room: string;
    readonly by: string;
    /** What has been set, and nothing else. */
    readonly settings: RoomSettings;
  }
  /** Ends the room: nobody is in any more. */
  | { readonly type: "removed"; readonly room: string; readonly by: string };

/**
 * Reads a notice.
 *
 * @returns Nothing if it is about something else, such as somebody who came or went by themselves.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const notice = { response: 100, time: 1, alert: "", room: "#dev", left: "bob", kicked: true, by: "ann" };
 * assertEquals(readRoomNews(notice), { type: "kicked", room: "#dev", user: "bob", by: "ann" });
 * ```
 */
export function readRoomNews(notice: Notice): RoomNews | undefined {
  const { room, left, invited, user, by = "", role, seconds, reason = "" } = notice;
  if (room === undefined) return undefined;
  const why = reason === "" ? {} : { reason };
  const long = seconds === undefined ? {} : { seconds };
  if (typeof left === "string") { // a list is of those who went by themselves
    if (notice.banned) return { type: "banned", room, user: left, by, ...long, ...why };
    return notice.kicked ? { type: "kicked", room, user: left, by, ...why } : undefined;
  }
  if (invited !== undefined) return { type: "invited", room, user: invited, by };
  if (user !== undefined) {
    if (notice.muted === true) return { type: "muted", room, user, by, ...long };
    if (notice.muted === false) return { type: "unmuted", room, user, by };
    return role === undefined ? undefined : { type: "granted", room, user, by, role };
  }
  if (notice.remove) return { type: "removed", room, by };
  const { topic, private: isPrivate, moderated, slow } = notice;
  const settings: RoomSettings = {
    ...(topic !== undefined && { topic }),
    ...(isPrivate !== undefined && { private: isPrivate }),
    ...(moderated !== undefined && { moderated }),
    ...(slow !== undefined && { slow }),
  };
  return Object.keys(settings).length === 0 ? undefined : { type: "set", room, by, settings };
}

/** Whether somebody of that name is in the room no more. */
export function isOver(news: RoomNews, name: string): boolean {
  if (news.type === "removed") return true;
  const isOut = news.type === "kicked" || news.type === "banned";
  return isOut && foldName(news.user) === foldName(name);
}

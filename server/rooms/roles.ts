/**
 * May this user do that here, now: the one answer to it.
 *
 * @module
 */

import type { RoomRefusalName, RoomRole } from "../../common/wire/protocol.ts";

/** What somebody may want to do in a room, or with it. */
export type RoomAction =
  /** Coming in. */
  | "enter"
  /** Learning that there is the room, and what it is about. */
  | "see"
  /** Reading what was said, and who is in. */
  | "read"
  /** Saying something, and changing what one has said. */
  | "speak"
  | Management;

/** What is done with a room, or with somebody in it. */
export type Management =
  | "topic"
  | "moderated"
  | "slow"
  | "private"
  | "remove"
  /** Seeing who is kept out, silent or invited. */
  | "inspect"
  /** Deleting what others have said. */
  | "delete"
  | "invite"
  | "kick"
  | "ban"
  | "mute"
  | "grant";

/** Who may do it, and whether only to those who are less. */
interface Rule {
  readonly needs: Exclude<RoomRole, "member">;
  /** @default {false} */
  readonly againstLower?: boolean;
}

/** One row for each way to run a room. */
const MANAGEMENT: Readonly<Record<Management, Rule>> = {
  topic: { needs: "moderator" },
  moderated: { needs: "moderator" },
  slow: { needs: "moderator" },
  private: { needs: "owner" },
  remove: { needs: "owner" },
  inspect: { needs: "moderator" },
  delete: { needs: "moderator" },
  invite: { needs: "moderator" },
  kick: { needs: "moderator", againstLower: true },
  ban: { needs: "moderator", againstLower: true },
  mute: { needs: "moderator", againstLower: true },
  grant: { needs: "owner" },
};

/** What a room is set to. */
export interface RoomRules {
  /** Whether it is an account's; a guest's has no roles and no settings. */
  readonly isLasting: boolean;
  /** Whether only who was invited may enter. */
  readonly isPrivate: boolean;
  /** Whether only owners and moderators speak. */
  readonly isModerated: boolean;
  /** Seconds in which a member may say one thing; 0 is no limit. */
  readonly slow: number;
}

/** A ban or a mute of somebody, whether it still holds or not. */
export interface Term {
  /** Unix seconds of its end; `undefined` if it is for good. */
  readonly until: number | undefined;
  /** Why; may be empty. */
  readonly reason: string;
}

/** What somebody is in a room. */
export interface Standing {
  /** Their role; a guest's is `member`, and so is that of who is not in. */
  readonly role: RoomRole;
  /** Whether they are in. */
  readonly isMember: boolean;
  /** Whether they may enter though it is private. */
  readonly isInvited: boolean;
  /** Their ban, if there is one. */
  readonly ban: Term | undefined;
  /** Their mute, if there is one. */
  readonly mute: Term | undefined;
  /** Unix seconds at which they last said something; `undefined` if that is long ago. */
  readonly spokeAt: number | undefined;
}

/** Why not. */
export interface Refusal {
  /** The rule that speaks against it. */
  readonly why: RoomRefusalName;
  /** Unix seconds at which it passes by itself; `undefined` if it does not. */
  readonly until?: number | undefined;
  /** The role that it takes, if one's own is the cause and not the other one's. */
  readonly needs?: Exclude<RoomRole, "member">;
  /** What the moderator has said who is the cause; absent if nothing. */
  readonly reason?: string;
}

/**
 * Whether somebody may do something in a room at a moment. A ban or mute needs no timer: it holds until its end is
 * past.
 *
 * Whoever is in was let in, and is no more as soon as they are banned or kicked; so what asks for members asks for
 * nothing else. Who is banned may do nothing at all, whatever their role.
 *
 * @param now Unix seconds.
 * @param target The role of whom it is done to, where it is done to somebody.
 * @returns `undefined` if they may.
 */
export function refusalOf(
  action: RoomAction,
  rules: RoomRules,
  standing: Standing,
  now: number,
  target: RoomRole = "member",
): Refusal | undefined {
  switch (action) {
    case "enter":
    case "see":
      return standing.isMember ? undefined : entryRefusal(rules, standing, now);
    case "read":
      return standing.isMember ? undefined : { why: "not-member" };
    case "speak":
      return standing.isMember ? speechRefusal(rules, standing, now) : { why: "not-member" };
    default:
      return managementRefusal(MANAGEMENT[action], rules, standing, now, target);
  }
}

/** Whether a role is above another. */
export function outranks(one: RoomRole, other: RoomRole): boolean {
  return RANK[one] > RANK[other];
}

/** Whether a ban or a mute holds at a moment. @param now Unix seconds. */
export function holds(term: Term | undefined, now: number): term is Term {
  return term !== undefined && (term.until === undefined || now < term.until);
}

const RANK: Readonly<Record<RoomRole, number>> = { member: 0, moderator: 1, owner: 2 };

function entryRefusal(
  { isPrivate }: RoomRules,
  { role, isInvited, ban }: Standing,
  now: number,
): Refusal | undefined {
  if (holds(ban, now)) return refusalFor("banned", ban);
  if (isPrivate && role === "member" && !isInvited) return { why: "private" };
  return undefined;
}

function speechRefusal(
  { isModerated, slow }: RoomRules,
  { role, mute, spokeAt }: Standing,
  now: number,
): Refusal | undefined {
  if (holds(mute, now)) return refusalFor("muted", mute);
  if (role !== "member") return undefined;
  if (isModerated) return { why: "moderated" };
  if (slow === 0 || spokeAt === undefined) return undefined;
  // Behind the clock when that was set back: one does not wait longer for it.
  const isTooSoon = spokeAt <= now && now < spokeAt + slow;
  return isTooSoon ? { why: "slow", until: spokeAt + slow } : undefined;
}

function managementRefusal(
  { needs, againstLower = false }: Rule,
  { isLasting }: RoomRules,
  { role, ban }: Standing,
  now: number,
  target: RoomRole,
): Refusal | undefined {
  if (!isLasting) return { why: "passing" };
  if (holds(ban, now)) return refusalFor("banned", ban);
  if (RANK[role] < RANK[needs]) return { why: "role", needs };
  if (againstLower && !outranks(role, target)) return { why: "role" };
  return undefined;
}

function refusalFor(why: RoomRefusalName, { until, reason }: Term): Refusal {
  return { why, until, ...(reason !== "" && { reason }) };
}

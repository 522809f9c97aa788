/**
 * What the database knows of somebody in a room, for the one check of who may see it.
 *
 * @module
 */

import type { SQLOutputValue } from "node:sqlite";

import { refusalOf, type Standing } from "../../rooms/roles.ts";
import type { StoredRole } from "../room_store.ts";

/**
 * Columns of a room `r` for {@linkcode maySee}: its settings, and what the account `?1` is there. Each is one look into
 * an index.
 */
export const STANDING = `r.private, r.moderated, r.slow,
  (SELECT role FROM room_roles WHERE room = r.id AND account = ?1) AS role,
  EXISTS (SELECT 1 FROM room_invitations WHERE room = r.id AND account = ?1) AS invited,
  (SELECT coalesce(until, 9e999) FROM room_sanctions
     WHERE account = ?1 AND kind = 'ban' AND room = r.id) AS banned_until`;

/** What {@linkcode STANDING} does not say. */
export interface Seen {
  /** Whether they are in. */
  readonly isMember: boolean;
  /** Unix seconds at which a ban ends that holds for them as a guest; `undefined` if there is none. */
  readonly bannedUntil?: number | undefined;
}

/**
 * Whether somebody may know of a room: `refusalOf` of a row with {@linkcode STANDING}.
 *
 * @param now Unix seconds.
 */
export function maySee(
  row: Readonly<Record<string, SQLOutputValue>>,
  { isMember, bannedUntil = row.banned_until as number | null ?? undefined }: Seen,
  now: number,
): boolean {
  const rules = {
    isLasting: true,
    isPrivate: row.private === 1,
    isModerated: row.moderated === 1,
    slow: row.slow as number,
  };
  const standing: Standing = {
    role: row.role as StoredRole["role"] | null ?? "member",
    isMember,
    isInvited: row.invited === 1,
    ban: bannedUntil === undefined ? undefined : { until: bannedUntil, reason: "" },
    mute: undefined,
    spokeAt: undefined,
  };
  return refusalOf("see", rules, standing, now) === undefined;
}

/**
 * Each way to run a room: who may, what is written, who is told.
 *
 * @module
 */

import { withoutControls } from "../../common/printable.ts";
import type {
  BanRequest,
  GrantRequest,
  InviteRequest,
  KickRequest,
  MuteRequest,
  Notice,
  RoomRequest,
  RoomSettings,
} from "../../common/wire/protocol.ts";
import type { ChangedStored } from "../cluster/follower.ts";
import type { RoomDeed } from "../cluster/room_deed.ts";
import type { Act, RoomWrite, StoredRoom } from "../store/room_store.ts";
import type { NameStatus } from "../store/store.ts";
import {
  bannedNotice,
  type Deed,
  invitedNotice,
  kickedNotice,
  mutedNotice,
  removedNotice,
  roleNotice,
  settingsNotice,
} from "./notices.ts";
import type { Management } from "./roles.ts";
import { networkMark } from "./room_policy.ts";

/** A request that runs a room; `room` does where it sets something. */
export type ModerationRequest =
  | RoomRequest
  | InviteRequest
  | KickRequest
  | BanRequest
  | MuteRequest
  | GrantRequest;

/** Whom something is done to. */
export interface Target {
  /** The folded name. */
  readonly folded: string;
  /** The name, as its owner typed it if that is known. */
  readonly name: string;
  /** What is known of the name. */
  readonly status: NameStatus;
}

/** A room as it is found when somebody is about to do something. */
export interface Scene extends Omit<RoomDeed, "request"> {
  /** The room. */
  readonly room: StoredRoom;
}

/** What has been done. */
export interface Done extends Pick<Scene, "by" | "target"> {
  /** The room before and after. */
  readonly changed: ChangedStored;
  /** Unix seconds. */
  readonly time: number;
}

/** Ways to tell of it. */
export interface Teller {
  /** All who are in. */
  members(notice: Notice): void;
  /** All who are in, of whom the target is taken out; nobody if the target is not in. */
  evict(notice: Notice): void;
  /** All who are in, who are taken out. */
  end(notice: Notice): void;
  /** The target, wherever they are, if it is an account's. */
  target(notice: Notice): void;
}

/** One way to run a room. */
export interface ActRow<R extends ModerationRequest> {
  /** All that one has to be allowed. */
  needs(request: R): readonly Management[];
  /**
   * Whether the target is there at all.
   *
   * @default {() => true} The store looks.
   */
  isThere?(scene: Scene): boolean;
  /** What is written. */
  write(request: R, scene: Scene): RoomWrite;
  /** What is noted besides of it. */
  detail?(request: R): NonNullable<Act["detail"]>;
  /** Says it to whom it concerns. */
  tell(request: R, done: Done, teller: Teller): void;
  /** Says it to who has done it. */
  sentence(request: R, done: Done): string;
}

/** The settings that a request changes. */
export function settingsOf(request: RoomRequest): RoomSettings {
  const { topic, private: isPrivate, moderated, slow } = request;
  return {
    ...(topic !== undefined && { topic: withoutControls(topic) }),
    ...(isPrivate !== undefined && { private: isPrivate }),
    ...(moderated !== undefined && { moderated }),
    ...(slow !== undefined && { slow }),
  };
}

const SET: ActRow<RoomRequest> = {
  needs: (request) => Object.keys(settingsOf(request)) as (keyof RoomSettings)[],
  write(request) {
    const { topic, private: isPrivate, moderated: isModerated, slow } = settingsOf(request);
    return {
      kind: "set",
      ...(topic !== undefined && { topic }),
      ...(isPrivate !== undefined && { isPrivate }),
      ...(isModerated !== undefined && { isModerated }),
      ...(slow !== undefined && { slow }),
    };
  },
  detail: (request) => ({ ...settingsOf(request) }),
  tell(request, { changed, by, time }, teller) {
    teller.members(settingsNotice(changed.after, settingsOf(request), by.name, time));
  },
  sentence: (request, { changed: { after } }) =>
    request.topic !== undefined && Object.keys(settingsOf(request)).length === 1
      ? `The topic of ${after.name} is set`
      : `${after.name} is changed`,
};

const REMOVE: ActRow<RoomRequest> = {
  needs: () => ["remove"],
  write: () => ({ kind: "remove" }),
  tell: (_, { changed, by, time }, teller) =>
    teller.end(removedNotice(changed.before, by.name, time)),
  sentence: (_, { changed }) => `${changed.before.name} is removed`,
};

const INVITE: ActRow<InviteRequest> = {
  needs: () => ["invite"],
  write: ({ on = true }, { target }) => ({ kind: "invite", account: target!.folded, on }),
  detail: ({ on = true }) => ({ on }),
  tell({ on = true }, done, teller) {
    const { before, after } = done.changed;
    // A moderator who says it again changes nothing, and would be a way to pester somebody.
    if (!on || before.invited.some(({ folded }) => folded === done.target!.folded)) return;
    teller.target(invitedNotice(after, deedOf(done)));
  },
  sentence: ({ on = true }, { target, changed: { after } }) =>
    on
      ? `${target!.name} may enter ${after.name}`
      : `${target!.name} is not invited to ${after.name} any more`,
};

const KICK: ActRow<KickRequest> = {
  needs: () => ["kick"],
  isThere: ({ member }) => member !== undefined,
  write: () => ({ kind: "note" }),
  detail: (request) => ({ reason: reasonOf(request) }),
  tell: (request, done, teller) =>
    teller.evict(kickedNotice(done.changed.after, deedOf(done), reasonOf(request))),
  sentence: (_, { target, changed: { after } }) => `${target!.name} is out of ${after.name}`,
};

const BAN: ActRow<BanRequest> = {
  needs: () => ["ban"],
  isThere: isKnown,
  write: (request, scene) => sanction("ban", request, scene, reasonOf(request)),
  detail: (request) => ({ ...periodOf(request), reason: reasonOf(request) }),
  tell(request, done, teller) {
    if (request.seconds === 0) return;
    const measure = { seconds: request.seconds, reason: reasonOf(request) };
    teller.evict(bannedNotice(done.changed.after, deedOf(done), measure));
  },
  sentence: ({ seconds }, { target, changed: { after } }) =>
    seconds === 0
      ? `${target!.name} is not banned from ${after.name}`
      : `${target!.name} is banned from ${after.name}`,
};

const MUTE: ActRow<MuteRequest> = {
  needs: () => ["mute"],
  isThere: isKnown,
  write(request, scene) {
    // A session counts as from where it began: else it would go on from elsewhere and speak.
    const network = scene.member?.origin ?? scene.network;
    return sanction("mute", request, network === undefined ? scene : { ...scene, network }, "");
  },
  detail: periodOf,
  tell({ seconds }, done, teller) {
    const measure = seconds === 0 ? undefined : { seconds };
    teller.members(mutedNotice(done.changed.after, deedOf(done), measure));
  },
  sentence: ({ seconds }, { target, changed: { after } }) =>
    seconds === 0
      ? `${target!.name} is not muted in ${after.name}`
      : `${target!.name} is muted in ${after.name}`,
};

const GRANT: ActRow<GrantRequest> = {
  needs: () => ["grant"],
  write: ({ role }, { target, maxRooms }) => ({
    ...{ kind: "grant", account: target!.folded, role, maxRooms },
  }),
  detail: ({ role }) => ({ role }),
  tell: ({ role }, done, teller) =>
    teller.members(roleNotice(done.changed.after, deedOf(done), role)),
  sentence: ({ role }, { target, changed: { after } }) =>
    `${target!.name} is ${role === "owner" ? "an owner" : `a ${role}`} of ${after.name}`,
};

/** The row of a request. */
export function actOf(request: ModerationRequest): ActRow<ModerationRequest> {
  const row = request.event === "room" ? request.remove ? REMOVE : SET : BY_EVENT[request.event];
  return row as ActRow<ModerationRequest>;
}

/** One row for each act of moderation that is an event of its own. */
const BY_EVENT = { invite: INVITE, kick: KICK, ban: BAN, mute: MUTE, grant: GRANT } as const;

/** Somebody whose name was seen, here or in what the room remembers. */
function isKnown({ target, room }: Scene): boolean {
  const { folded, status } = target!;
  return status !== "unknown" || room.sanctions.some((known) => known.folded === folded);
}

/** A ban or a mute from now on, or its end. It holds for the account of that name, if there is one. */
function sanction(
  kind: "ban" | "mute",
  { seconds }: BanRequest | MuteRequest,
  { by, target, network, room, now }: Scene,
  reason: string,
): RoomWrite {
  const { folded, name, status } = target!;
  if (seconds === 0) return { kind: "lift", sanction: kind, folded };
  const isAccount = status === "account";
  const until = seconds === undefined ? undefined : now + seconds;
  const mark = isAccount || network === undefined ? undefined : networkMark(room.id, network);
  const who = { folded, name, isAccount, network: mark };
  return { kind: "sanction", sanction: { kind, ...who, until, reason, by: by.name } };
}

function periodOf({ seconds }: BanRequest | MuteRequest): { seconds?: number } {
  return seconds === undefined ? {} : { seconds };
}

function reasonOf({ reason = "" }: KickRequest | BanRequest): string {
  return withoutControls(reason);
}

function deedOf({ by, target, time }: Done): Deed {
  return { by: by.name, user: target!.name, time };
}

/**
 * `invite`, `kick`, `ban`, `mute`, `grant`: what owners and moderators do.
 *
 * @module
 */

import { unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import {
  type BanRequest,
  CODE,
  type GrantRequest,
  type InviteRequest,
  type KickRequest,
  type MuteRequest,
  type ResponseExtras,
} from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import { type ModerationRequest, settingsOf } from "../rooms/acts.ts";
import type { ModerationRefusal } from "../rooms/moderation.ts";
import type { StoredRoom } from "../store/room_store.ts";
import type { OnlineHandler } from "./handler.ts";
import { NO_SUCH_ACCOUNT, NO_SUCH_ROOM, refused } from "./refusals.ts";

const NOT_IN = answer(CODE.notFound, "Nobody of that name is in this room");
const NEVER_SEEN = answer(CODE.notFound, "No user of that name has ever been here");
const LAST_OWNER = answer(
  CODE.forbidden,
  "The last owner of a room stays one: make somebody else an owner first",
);

/** What the log says. */
const RECORDS = {
  room: "room changed",
  remove: "room removed",
  invite: "invited to room",
  "invite back": "invitation to room taken back",
  kick: "kicked from room",
  ban: "banned from room",
  "ban back": "ban from room lifted",
  mute: "muted in room",
  "mute back": "mute in room lifted",
  grant: "role granted in room",
} as const;

/** `invite`: an account may enter a private room, or no more. */
export const invite: OnlineHandler<InviteRequest> = handler();
/** `kick`: takes somebody out of a room. */
export const kick: OnlineHandler<KickRequest> = handler();
/** `ban`: takes somebody out of a room and keeps them out, or lets them in again. */
export const ban: OnlineHandler<BanRequest> = handler();
/** `mute`: lets somebody listen and not speak, or speak again. */
export const mute: OnlineHandler<MuteRequest> = handler();
/** `grant`: gives an account another role in a room. */
export const grant: OnlineHandler<GrantRequest> = handler();

function handler<R extends ModerationRequest>(): OnlineHandler<R> {
  return {
    for: "users",
    handle: (context, user, request) => moderate(context, user, request),
  };
}

/**
 * Does what somebody who runs a room asks for.
 *
 * @param tell What the answer has besides, by the room as it is then.
 */
export async function moderate(
  context: ServerContext,
  user: User,
  request: ModerationRequest,
  tell: (room: StoredRoom) => ResponseExtras = ({ name }) => ({ room: name }),
): Promise<Answer | Commit> {
  const { moderation, clock, log } = context;
  const finish = await moderation.run(user, request);
  if (typeof finish !== "function") return refusal(context, request, finish);
  return () => {
    const { sentence, room } = finish(unixSeconds(clock));
    log.info(RECORDS[kindOf(request)], { room: room.name, by: user.name, ...particulars(request) });
    return answer(CODE.ok, sentence, tell(room));
  };
}

function kindOf(request: ModerationRequest): keyof typeof RECORDS {
  switch (request.event) {
    case "room":
      return request.remove ? "remove" : "room";
    case "invite":
      return request.on === false ? "invite back" : "invite";
    case "ban":
    case "mute":
      return request.seconds === 0 ? `${request.event} back` : request.event;
    default:
      return request.event;
  }
}

/** What the log has besides: to whom, for how long, what was set; neither topics nor reasons. */
function particulars(request: ModerationRequest): Readonly<Record<string, string | number>> {
  if (request.event === "room") {
    return request.remove ? {} : { set: Object.keys(settingsOf(request)).join(", ") };
  }
  const { user } = request;
  if (request.event === "grant") return { user, role: request.role };
  const seconds = "seconds" in request ? request.seconds : undefined;
  return seconds === undefined || seconds === 0 ? { user } : { user, seconds };
}

function refusal(
  { access, rooms }: ServerContext,
  request: ModerationRequest,
  why: ModerationRefusal,
): Answer {
  switch (why) {
    case "no-room":
      return NO_SUCH_ROOM;
    case "no-target":
      return request.event === "kick" ? NOT_IN : NEVER_SEEN;
    case "no-account":
      return NO_SUCH_ACCOUNT;
    case "too-many":
      return tooMany(request);
    case "last-owner":
      return LAST_OWNER;
    default:
      return refused(rooms.find(request.room)?.name ?? request.room, why, access.now);
  }
}

function tooMany({ event }: ModerationRequest): Answer {
  const most = event === "invite"
    ? `This room has ${LIMITS.maxRoomInvitations} invitations, the most allowed; take one back first`
    : event === "grant"
    ? `This account owns as many rooms as one may, or this room has ${LIMITS.maxRoomRoles} owners ` +
      "and moderators, the most allowed"
    : `This room has ${LIMITS.maxRoomSanctions} bans and mutes, the most allowed; lift one first`;
  return answer(CODE.forbidden, most);
}

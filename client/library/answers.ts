/**
 * What the server's answers mean to the caller.
 *
 * @module
 */

import {
  CODE,
  isRoomAddress,
  isSuccess,
  type Request,
  type Response,
} from "../../common/wire/protocol.ts";
import { ConnectionLostError, RefusedError, type RoomRefusal } from "./errors.ts";
import type { SendOutcome } from "./events.ts";
import type { JoinAnswer, RoomAnswer } from "./options.ts";

/**
 * The error of a request that the server refused.
 *
 * @param room The room that it was about, if it was about one.
 */
export function refusal(event: string, response: Response, room?: string): RefusedError {
  const { response: code, error = "no reason given" } = response;
  return new RefusedError(event, code, error, aboutRoom(response, room));
}

/** The room that a request is about. */
export function roomOf(request: Request): string | undefined {
  const name = "room" in request
    ? request.room
    : "to" in request
    ? request.to
    : "with" in request
    ? request.with
    : undefined;
  return name !== undefined && isRoomAddress(name) ? name : undefined;
}

/** What a room has against a request, if the server has said that. */
function aboutRoom(response: Response, asked: string | undefined): RoomRefusal | undefined {
  const { refused, retry, reason, room = asked } = response;
  if (refused === undefined || room === undefined) return undefined;
  return {
    refused,
    room,
    ...(retry !== undefined && retry > 0 && { retry }),
    ...(reason !== undefined && reason !== "" && { reason }),
  };
}

/** The error of a login while the lost connection is not back yet. */
export function offline(): ConnectionLostError {
  return new ConnectionLostError("broken", "Not connected at the moment");
}

/** The error of a status before the login. */
export function notOnline(): RefusedError {
  return new RefusedError("status", CODE.unauthorized, "Not online yet");
}

/** What became of the message to somebody, or to a room, with that id. */
export function toOutcome(response: Response, id: string, to: string): SendOutcome {
  const code = response.response;
  if (!isSuccess(code)) {
    const about = isRoomAddress(to) ? aboutRoom(response, to) : undefined;
    const sentence = response.error ?? "no reason given";
    return { state: "refused", code, id, sentence, ...(about !== undefined && { about }) };
  }
  const { alert: sentence = "", delivered, away = "" } = response;
  const seq = numberOf(response.seq);
  const kept = { ...(seq !== undefined && { seq }), ...(away !== "" && { away }) };
  if (code === CODE.accepted) return { state: "stored", code, id, sentence, ...kept };
  const heard = delivered === undefined ? {} : { delivered };
  return { state: "sent", code, id, sentence, ...heard, ...kept };
}

/** What a server said of the room that it let the client into. */
export function toJoined(response: Response, asked: string): JoinAnswer {
  const { room = asked, topic = "", lasting = false, role = "member" } = response;
  const last = numberOf(response.last);
  const { users = [], messages = [], more = false } = response;
  return {
    room,
    users: users.map((user) => typeof user === "string" ? user : user.account_name),
    isNew: response.response === CODE.created,
    topic,
    isLasting: lasting,
    role,
    ...(last === undefined ? {} : { last }),
    messages,
    more,
  };
}

/** What a server said of the room that was asked for. */
export function toRoom(response: Response, asked: string): RoomAnswer {
  const { room = asked, topic = "", lasting = false, owners = [], moderators = [] } = response;
  const { private: isPrivate = false, moderated: isModerated = false, slow = 0 } = response;
  const { banned, muted, invited, sanctions = [] } = response;
  const about = {
    time: response.time,
    room,
    topic,
    isLasting: lasting,
    isPrivate,
    isModerated,
    slow,
  };
  const known = { ...about, owners, moderators };
  // Only to those who run the room the server says it.
  if (banned === undefined && muted === undefined && invited === undefined) return known;
  return { ...known, banned: banned ?? [], muted: muted ?? [], invited: invited ?? [], sanctions };
}

/** The number of a message, or 0, or nothing if the server sent what cannot be one. */
function numberOf(seq: number | undefined): number | undefined {
  return Number.isSafeInteger(seq) && seq! >= 0 ? seq : undefined;
}

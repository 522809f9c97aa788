/**
 * What the server's answers mean to the caller.
 *
 * @module
 */

import { CODE, isSuccess, type Response } from "../../common/wire/protocol.ts";
import { ConnectionLostError, RefusedError } from "./errors.ts";
import type { SendOutcome } from "./events.ts";
import type { JoinAnswer, RoomAnswer } from "./options.ts";

/** The error of a request that the server refused. */
export function refusal(event: string, response: Response): RefusedError {
  return new RefusedError(event, response.response, response.error ?? "no reason given");
}

/** The error of a login while the lost connection is not back yet. */
export function offline(): ConnectionLostError {
  return new ConnectionLostError("broken", "Not connected at the moment");
}

/** The error of a status before the login. */
export function notOnline(): RefusedError {
  return new RefusedError("status", CODE.unauthorized, "Not online yet");
}

/** What became of the message with that id. */
export function toOutcome(response: Response, id: string): SendOutcome {
  const code = response.response;
  if (!isSuccess(code)) {
    return { state: "refused", code, id, sentence: response.error ?? "no reason given" };
  }
  const { alert: sentence = "", delivered } = response;
  const seq = numberOf(response.seq);
  const kept = seq === undefined ? {} : { seq };
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
  return { room, topic, isLasting: lasting, owners, moderators };
}

/** The number of a message, or 0, or nothing if the server sent what cannot be one. */
function numberOf(seq: number | undefined): number | undefined {
  return Number.isSafeInteger(seq) && seq! >= 0 ? seq : undefined;
}

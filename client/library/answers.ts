/**
 * What the server's answers mean to the caller.
 *
 * @module
 */

import { CODE, isSuccess, type Response } from "../../common/wire/protocol.ts";
import { ConnectionLostError, RefusedError } from "./errors.ts";
import type { SendOutcome } from "./events.ts";
import type { RoomAnswer } from "./options.ts";

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
  const sentence = response.alert ?? "";
  if (code === CODE.accepted) return { state: "stored", code, id, sentence };
  const { delivered } = response;
  return { state: "sent", code, id, sentence, ...(delivered === undefined ? {} : { delivered }) };
}

/** What a server said of the room that was asked for. */
export function toRoom(response: Response, asked: string): RoomAnswer {
  const { room = asked, topic = "", lasting = false, owners = [], moderators = [] } = response;
  return { room, topic, isLasting: lasting, owners, moderators };
}

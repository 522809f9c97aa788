/**
 * Line → what a server says.
 *
 * A client trusts a server as little as a server trusts a client: every field that the protocol names is checked, all
 * others are dropped here.
 *
 * @module
 */

import { FrameError } from "../errors.ts";
import {
  type Fields,
  kind,
  parseObject,
  readAnyText,
  readId,
  readOptionalText,
  readPositiveInteger,
  readUser,
} from "./fields.ts";
import type { Delivery, Notice, Response, ServerFrame } from "./protocol.ts";

/**
 * Reads what the server sends. It may hold U+FFFD: a sender that escapes it in a request means it.
 *
 * @param line One line without its end.
 * @throws {FrameError} If the line is no frame that a client knows.
 */
export function parseServerFrame(line: string): ServerFrame {
  const fields = parseObject(line);
  const time = typeof fields.time === "number" ? fields.time : 0;
  if (fields.response !== undefined) {
    const code = fields.response;
    if (typeof code !== "number" || !Number.isInteger(code) || code < 100 || code > 599) {
      throw new FrameError(`response must be a code from 100 to 599, received ${kind(code)}`);
    }
    if (code < 200) {
      const frame: Notice = {
        response: code,
        time,
        alert: readOptionalText(fields, "alert") ?? "",
      };
      for (const name of ["room", "joined", "left", "reason"] as const) {
        const text = readOptionalText(fields, name);
        if (text !== undefined) frame[name] = text;
      }
      return { kind: "notice", frame };
    }
    return { kind: "response", frame: readResponse(fields, code, time) };
  }
  const event = fields.event ?? fields.action;
  if (event === "probe") return { kind: "probe", frame: { event, time } };
  if (event === "msg") {
    const frame: Delivery = {
      event,
      time,
      to: readAnyText(fields, "to"),
      from: readAnyText(fields, "from"),
      message: readAnyText(fields, "message"),
    };
    const id = readId(fields);
    if (id !== undefined) frame.id = id;
    if (fields.stored !== undefined) frame.stored = readPositiveInteger(fields, "stored");
    return { kind: "message", frame };
  }
  throw new FrameError("frame must be a response, a notice, a msg or a probe");
}

function readResponse(fields: Fields, code: number, time: number): Response {
  const frame: Response = { response: code, time };
  for (const name of ["alert", "error", "room"] as const) {
    const text = readOptionalText(fields, name);
    if (text !== undefined) frame[name] = text;
  }
  for (const name of ["delivered", "total"] as const) {
    const number = fields[name];
    if (typeof number === "number") frame[name] = number;
  }
  const id = readId(fields);
  if (id !== undefined) frame.id = id;
  if (Array.isArray(fields.users)) frame.users = fields.users.map(readListed) as string[];
  return frame;
}

/** An entry of `users`: a name (`join`) or a user with a status (`who`). */
function readListed(entry: unknown): string | { account_name: string; status: string } {
  if (typeof entry === "string") return entry;
  const user = readUser({ user: entry });
  return {
    account_name: readAnyText(user, "account_name"),
    status: readOptionalText(user, "status") ?? "",
  };
}

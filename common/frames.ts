/**
 * Line ⇄ validated frame.
 *
 * What comes in is trusted in nothing: a line becomes a {@linkcode Request} (on the server) or a
 * {@linkcode ServerFrame} (at a client) only after every field that the protocol names has been checked;
 * all other fields are dropped here. Errors name the field and what is allowed, never the peer's text.
 *
 * @module
 */

import { FrameError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { isOverlong } from "./lines.ts";
import {
  ACCOUNT_NAME_RULE,
  countChars,
  hasChars,
  isAccountName,
  isRoomName,
  ROOM_NAME_RULE,
} from "./names.ts";
import { parsePlainMsg } from "./plain_msg.ts";
import {
  type Delivery,
  type EventKey,
  type EventName,
  EVENTS,
  isRoomAddress,
  type Notice,
  type Request,
  type RequestBase,
  type RequestId,
  type Response,
  type ResponseExtras,
  type ServerFrame,
} from "./protocol.ts";

/** Own fields of a JSON object. Only names that `Object.prototype` lacks may be looked up. */
type Fields = { readonly [name: string]: unknown };

/** Bounds that the operator may set. */
export interface FrameLimits {
  /**
   * Code points of a message.
   *
   * @default {4096}
   */
  maxMessageChars?: number;
  /**
   * Bytes of a line, for the error message: `LineReader` has cut it.
   *
   * @default {32768}
   */
  maxLineBytes?: number;
}

/** A request and the key that marked it. */
export interface ParsedRequest {
  /** `action` if the peer speaks the classic dialect. */
  key: EventKey;
  /** The validated request. */
  request: Request;
}

/**
 * Reads a request.
 *
 * @param line One line without its end, as {@linkcode LineReader} yields it.
 * @throws {FrameError} If the line is no valid request. Its `id` is the request's, where that was valid.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { request } = parseRequest('{"event":"msg","to":"bob","message":"hi"}');
 * assertEquals(request, { event: "msg", to: "bob", message: "hi" });
 * ```
 */
export function parseRequest(line: string, limits: FrameLimits = {}): ParsedRequest {
  const plain = parsePlainMsg(line, limits.maxMessageChars ?? LIMITS.maxMessageChars);
  if (plain !== undefined) return { key: "event", request: plain };
  if (!isOverlong(line) && line.includes("\uFFFD")) {
    throw new FrameError("line must be valid UTF-8 without U+FFFD (the replacement character)");
  }
  const fields = parseObject(line, limits.maxLineBytes);
  const id = readId(fields);
  try {
    const key: EventKey = fields.event === undefined && fields.action !== undefined
      ? "action"
      : "event";
    const read = typeof fields[key] === "string" ? READERS.get(fields[key]) : undefined;
    if (read === undefined) {
      throw new FrameError(
        `${key} must be one of ${EVENTS.join(", ")}, received ${kind(fields[key])}`,
      );
    }
    const time = fields.time;
    if (time !== undefined && !(typeof time === "number" && Number.isFinite(time))) {
      throw new FrameError(`time must be Unix seconds (a finite number), received ${kind(time)}`);
    }
    const request = read(fields, limits);
    if (id !== undefined) request.id = id;
    return { key, request };
  } catch (error) {
    // The answer to a wrong request carries its id back, too.
    if (error instanceof FrameError && id !== undefined) throw new FrameError(error.message, id);
    throw error;
  }
}

/**
 * Reads what the server sends. That may hold U+FFFD: who escapes it in a request means it.
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
      for (const name of ["room", "joined", "left"] as const) {
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

/** Any frame as the line that goes on the wire, with its end. */
export function encodeFrame(frame: Request | Response | Notice | Delivery): string {
  return JSON.stringify(frame) + "\n";
}

/** Extra fields of a response that were turned into JSON text once, for many responses. */
export class EncodedExtras {
  /** The fields, with a comma before the first; empty if there are none. */
  readonly json: string;

  /**
   * Turns fields into text.
   *
   * @param extras The fields.
   */
  constructor(extras: ResponseExtras) {
    const object = JSON.stringify(extras);
    this.json = object.length > 2 ? `,${object.slice(1, -1)}` : "";
  }
}

/**
 * A response as a line. Written by hand, not by `JSON.stringify` of an object, because one goes out for
 * each request.
 *
 * @param code 2xx, 4xx or 5xx.
 * @param time Unix seconds.
 * @param sentence One sentence for a person.
 * @param id The request's id, if it had one.
 * @param extras Further fields.
 */
export function encodeResponse(
  code: number,
  time: number,
  sentence: string,
  id?: RequestId,
  extras?: ResponseExtras | EncodedExtras,
): string {
  let line = `{"response":${code},"time":${time},"${code < 400 ? "alert" : "error"}":` +
    JSON.stringify(sentence);
  if (id !== undefined) line += `,"id":${JSON.stringify(id)}`;
  if (extras !== undefined) {
    line += (extras instanceof EncodedExtras ? extras : new EncodedExtras(extras)).json;
  }
  return line + "}\n";
}

/**
 * A message for its addressee as a line.
 *
 * @param key The addressee's dialect.
 * @param time Unix seconds.
 * @param toJson The addressee's name as JSON text.
 * @param fromJson The sender's name as JSON text.
 * @param message The text; a lone surrogate stays what it is, as a `\uXXXX` escape.
 * @param id The request's id, if it had one.
 * @param stored Its number in the mailbox, if it comes from there.
 */
export function encodeDelivery(
  key: EventKey,
  time: number,
  toJson: string,
  fromJson: string,
  messageJson: string,
  id?: RequestId,
  stored?: number,
): string {
  let line = encodeDeliveryHead(key, time, toJson, fromJson) + messageJson;
  if (id !== undefined) line += `,"id":${JSON.stringify(id)}`;
  if (stored !== undefined) line += `,"stored":${stored}`;
  return line + "}\n";
}

/**
 * How a delivery begins, up to the text of the message. See {@linkcode encodeDelivery}.
 *
 * Joined, not added up: who keeps a text in many pieces has them put together anew for each frame.
 */
export function encodeDeliveryHead(
  key: EventKey,
  time: number,
  toJson: string,
  fromJson: string,
): string {
  const pieces = [
    `{"${key}":"msg","time":${time},"to":`,
    toJson,
    `,"from":`,
    fromJson,
    `,"message":`,
  ];
  return pieces.join("");
}

/** The server's question whether the client is there, in the client's dialect. */
export function encodeProbe(key: EventKey, time: number): string {
  return `{"${key}":"probe","time":${time}}\n`;
}

type Reader = (fields: Fields, limits: FrameLimits) => Request & RequestBase;

/** One reader per event. A Map, so that no name of `Object.prototype` is found in it. */
const READERS: ReadonlyMap<unknown, Reader> = new Map<EventName, Reader>([
  ["presence", (fields) => {
    const type = fields.type;
    if (type !== undefined && type !== "status") {
      throw new FrameError(`type must be "status", received ${kind(type)}`);
    }
    const given = readUser(fields);
    const user: { account_name: string; status?: string } = {
      account_name: readAccountName(given, "account_name", "user.account_name"),
    };
    if (given.status !== undefined) {
      user.status = readText(given, "status", 0, LIMITS.maxStatusChars, "user.status");
    }
    return type === undefined
      ? { event: "presence", user }
      : { event: "presence", type: "status", user };
  }],
  ["authenticate", (fields) => {
    const given = readUser(fields);
    const user = {
      account_name: readAccountName(given, "account_name", "user.account_name"),
      password: readText(
        given,
        "password",
        LIMITS.minPasswordChars,
        LIMITS.maxPasswordChars,
        "user.password",
      ),
    };
    const register = readOptionalBoolean(fields, "register");
    return register === undefined
      ? { event: "authenticate", user }
      : { event: "authenticate", user, register };
  }],
  ["msg", (fields, { maxMessageChars = LIMITS.maxMessageChars }) => {
    const request: Request = {
      event: "msg",
      to: readAddress(fields),
      message: readText(fields, "message", 1, maxMessageChars),
    };
    if (fields.from !== undefined) request.from = readAccountName(fields, "from");
    if (fields.encoding !== undefined) {
      request.encoding = readText(fields, "encoding", 0, LIMITS.maxEncodingChars);
    }
    const store = readOptionalBoolean(fields, "store");
    if (store !== undefined) request.store = store;
    return request;
  }],
  ["join", (fields) => ({ event: "join", room: readRoomName(fields, "room") })],
  ["leave", (fields) => ({ event: "leave", room: readRoomName(fields, "room") })],
  ["quit", () => ({ event: "quit" })],
  ["probe", () => ({ event: "probe" })],
  [
    "who",
    (fields) =>
      fields.room === undefined
        ? { event: "who" }
        : { event: "who", room: readRoomName(fields, "room") },
  ],
  ["ack", (fields) => ({ event: "ack", stored: readPositiveInteger(fields, "stored") })],
]);

function parseObject(line: string, maxLineBytes: number = LIMITS.maxLineBytes): Fields {
  if (isOverlong(line)) {
    throw new FrameError(`line must be at most ${maxLineBytes} bytes, received more`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new FrameError("line must be one JSON object, received text that is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FrameError(`line must be one JSON object, received ${kind(value)}`);
  }
  return value as Fields;
}

/** What a value is, in words that hold none of it. */
function kind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "boolean") return "a boolean";
  if (typeof value === "number") return Number.isFinite(value) ? "a number" : "a number too large";
  return "another text";
}

function readId(fields: Fields): RequestId | undefined {
  const id = fields.id;
  if (id === undefined || Number.isSafeInteger(id)) return id as number | undefined;
  if (typeof id === "string" && hasChars(id, 1, LIMITS.maxIdChars)) return id;
  throw new FrameError(
    `id must be a text of 1–${LIMITS.maxIdChars} characters or a safe integer, received ` +
      (typeof id === "string" ? `${countChars(id)} characters` : kind(id)),
  );
}

function readUser(fields: Fields): Fields {
  const user = fields.user;
  if (typeof user !== "object" || user === null || Array.isArray(user)) {
    throw new FrameError(`user must be an object with account_name, received ${kind(user)}`);
  }
  return user as Fields;
}

function readText(fields: Fields, name: string, min: number, max: number, label = name): string {
  const text = fields[name];
  if (typeof text !== "string") {
    throw new FrameError(
      `${label} must be a text of ${min}–${max} characters, received ${kind(text)}`,
    );
  }
  if (!hasChars(text, min, max)) {
    throw new FrameError(`${label} must be ${min}–${max} characters, received ${countChars(text)}`);
  }
  return text;
}

function readAnyText(fields: Fields, name: string): string {
  const text = fields[name];
  if (typeof text === "string") return text;
  throw new FrameError(`${name} must be a text, received ${kind(text)}`);
}

function readOptionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : readAnyText(fields, name);
}

function readOptionalBoolean(fields: Fields, name: string): boolean | undefined {
  const flag = fields[name];
  if (flag === undefined || typeof flag === "boolean") return flag;
  throw new FrameError(`${name} must be true or false, received ${kind(flag)}`);
}

function readPositiveInteger(fields: Fields, name: string): number {
  const number = fields[name];
  if (Number.isSafeInteger(number) && (number as number) >= 1) return number as number;
  throw new FrameError(
    `${name} must be a whole number from 1, received ${
      Number.isSafeInteger(number) ? number : kind(number)
    }`,
  );
}

function readAccountName(fields: Fields, name: string, label = name): string {
  const text = fields[name];
  if (typeof text === "string" && isAccountName(text)) return text;
  throw new FrameError(`${label} must be ${ACCOUNT_NAME_RULE}, received ${kind(text)}`);
}

function readRoomName(fields: Fields, name: string): string {
  const text = fields[name];
  if (typeof text === "string" && isRoomName(text)) return text;
  throw new FrameError(`${name} must be ${ROOM_NAME_RULE}, received ${kind(text)}`);
}

function readAddress(fields: Fields): string {
  const to = fields.to;
  return typeof to === "string" && isRoomAddress(to)
    ? readRoomName(fields, "to")
    : readAccountName(fields, "to");
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

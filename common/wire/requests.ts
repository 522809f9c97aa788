/**
 * Line → request.
 *
 * Nothing that comes in is trusted: a line becomes a {@linkcode Request} only after every field that the protocol
 * names has been checked; all other fields are dropped here.
 *
 * @module
 */

import { FrameError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { isOverlong } from "./lines.ts";
import {
  type Fields,
  type HasAccount,
  kind,
  parseObject,
  readAccountName,
  readAddress,
  readFeatures,
  readId,
  readOneOf,
  readOptionalBoolean,
  readOptionalInteger,
  readOptionalSeconds,
  readPositiveInteger,
  readResume,
  readRoomName,
  readText,
  readUser,
  readWord,
} from "./fields.ts";
import {
  type EventKey,
  type EventName,
  EVENTS,
  MESSAGE_KINDS,
  type Request,
  type RequestBase,
  ROOM_ROLES,
} from "./protocol.ts";

/** Bounds that the operator may set, and what they do not hold for. */
export interface RequestLimits {
  /**
   * Code points of a message.
   *
   * @default {4096}
   */
  maxMessage?: number;
  /**
   * Bytes of a line, for the error message: `LineReader` has cut it.
   *
   * @default {32768}
   */
  maxLine?: number;
  /**
   * Whether there is an account of a folded name that would be refused today: then it is read all the same.
   *
   * @default {() => false}
   */
  hasLegacyAccount?: HasAccount;
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
export function parseRequest(line: string, limits: RequestLimits = {}): ParsedRequest {
  return readRequest(parseFields(line, limits), limits);
}

/**
 * The object in a line, whatever it says.
 *
 * @param line One line without its end, as {@linkcode LineReader} yields it.
 * @throws {FrameError} If there is none.
 */
export function parseFields(line: string, { maxLine }: RequestLimits = {}): Fields {
  if (!isOverlong(line) && line.includes("\uFFFD")) {
    throw new FrameError("line must be valid UTF-8 without U+FFFD (the replacement character)");
  }
  return parseObject(line, maxLine);
}

/**
 * Reads a request that was parsed.
 *
 * @throws {FrameError} As {@linkcode parseRequest} does.
 */
export function readRequest(fields: Fields, limits: RequestLimits = {}): ParsedRequest {
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
    const seen = readOptionalInteger(fields, "seen", 0);
    if (seen !== undefined) request.seen = seen;
    return { key, request };
  } catch (error) {
    // The answer to a wrong request also carries its id.
    if (error instanceof FrameError && id !== undefined) throw new FrameError(error.message, id);
    throw error;
  }
}

type Reader = (fields: Fields, limits: RequestLimits) => Request & RequestBase;

/** One reader per event. A Map, so that no name of `Object.prototype` is found in it. */
const READERS: ReadonlyMap<unknown, Reader> = new Map<EventName, Reader>([
  ["presence", (fields, { hasLegacyAccount }) => {
    const type = fields.type;
    if (type !== undefined && type !== "status") {
      throw new FrameError(`type must be "status", received ${kind(type)}`);
    }
    const given = readUser(fields);
    const user: { account_name: string; status?: string; away?: string } = {
      account_name: readAccountName(given, "account_name", "user.account_name", hasLegacyAccount),
    };
    if (given.away !== undefined) {
      user.away = readText(given, "away", 0, LIMITS.maxAwayChars, "user.away");
    }
    if (given.status !== undefined) {
      user.status = readText(given, "status", 0, LIMITS.maxStatusChars, "user.status");
    }
    const request: Request = { event: "presence", user };
    if (type !== undefined) request.type = type;
    const resume = readResume(fields);
    if (resume !== undefined) request.resume = resume;
    const features = readFeatures(fields);
    if (features !== undefined) request.features = features;
    return request;
  }],
  ["authenticate", (fields, { hasLegacyAccount }) => {
    const given = readUser(fields);
    const user: { account_name: string; password?: string } = {
      account_name: readAccountName(given, "account_name", "user.account_name", hasLegacyAccount),
    };
    const request: Request = { event: "authenticate", user };
    for (const name of ["register", "takeover"] as const) {
      const flag = readOptionalBoolean(fields, name);
      if (flag !== undefined) request[name] = flag;
    }
    if (fields.invite !== undefined) {
      request.invite = readText(fields, "invite", 1, LIMITS.maxInviteChars);
    }
    const resume = readResume(fields);
    if (resume !== undefined) request.resume = resume;
    if (typeof resume !== "string" || request.register) {
      user.password = readText(
        given,
        "password",
        LIMITS.minPasswordChars,
        LIMITS.maxPasswordChars,
        "user.password",
      );
    }
    if (typeof resume === "string" && given.password !== undefined) {
      throw new FrameError("user.password and a token in resume exclude each other: give one");
    }
    const features = readFeatures(fields);
    if (features !== undefined) request.features = features;
    return request;
  }],
  ["msg", (fields, { maxMessage = LIMITS.maxMessage, hasLegacyAccount }) => {
    const request: Request = {
      event: "msg",
      to: readAddress(fields, hasLegacyAccount),
      message: readText(fields, "message", 1, maxMessage),
    };
    if (fields.from !== undefined) {
      request.from = readAccountName(fields, "from", "from", hasLegacyAccount);
    }
    if (fields.encoding !== undefined) {
      request.encoding = readText(fields, "encoding", 0, LIMITS.maxEncodingChars);
    }
    const store = readOptionalBoolean(fields, "store");
    if (store !== undefined) request.store = store;
    if (fields.reply !== undefined) request.reply = readPositiveInteger(fields, "reply");
    if (fields.kind !== undefined) request.kind = readWord(fields, "kind", MESSAGE_KINDS);
    return request;
  }],
  ["join", (fields) => {
    const request: Request = { event: "join", room: readRoomName(fields, "room") };
    const after = readOptionalInteger(fields, "after", 0);
    const history = readOptionalInteger(fields, "history", 0, LIMITS.maxHistoryMessages);
    readOneOf(fields, "after", "history");
    if (after !== undefined) request.after = after;
    if (history !== undefined) request.history = history;
    return request;
  }],
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
  ["rooms", () => ({ event: "rooms" })],
  ["room", (fields) => {
    const request: Request = { event: "room", room: readRoomName(fields, "room") };
    if (fields.topic !== undefined) {
      request.topic = readText(fields, "topic", 0, LIMITS.maxTopicChars);
    }
    for (const name of ["private", "moderated", "remove"] as const) {
      const flag = readOptionalBoolean(fields, name);
      if (flag !== undefined) request[name] = flag;
    }
    const slow = readOptionalSeconds(fields, "slow", LIMITS.maxSlowSeconds);
    if (slow !== undefined) request.slow = slow;
    return request;
  }],
  ["invite", (fields, { hasLegacyAccount }) => {
    const request: Request = { event: "invite", ...readTarget(fields, hasLegacyAccount) };
    const on = readOptionalBoolean(fields, "on");
    if (on !== undefined) request.on = on;
    return request;
  }],
  ["kick", (fields, { hasLegacyAccount }) => ({
    event: "kick",
    ...readTarget(fields, hasLegacyAccount),
    ...readReason(fields),
  })],
  ["ban", (fields, { hasLegacyAccount }) => ({
    event: "ban",
    ...readTarget(fields, hasLegacyAccount),
    ...readPeriod(fields),
    ...readReason(fields),
  })],
  ["mute", (fields, { hasLegacyAccount }) => ({
    event: "mute",
    ...readTarget(fields, hasLegacyAccount),
    ...readPeriod(fields),
  })],
  ["grant", (fields, { hasLegacyAccount }) => ({
    event: "grant",
    ...readTarget(fields, hasLegacyAccount),
    role: readWord(fields, "role", ROOM_ROLES),
  })],
  ["ack", (fields) => ({ event: "ack", stored: readPositiveInteger(fields, "stored") })],
  ["history", (fields, { hasLegacyAccount }) => {
    const request: Request = {
      event: "history",
      with: readAddress(fields, hasLegacyAccount, "with"),
    };
    const before = readOptionalInteger(fields, "before", 1);
    const after = readOptionalInteger(fields, "after", 0);
    const limit = readOptionalInteger(fields, "limit", 1, LIMITS.maxHistoryMessages);
    readOneOf(fields, "before", "after");
    if (before !== undefined) request.before = before;
    if (after !== undefined) request.after = after;
    if (limit !== undefined) request.limit = limit;
    return request;
  }],
  ["search", (fields, { hasLegacyAccount }) => {
    const request: Request = {
      event: "search",
      text: readText(fields, "text", 1, LIMITS.maxSearchChars),
    };
    if (fields.with !== undefined) request.with = readAddress(fields, hasLegacyAccount, "with");
    if (fields.from !== undefined) {
      request.from = readAccountName(fields, "from", "from", hasLegacyAccount);
    }
    if (fields.cursor !== undefined) {
      request.cursor = readText(fields, "cursor", 1, LIMITS.maxCursorChars);
    }
    const limit = readOptionalInteger(fields, "limit", 1, LIMITS.maxHistoryMessages);
    if (limit !== undefined) request.limit = limit;
    return request;
  }],
  ["edit", (fields, { maxMessage = LIMITS.maxMessage, hasLegacyAccount }) => ({
    event: "edit",
    to: readAddress(fields, hasLegacyAccount),
    seq: readPositiveInteger(fields, "seq"),
    message: readText(fields, "message", 1, maxMessage),
  })],
  ["delete", (fields, { hasLegacyAccount }) => ({
    event: "delete",
    to: readAddress(fields, hasLegacyAccount),
    seq: readPositiveInteger(fields, "seq"),
  })],
  ["read", (fields, { hasLegacyAccount }) => ({
    event: "read",
    with: readAddress(fields, hasLegacyAccount, "with"),
    seq: readPositiveInteger(fields, "seq"),
  })],
  ["conversations", () => ({ event: "conversations" })],
  ["block", (fields, { hasLegacyAccount }) => {
    if ((fields.user === undefined) !== (fields.on === undefined)) {
      throw new FrameError("user and on go together: give both, or none to ask who is blocked");
    }
    const on = readOptionalBoolean(fields, "on");
    if (on === undefined) return { event: "block" };
    return { event: "block", user: readAccountName(fields, "user", "user", hasLegacyAccount), on };
  }],
  ["whois", (fields, { hasLegacyAccount }) => ({
    event: "whois",
    user: readAccountName(fields, "user", "user", hasLegacyAccount),
  })],
]);

/** Somebody in a room: what a moderator's request is about. */
function readTarget(fields: Fields, hasAccount?: HasAccount): { room: string; user: string } {
  return {
    room: readRoomName(fields, "room"),
    user: readAccountName(fields, "user", "user", hasAccount),
  };
}

function readPeriod(fields: Fields): { seconds?: number } {
  const seconds = readOptionalSeconds(fields, "seconds", LIMITS.maxSanctionSeconds);
  return seconds === undefined ? {} : { seconds };
}

function readReason(fields: Fields): { reason?: string } {
  if (fields.reason === undefined) return {};
  return { reason: readText(fields, "reason", 0, LIMITS.maxReasonChars) };
}

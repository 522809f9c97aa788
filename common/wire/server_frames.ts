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
  readOptionalBoolean,
  readOptionalText,
  readPositiveInteger,
  readUser,
  readWord,
} from "./fields.ts";
import {
  type Conversation,
  type Deleted,
  type Delivery,
  type Edited,
  type KeptDelivery,
  MESSAGE_KINDS,
  type MessageKind,
  type Notice,
  type Response,
  ROOM_REFUSALS,
  ROOM_ROLES,
  type RoomEntry,
  type RoomRole,
  type Sanction,
  type ServerFrame,
  type WhoUser,
} from "./protocol.ts";

/** Longer than any name, counted as it stands on the wire, and than any status or topic. */
const MAX_SHORT_UNITS = 1_024;

/** Fields of a notice, by what they hold. */
const NOTICE_TEXTS = [
  "room",
  "invited",
  "user",
  "topic",
  "by",
  "reason",
] as const;
const NOTICE_FLAGS = ["kicked", "banned", "muted", "private", "moderated", "remove"] as const;

/** Fields of a response that are lists of names. */
const NAME_LISTS = ["owners", "moderators", "banned", "muted", "invited", "blocked"] as const;

/** An answer with a wrong shape. Nobody can go on behind it, since answers are told apart by their order. */
export class AnswerError extends FrameError {}

/**
 * Reads what the server sends. It may hold U+FFFD: a sender that escapes it in a request means it.
 *
 * @param line One line without its end.
 * @throws {FrameError} If the line is no frame that a client knows.
 * @throws {AnswerError} If it is an answer all the same.
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
      for (const name of NOTICE_TEXTS) {
        if (fields[name] !== undefined) frame[name] = readShort(fields, name);
      }
      for (const name of ["joined", "left"] as const) {
        if (fields[name] !== undefined) frame[name] = readNames(fields, name);
      }
      for (const name of NOTICE_FLAGS) {
        const flag = readOptionalBoolean(fields, name);
        if (flag !== undefined) frame[name] = flag;
      }
      for (const name of ["slow", "seconds"] as const) {
        if (fields[name] !== undefined) frame[name] = readNumber(fields, name);
      }
      const role = readRole(fields);
      if (role !== undefined) frame.role = role;
      readNumberOf(fields, frame);
      return { kind: "notice", frame };
    }
    try {
      return { kind: "response", frame: readResponse(fields, code, time) };
    } catch (error) {
      throw error instanceof FrameError ? new AnswerError(error.message) : error;
    }
  }
  const event = fields.event ?? fields.action;
  if (event === "probe") return { kind: "probe", frame: { event, time } };
  if (event === "msg") {
    const frame: Delivery = {
      event,
      time,
      to: readShort(fields, "to"),
      from: readShort(fields, "from"),
      message: readAnyText(fields, "message"),
    };
    const id = readId(fields);
    if (id !== undefined) frame.id = id;
    if (fields.reply !== undefined) frame.reply = readPositiveInteger(fields, "reply");
    readKind(fields, frame);
    if (fields.seq !== undefined) frame.seq = readPositiveInteger(fields, "seq");
    if (fields.stored !== undefined) frame.stored = readPositiveInteger(fields, "stored");
    readNumberOf(fields, frame);
    return { kind: "message", frame };
  }
  if (event === "edit" || event === "delete") {
    const [to, from] = [readShort(fields, "to"), readShort(fields, "from")];
    const seq = readPositiveInteger(fields, "seq");
    const frame: Edited | Deleted = event === "edit"
      ? { event, time, to, from, seq, message: readAnyText(fields, "message") }
      : { event, time, to, from, by: readShort(fields, "by"), seq };
    if (frame.event === "edit") readKind(fields, frame);
    readNumberOf(fields, frame);
    return { kind: "change", frame };
  }
  // So a server may grow (section 2 of the protocol).
  if (typeof event === "string") return { kind: "unknown" };
  throw new FrameError("frame must be a response, a notice, a msg or a probe");
}

function readResponse(fields: Fields, code: number, time: number): Response {
  const frame: Response = { response: code, time };
  for (const name of ["alert", "error"] as const) {
    const text = readOptionalText(fields, name);
    if (text !== undefined) frame[name] = text;
  }
  for (const name of ["room", "topic", "reason", "account_name", "status", "away"] as const) {
    if (fields[name] !== undefined) frame[name] = readShort(fields, name);
  }
  for (const name of ["delivered", "total", "last", "since", "seq", "slow", "retry"] as const) {
    const number = fields[name];
    if (typeof number === "number") frame[name] = number;
  }
  for (const name of ["lasting", "more", "private", "moderated", "account", "online"] as const) {
    const flag = readOptionalBoolean(fields, name);
    if (flag !== undefined) frame[name] = flag;
  }
  if (Array.isArray(fields.messages)) frame.messages = fields.messages.map(readKept);
  if (fields.next !== undefined) frame.next = readShort(fields, "next");
  if (Array.isArray(fields.conversations)) {
    frame.conversations = fields.conversations.map(readConversation);
  }
  const id = readId(fields);
  if (id !== undefined) frame.id = id;
  if (Array.isArray(fields.users)) frame.users = fields.users.map(readListed) as string[];
  if (Array.isArray(fields.rooms)) frame.rooms = fields.rooms.map(readRoom) as RoomEntry[];
  if (Array.isArray(fields.features)) {
    frame.features = fields.features.map((feature) => readShort({ feature }, "feature"));
  }
  if (fields.resume !== undefined) frame.resume = readShort(fields, "resume");
  if (fields.resumed === true) frame.resumed = true;
  for (const name of NAME_LISTS) {
    const names = fields[name];
    if (Array.isArray(names)) frame[name] = readNames(fields, name) as string[];
  }
  if (Array.isArray(fields.sanctions)) frame.sanctions = fields.sanctions.map(readSanction);
  const role = readRole(fields);
  if (role !== undefined) frame.role = role;
  const refused = ROOM_REFUSALS.find((known) => known === fields.refused);
  if (refused !== undefined) frame.refused = refused;
  return frame;
}

/** The field `role`, if it is one that this client knows. */
function readRole(fields: Fields): RoomRole | undefined {
  return ROOM_ROLES.find((known) => known === fields.role);
}

/** An entry of `sanctions`. */
function readSanction(entry: unknown): Sanction {
  const fields = readEntry(entry, "sanctions");
  const sanction: Sanction = {
    kind: readWord(fields, "kind", ["ban", "mute"]),
    user: readShort(fields, "user"),
    by: readShort(fields, "by"),
  };
  if (fields.until !== undefined) sanction.until = readNumber(fields, "until");
  if (fields.reason !== undefined) sanction.reason = readShort(fields, "reason");
  return sanction;
}

/** An entry of `users`: a name (`join`) or a user with a status (`who`). */
function readListed(entry: unknown): string | WhoUser {
  if (typeof entry === "string") return readShort({ name: entry }, "name");
  const fields = readUser({ user: entry });
  const user: WhoUser = {
    account_name: readShort(fields, "account_name"),
    status: fields.status === undefined ? "" : readShort(fields, "status"),
  };
  const role = readRole(fields);
  if (role !== undefined) user.role = role;
  return user;
}

/** A name, or a list of names. */
function readNames(fields: Fields, field: string): string | string[] {
  const names = fields[field];
  if (!Array.isArray(names)) return readShort(fields, field);
  return names.map((name) => readShort({ name }, "name"));
}

/** The number of a frame, if it has one. */
function readNumberOf(fields: Fields, frame: { n?: number }): void {
  if (fields.n !== undefined) frame.n = readPositiveInteger(fields, "n");
}

/** An entry of `rooms`: a room (`rooms`) or the name of one (`resumed`). */
function readRoom(entry: unknown): string | RoomEntry {
  if (typeof entry === "string") return readShort({ room: entry }, "room");
  const { users, ...fields } = readEntry(entry, "rooms");
  return {
    room: readShort(fields, "room"),
    topic: fields.topic === undefined ? "" : readShort(fields, "topic"),
    users: typeof users === "number" ? users : 0,
    lasting: readOptionalBoolean(fields, "lasting") ?? false,
  };
}

/** An entry of `messages`. */
function readKept(entry: unknown): KeptDelivery {
  const fields = readEntry(entry, "messages");
  const frame: KeptDelivery = {
    time: readNumber(fields, "time"),
    to: readShort(fields, "to"),
    from: readShort(fields, "from"),
    seq: readPositiveInteger(fields, "seq"),
  };
  const message = readOptionalText(fields, "message");
  if (message !== undefined) frame.message = message;
  const id = readId(fields);
  if (id !== undefined) frame.id = id;
  if (fields.reply !== undefined) frame.reply = readPositiveInteger(fields, "reply");
  readKind(fields, frame);
  if (fields.edited !== undefined) frame.edited = readNumber(fields, "edited");
  if (fields.deleted === true) frame.deleted = true;
  return frame;
}

/** A kind that this client does not know is none: the text is there to be read. */
function readKind(fields: Fields, frame: { kind?: MessageKind }): void {
  const known = MESSAGE_KINDS.find((it) => it === fields.kind);
  if (known !== undefined) frame.kind = known;
}

/** An entry of `conversations`. */
function readConversation(entry: unknown): Conversation {
  const fields = readEntry(entry, "conversations");
  return {
    with: readShort(fields, "with"),
    last: readNumber(fields, "last"),
    read: readNumber(fields, "read"),
    unread: readNumber(fields, "unread"),
    time: readNumber(fields, "time"),
  };
}

function readEntry(entry: unknown, list: string): Fields {
  if (typeof entry === "object" && entry !== null) return entry as Fields;
  throw new FrameError(`${list} must be a list of objects, received ${kind(entry)} in it`);
}

function readNumber(fields: Fields, name: string): number {
  const number = fields[name];
  if (typeof number === "number") return number;
  throw new FrameError(`${name} must be a number, received ${kind(number)}`);
}

/** A name, a status or a word: a client keeps such texts, so they must not be of any length. */
function readShort(fields: Fields, name: string): string {
  const text = readAnyText(fields, name);
  if (text.length <= MAX_SHORT_UNITS) return text;
  throw new FrameError(`${name} must be at most ${MAX_SHORT_UNITS} characters, received more`);
}

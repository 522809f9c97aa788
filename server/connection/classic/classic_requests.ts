/**
 * What classic clients say.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { FrameError, FramingError } from "../../../common/errors.ts";
import { LIMITS } from "../../../common/limits.ts";
import {
  type Fields,
  kind,
  readAccountName,
  readId,
  readUser,
} from "../../../common/wire/fields.ts";
import { isOverlong } from "../../../common/wire/lines.ts";
import {
  type EventKey,
  EVENTS,
  isRoomAddress,
  type ProbeRequest,
  type Request,
  type RequestId,
} from "../../../common/wire/protocol.ts";
import { parseFields, readRequest, type RequestLimits } from "../../../common/wire/requests.ts";
import { type ClassicShape, keyIn, MESSAGE_KEYS, NAME_KEYS } from "./classic_shape.ts";
import { STRAY_MARK } from "./object_reader.ts";

/** What only classic clients ask for. */
export type ClassicQuestion = "users" | "contacts" | "add" | "remove" | "key";

/** A request that only classic clients make. Whoever does not know it has a probe, which changes nothing. */
export class ClassicRequest implements ProbeRequest {
  /** See {@linkcode ProbeRequest}. */
  readonly event = "probe";
  /** What is asked for. */
  readonly question: ClassicQuestion;
  /** Whom it is about; empty if nobody. */
  readonly name: string;
  /** Comes back in the response. */
  id: RequestId | undefined;

  /** See the fields. */
  constructor(question: ClassicQuestion, name = "") {
    this.question = question;
    this.name = name;
  }
}

/** Bytes of a public key as JSON; a longer one would not fit into an answer. */
const MAX_KEY_BYTES = 900;

const NOT_FOR_CLASSIC =
  "rooms, accounts and history are for clients that end each request with a newline";

type Translation = (fields: Fields) => Fields | ClassicRequest;

const question = (what: ClassicQuestion): Translation => () => new ClassicRequest(what);

const about = (what: ClassicQuestion): Translation => (fields) => {
  const key = keyIn(fields, NAME_KEYS) ?? NAME_KEYS[0];
  return new ClassicRequest(what, readAccountName(fields, key));
};

const message: Translation = (fields) => {
  const [text, to, from] = [MESSAGE_KEYS.text, MESSAGE_KEYS.to, MESSAGE_KEYS.from]
    .map((keys) => fields[keyIn(fields, keys) ?? keys[0]]);
  if (typeof to === "string" && isRoomAddress(to)) throw new FrameError(NOT_FOR_CLASSIC);
  return { event: "msg", to, from, message: text };
};

const presence: Translation = (fields) => {
  const { account_name, status } = readUser(fields);
  return { event: "presence", user: { account_name, status } };
};

/** What each action is in everybody else's terms. A Map, so that no name of `Object.prototype` is found in it. */
const ACTIONS: ReadonlyMap<unknown, Translation> = new Map<string, Translation>([
  ["presence", presence],
  ["msg", message],
  ["message", message],
  ["quit", () => ({ event: "quit" })],
  ["exit", () => ({ event: "quit" })],
  ["probe", () => ({ event: "probe" })],
  ["who", question("users")],
  ["get_users", question("users")],
  ["get_contacts", question("contacts")],
  ["add", about("add")],
  ["add_contact", about("add")],
  ["remove", about("remove")],
  ["del_contact", about("remove")],
  ["pubkey_need", about("key")],
]);

/** Actions that others have. */
const OTHERS: ReadonlySet<unknown> = new Set(EVENTS.filter((event) => !ACTIONS.has(event)));

/** Reads one classic connection's objects, and learns from them how it wants its own. */
export class ClassicRequests {
  /** See `RequestReader.key`. */
  readonly key: EventKey = "action";
  readonly #limits: RequestLimits;
  readonly #shape: ClassicShape;
  #publicKey: string | undefined;

  /**
   * Makes a reader that has read nothing.
   *
   * @param shape Learns.
   */
  constructor(limits: RequestLimits, shape: ClassicShape) {
    this.#limits = limits;
    this.#shape = shape;
  }

  /** The public key in the presence that was read last, if there was one. */
  get publicKey(): string | undefined {
    return this.#publicKey;
  }

  /**
   * Reads a request.
   *
   * @param text One object, as `ObjectReader` yields it.
   * @throws {FramingError} If it is none, and what follows cannot be read.
   * @throws {FrameError} If it is no valid request. Its `id` is the request's, where that was valid.
   */
  read(text: string): Request {
    const { maxLine = LIMITS.maxLine } = this.#limits;
    if (isOverlong(text)) {
      throw new FramingError(`object must be at most ${maxLine} bytes, received more`);
    }
    if (text === STRAY_MARK) {
      throw new FramingError("between two objects there may be white space only");
    }
    const fields = parseFields(text, this.#limits);
    const id = readId(fields);
    try {
      return this.#read(fields, id);
    } catch (error) {
      if (error instanceof FrameError && id !== undefined) throw new FrameError(error.message, id);
      throw error;
    }
  }

  #read(fields: Fields, id: RequestId | undefined): Request {
    const action = fields.action ?? fields.event;
    const translate = ACTIONS.get(action);
    if (translate === undefined) {
      throw new FrameError(
        typeof action === "string" && OTHERS.has(action)
          ? NOT_FOR_CLASSIC
          : `action must be one of ${[...ACTIONS.keys()].join(", ")}, received ${kind(action)}`,
      );
    }
    const translated = translate(fields);
    if (translated instanceof ClassicRequest) {
      translated.id = id;
      return translated;
    }
    const { request } = readRequest({ ...translated, id }, this.#limits);
    if (request.event === "presence") {
      const user = readUser(fields);
      this.#shape.sawPresence(fields, user);
      this.#publicKey = keyOf(user.pubkey ?? fields.pubkey);
    } else if (request.event === "msg") {
      this.#shape.sawMessage(action as "msg" | "message", fields);
    }
    return request;
  }
}

function keyOf(value: unknown): string | undefined {
  return typeof value === "string" && Buffer.byteLength(JSON.stringify(value)) <= MAX_KEY_BYTES
    ? value
    : undefined;
}

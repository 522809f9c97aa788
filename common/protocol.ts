/**
 * The vocabulary of JIM: events, codes and the shapes of frames, as they stand on the wire.
 * The contract in words is in `docs/protocol.md`.
 *
 * @module
 */

/** What a request may ask for. */
export const EVENTS = [
  "presence",
  "authenticate",
  "msg",
  "join",
  "leave",
  "quit",
  "probe",
  "who",
  "ack",
] as const;

/** One of {@linkcode EVENTS}. */
export type EventName = typeof EVENTS[number];

/** Response codes by name. 1xx are notices, 2xx answers, 4xx and 5xx errors. */
export const CODE = {
  notice: 100,
  important: 101,
  ok: 200,
  created: 201,
  accepted: 202,
  badRequest: 400,
  unauthorized: 401,
  wrongLogin: 402,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  gone: 410,
  serverError: 500,
} as const;

/** One of the numbers in {@linkcode CODE}. */
export type Code = typeof CODE[keyof typeof CODE];

/** The key that marks a request: `event`, or `action` in the classic dialect. */
export type EventKey = "event" | "action";

/** What a request may carry to be recognised in its response. */
export type RequestId = string | number;

/** Fields that every request may have. */
export interface RequestBase {
  /** Unix seconds at the sender. */
  time?: number;
  /** Comes back in the response. */
  id?: RequestId;
}

/** "I am here": goes online as a guest, sets the status, answers a probe. */
export interface PresenceRequest extends RequestBase {
  event: "presence";
  type?: "status";
  user: { account_name: string; status?: string };
}

/** Goes online as an account, or makes one. */
export interface AuthenticateRequest extends RequestBase {
  event: "authenticate";
  user: { account_name: string; password: string };
  register?: boolean;
}

/** A message to a user or to a room. */
export interface MsgRequest extends RequestBase {
  event: "msg";
  to: string;
  from?: string;
  message: string;
  encoding?: string;
  /** Keep it for an account that is offline. */
  store?: boolean;
}

/** Enters a room, which comes into being with its first member. */
export interface JoinRequest extends RequestBase {
  event: "join";
  room: string;
}

/** Leaves a room. */
export interface LeaveRequest extends RequestBase {
  event: "leave";
  room: string;
}

/** Says goodbye. */
export interface QuitRequest extends RequestBase {
  event: "quit";
}

/** Checks the link. */
export interface ProbeRequest extends RequestBase {
  event: "probe";
}

/** Asks who is online, or who is in a room. */
export interface WhoRequest extends RequestBase {
  event: "who";
  room?: string;
}

/** Says that all stored messages up to `stored` have arrived. */
export interface AckRequest extends RequestBase {
  event: "ack";
  stored: number;
}

/** Every request, told apart by `event`. */
export type Request =
  | PresenceRequest
  | AuthenticateRequest
  | MsgRequest
  | JoinRequest
  | LeaveRequest
  | QuitRequest
  | ProbeRequest
  | WhoRequest
  | AckRequest;

/** A user as `who` lists them. */
export interface WhoUser {
  account_name: string;
  status: string;
}

/** Extra fields of some responses. */
export interface ResponseExtras {
  /** `msg` to a room: how many members got it. */
  delivered?: number;
  /** `join`: the room's name as its creator typed it. */
  room?: string;
  /** `join`: names of the members; `who`: users with their status. */
  users?: string[] | WhoUser[];
  /** `who`: how many there are, also beyond those listed. */
  total?: number;
}

/** The answer to a request. */
export interface Response extends ResponseExtras {
  response: number;
  time: number;
  /** One sentence; with 2xx. */
  alert?: string;
  /** One sentence; with 4xx and 5xx. */
  error?: string;
  id?: RequestId;
}

/** Said by the server unasked: 100 or 101. */
export interface Notice {
  response: number;
  time: number;
  alert: string;
  room?: string;
  joined?: string;
  left?: string;
}

/** A message as its addressee gets it. */
export interface Delivery {
  event: "msg";
  time: number;
  to: string;
  from: string;
  message: string;
  id?: RequestId;
  /** The number in the mailbox, to be acknowledged with `ack`. */
  stored?: number;
}

/** The server asks whether the client is still there. */
export interface Probe {
  event: "probe";
  time: number;
}

/** What a client may receive, told apart by `kind`. */
export type ServerFrame =
  | { kind: "response"; frame: Response }
  | { kind: "notice"; frame: Notice }
  | { kind: "message"; frame: Delivery }
  | { kind: "probe"; frame: Probe };

/** Whether an addressee is a room: it begins with `#`. */
export function isRoomAddress(to: string): boolean {
  return to.charCodeAt(0) === 0x23;
}

/** Whether a code says that the request was carried out. */
export function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}

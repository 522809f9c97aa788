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
  "rooms",
  "room",
  "invite",
  "kick",
  "ban",
  "mute",
  "grant",
  "history",
  "search",
  "edit",
  "delete",
  "read",
  "conversations",
  "block",
  "whois",
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
  /** To classic clients only: a public key that was asked for. */
  key: 511,
} as const;

/** One of the numbers in {@linkcode CODE}. */
export type Code = typeof CODE[keyof typeof CODE];

/** Why a server closes a connection: what a 101 before the close carries as `reason`. */
export const CLOSE_REASONS = [
  /** The name is online from another connection now, and this one is done with it. */
  "replaced",
  /** The server ends. */
  "shutdown",
  /** The client does not read, or does not confirm, what it was sent. */
  "slow",
  /** The server is short of memory, and this connection holds the most. */
  "memory",
  /** A probe was not answered. */
  "probe",
  /** Nobody went online in time. */
  "login",
  /** An administrator has blocked the name. */
  "blocked",
  /** An administrator has removed the account. */
  "removed",
  /** There are as many connections as may be. */
  "full",
  /** Of several nodes, this one has lost the others: they have the names. */
  "fenced",
] as const;

/** One of {@linkcode CLOSE_REASONS}. */
export type CloseReason = typeof CLOSE_REASONS[number];

/** The key that marks a request: `event`, or `action` in the classic dialect. */
export type EventKey = "event" | "action";

/** What a request may carry to be recognised in its response. */
export type RequestId = string | number;

/** Fields that every request may have. */
export interface RequestBase {
  /** Unix seconds at the sender. */
  time?: number;
  /** Comes back in the response. */
  id?: RequestId | undefined;
  /** In a numbered session: all frames up to that `n` have arrived. */
  seen?: number | undefined;
}

/** "I am here": goes online as a guest, sets the status, says whether one is away, answers a probe. */
export interface PresenceRequest extends RequestBase {
  /** What is asked for. */
  event: "presence";
  /** Only `status` is known; may be left out. */
  type?: "status";
  /** Who, and what they say of themselves. */
  user: {
    account_name: string;
    status?: string;
    /** Why one does not answer; without it, or empty, one is back. */
    away?: string;
  };
  /** Number the session and give a token for it; or such a token. */
  resume?: boolean | string;
  /** What the client can deal with; only where it goes online. */
  features?: readonly string[];
}

/** Goes online as an account, or makes one. */
export interface AuthenticateRequest extends RequestBase {
  /** What is asked for. */
  event: "authenticate";
  /** Who, and the proof, unless `resume` has a token in place of it. */
  user: { account_name: string; password?: string };
  /** Make the account. */
  register?: boolean;
  /** Replace the connection from which the account is online, whether or not it lives. */
  takeover?: boolean;
  /** With `register`: the code that lets one in where registration is by invitation. */
  invite?: string;
  /** Number the session and give a token for it; or such a token, in place of the password. */
  resume?: boolean | string;
  /** What the client can deal with; only where it goes online. */
  features?: readonly string[];
}

/** How a message may be meant. */
export const MESSAGE_KINDS = [
  /** What its sender does: `eve` and `waves`, to be read as one sentence. */
  "action",
] as const;

/** One of {@linkcode MESSAGE_KINDS}. */
export type MessageKind = typeof MESSAGE_KINDS[number];

/** A message to a user or to a room. */
export interface MsgRequest extends RequestBase {
  /** What is asked for. */
  event: "msg";
  /** A name, or a room with `#`. */
  to: string;
  /** The name of the sender. */
  from?: string | undefined;
  /** The text. */
  message: string;
  /** The same as JSON text, where the line held it just as `JSON.stringify` writes it. Never sent. */
  messageJson?: string;
  /** A label; changes nothing. */
  encoding?: string;
  /** Keep it for an account that is offline. */
  store?: boolean;
  /** The number of the message in the same conversation that it answers. */
  reply?: number;
  /** How it is meant, if it is not just said. */
  kind?: MessageKind;
}

/** Enters a room, which comes into being with its first member. */
export interface JoinRequest extends RequestBase {
  /** What is asked for. */
  event: "join";
  /** The name of the room. */
  room: string;
  /** Also asks for the messages with a higher number, the oldest of these. Not together with `history`. */
  after?: number;
  /** Also asks for so many of the newest messages. */
  history?: number;
}

/** Leaves a room. */
export interface LeaveRequest extends RequestBase {
  /** What is asked for. */
  event: "leave";
  /** The name of the room. */
  room: string;
}

/** Says goodbye. */
export interface QuitRequest extends RequestBase {
  /** What is asked for. */
  event: "quit";
}

/** Checks the link. */
export interface ProbeRequest extends RequestBase {
  /** What is asked for. */
  event: "probe";
}

/** Asks who is online, or who is in a room. */
export interface WhoRequest extends RequestBase {
  /** What is asked for. */
  event: "who";
  /** The name of the room. */
  room?: string;
}

/** Says that all stored messages up to `stored` have arrived. */
export interface AckRequest extends RequestBase {
  /** What is asked for. */
  event: "ack";
  /** The number of a stored message. */
  stored: number;
}

/** Asks which rooms there are. */
export interface RoomsRequest extends RequestBase {
  /** What is asked for. */
  event: "rooms";
}

/** What a room may be set to. */
export interface RoomSettings {
  /** What it is about from now on. */
  topic?: string;
  /** Whether only who was invited may enter. */
  private?: boolean;
  /** Whether only owners and moderators speak. */
  moderated?: boolean;
  /** Seconds in which a member may say one thing; 0 is no limit. */
  slow?: number;
}

/** Asks what there is to know of a room, or changes it. */
export interface RoomRequest extends RequestBase, RoomSettings {
  /** What is asked for. */
  event: "room";
  /** The name of the room. */
  room: string;
  /** Ends the room. */
  remove?: boolean;
}

/** Lets an account into a private room, or no more. */
export interface InviteRequest extends RequestBase {
  /** What is asked for. */
  event: "invite";
  /** The name of the room. */
  room: string;
  /** The name of an account. */
  user: string;
  /**
   * Whether they may enter.
   *
   * @default {true}
   */
  on?: boolean;
}

/** Takes somebody out of a room. */
export interface KickRequest extends RequestBase {
  /** What is asked for. */
  event: "kick";
  /** The name of the room. */
  room: string;
  /** Who is to go. */
  user: string;
  /** Why, for all who are in. */
  reason?: string;
}

/** Takes somebody out of a room and keeps them out, or lets them in again. */
export interface BanRequest extends RequestBase {
  /** What is asked for. */
  event: "ban";
  /** The name of the room. */
  room: string;
  /** Who is to go. */
  user: string;
  /** For how long; 0 lifts it, and without this it is for good. */
  seconds?: number;
  /** Why, for all who are in and for who is kept out. */
  reason?: string;
}

/** Lets somebody listen and not speak, or speak again. */
export interface MuteRequest extends RequestBase {
  /** What is asked for. */
  event: "mute";
  /** The name of the room. */
  room: string;
  /** Who is to be silent. */
  user: string;
  /** For how long; 0 lifts it, and without this it is for good. */
  seconds?: number;
}

/** Gives an account another role in a room. */
export interface GrantRequest extends RequestBase {
  /** What is asked for. */
  event: "grant";
  /** The name of the room. */
  room: string;
  /** The name of an account. */
  user: string;
  /** What it is there from now on. */
  role: RoomRole;
}

/** Asks for a part of what is kept of a conversation. */
export interface HistoryRequest extends RequestBase {
  /** What is asked for. */
  event: "history";
  /** With whom: a name, or a room with `#`. */
  with: string;
  /** Only messages with a lower number; the newest of these. */
  before?: number;
  /** Only messages with a higher number; the oldest of these. Not together with `before`. */
  after?: number;
  /** Messages at most. */
  limit?: number;
}

/** Looks for messages. */
export interface SearchRequest extends RequestBase {
  /** What is asked for. */
  event: "search";
  /** Words, of which all must occur; `"quoted words"` and `prefixes*`. */
  text: string;
  /** Only in the conversation with that name or room. */
  with?: string;
  /** Only what somebody of that name has said. */
  from?: string;
  /** Where the last answer ended: its `next`. */
  cursor?: string;
  /** Messages at most. */
  limit?: number;
}

/** Changes the text of a message of one's own. */
export interface EditRequest extends RequestBase {
  /** What is asked for. */
  event: "edit";
  /** To whom it went: a name, or a room with `#`. */
  to: string;
  /** Its number. */
  seq: number;
  /** The text from now on. */
  message: string;
}

/** Deletes a message. */
export interface DeleteRequest extends RequestBase {
  /** What is asked for. */
  event: "delete";
  /** To whom it went: a name, or a room with `#`. */
  to: string;
  /** Its number. */
  seq: number;
}

/** Says up to where one has read. */
export interface ReadRequest extends RequestBase {
  /** What is asked for. */
  event: "read";
  /** With whom: a name, or a room with `#`. */
  with: string;
  /** The number of a message. */
  seq: number;
}

/** Asks for one's conversations. */
export interface ConversationsRequest extends RequestBase {
  /** What is asked for. */
  event: "conversations";
}

/** Takes no direct messages from an account any more, or takes them again; without both fields asks from whom one does not. */
export interface BlockRequest extends RequestBase {
  /** What is asked for. */
  event: "block";
  /** The account's name. */
  user?: string;
  /** Whether it is blocked from now on. */
  on?: boolean;
}

/** Asks what there is to know of somebody. */
export interface WhoisRequest extends RequestBase {
  /** What is asked for. */
  event: "whois";
  /** The name. */
  user: string;
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
  | AckRequest
  | RoomsRequest
  | RoomRequest
  | InviteRequest
  | KickRequest
  | BanRequest
  | MuteRequest
  | GrantRequest
  | HistoryRequest
  | SearchRequest
  | EditRequest
  | DeleteRequest
  | ReadRequest
  | ConversationsRequest
  | BlockRequest
  | WhoisRequest;

/** A user as `who` lists them. */
export interface WhoUser {
  /** The name as its owner typed it. */
  account_name: string;
  /** What they say of themselves; may be empty. */
  status: string;
  /** In a room that lasts: what they are there, if they are more than a member. */
  role?: RoomRole;
}

/** A room as `rooms` lists it. */
export interface RoomEntry {
  /** The name as its creator typed it. */
  room: string;
  /** What it is about; may be empty. */
  topic: string;
  /** How many are in. */
  users: number;
  /** Whether it exists without members, too. */
  lasting: boolean;
}

/** What somebody may be in a room. */
export const ROOM_ROLES = ["owner", "moderator", "member"] as const;

/** One of {@linkcode ROOM_ROLES}. */
export type RoomRole = typeof ROOM_ROLES[number];

/** A ban or a mute, as `room` lists it. */
export interface Sanction {
  /** Whether they are kept out, or may not speak. */
  kind: "ban" | "mute";
  /** Whom it holds for. */
  user: string;
  /** Unix seconds of its end; absent if it is for good. */
  until?: number;
  /** Why; absent if nobody has said. */
  reason?: string;
  /** Who has said so. */
  by: string;
}

/** Why a room takes or tells something not: what a 403 carries as `refused`. */
export const ROOM_REFUSALS = [
  /** It is kept out: `retry` says for how long, `reason` why. */
  "banned",
  /** It may not speak: `retry` says for how long. */
  "muted",
  /** Only who was invited may enter. */
  "private",
  /** Only owners and moderators speak. */
  "moderated",
  /** One thing in so many seconds: `retry` says when the next. */
  "slow",
  /** One is not in. */
  "not-member",
  /** It needs a higher role than one has, or than the other one has. */
  "role",
  /** A guest has made the room: it has no roles and no settings. */
  "passing",
] as const;

/** One of {@linkcode ROOM_REFUSALS}. */
export type RoomRefusalName = typeof ROOM_REFUSALS[number];

/** A message as `history`, `search` and `join` list it. */
export interface KeptDelivery extends Omit<Delivery, "event" | "stored" | "message" | "n"> {
  /** The text; absent if it was deleted. */
  message?: string;
  /** Its number in its conversation. */
  seq: number;
  /** Unix seconds of the last change of the text, if there was one. */
  edited?: number;
  /** Whether it was deleted. */
  deleted?: true;
}

/** A conversation as `conversations` lists it. */
export interface Conversation {
  /** With whom. */
  with: string;
  /** The number of the newest message. */
  last: number;
  /** Up to where one has read. */
  read: number;
  /** How many messages of others are behind that. */
  unread: number;
  /** Unix seconds of the newest message. */
  time: number;
}

/** Extra fields of some responses. */
export interface ResponseExtras {
  /** `msg` to a room: how many members got it. */
  delivered?: number;
  /** `join`, `leave`, `room`: the room's name as its creator typed it. */
  room?: string;
  /** `join`: names of the members; `who`: users with their status. */
  users?: string[] | WhoUser[];
  /**
   * `rooms`: the rooms; with `resumed`: names of the rooms that one is in; `whois`: names of those that both are in, if
   * somebody is online.
   */
  rooms?: RoomEntry[] | string[];
  /** `who`, `rooms`: how many there are, including those that are not listed. */
  total?: number;
  /** `join`, `room`: what the room is about. */
  topic?: string;
  /** `join`, `room`: whether the room exists without members, too. */
  lasting?: boolean;
  /** `join`: what the user is there. */
  role?: RoomRole;
  /**
   * `join`: the number of the newest message that is kept; 0 if none is. `whois`: Unix seconds, to the minute, at which
   * somebody who is offline was last online.
   */
  last?: number;
  /** `room`: names of its owners. */
  owners?: string[];
  /** `room`: names of its moderators. */
  moderators?: string[];
  /** `room`: whether only who was invited may enter. */
  private?: boolean;
  /** `room`: whether only owners and moderators speak. */
  moderated?: boolean;
  /** `room`: seconds in which a member may say one thing; 0 is no limit. */
  slow?: number;
  /** `room`, for moderators: names of those who are kept out. */
  banned?: string[];
  /** `room`, for moderators: names of those who may not speak. */
  muted?: string[];
  /** `room`, for moderators: names of the accounts that may enter though it is private. */
  invited?: string[];
  /** `room`, for moderators: the same bans and mutes with all that is known of them. */
  sanctions?: Sanction[];
  /** With a 403 about a room: why. */
  refused?: RoomRefusalName;
  /** With a 403 that passes: whole seconds until then, at least 1. */
  retry?: number;
  /** With a 403 about a ban: what its moderator has said. */
  reason?: string;
  /** `msg`: the number under which the message is kept. */
  seq?: number;
  /** `msg` to somebody who is away, `whois`: why. */
  away?: string;
  /** `whois`: the name as its owner typed it last. */
  account_name?: string;
  /** `whois`: whether it is an account's. */
  account?: boolean;
  /** `whois`: whether they are online. */
  online?: boolean;
  /** `whois`: Unix seconds, to the minute, since which they are online. */
  since?: number;
  /** `whois`: what somebody who is online says of themselves; may be empty. */
  status?: string;
  /** `history`, `join`: oldest first; `search`: newest first. */
  messages?: KeptDelivery[];
  /** `history`, `join`: whether there is more in the direction of the search. */
  more?: boolean;
  /** `search`: what to ask for more with; absent at the end. */
  next?: string;
  /** `conversations`: the one with the newest message first. */
  conversations?: Conversation[];
  /** `block`: names of the accounts from which one takes no direct messages. */
  blocked?: string[];
  /** `presence`, `authenticate`: names of the extensions that the server serves. */
  features?: readonly string[];
  /** `presence`, `authenticate`: what proves the name the next time. */
  resume?: string;
  /** `presence`, `authenticate`: the session that was interrupted goes on; what it has not seen comes next. */
  resumed?: true;
  /** To classic clients: the names in a list. */
  data_list?: readonly string[];
  /** To classic clients: a public key. */
  bin?: string;
}

/** The answer to a request. */
export interface Response extends ResponseExtras {
  /** One of {@linkcode CODE}. */
  response: number;
  /** The server's Unix seconds. */
  time: number;
  /** One sentence; with 2xx. */
  alert?: string;
  /** One sentence; with 4xx and 5xx. */
  error?: string;
  /** The request's id. */
  id?: RequestId;
}

/** Said by the server unasked: 100 or 101. */
export interface Notice {
  /** One of {@linkcode CODE}. */
  response: number;
  /** The server's Unix seconds. */
  time: number;
  /** One sentence. */
  alert: string;
  /** The name of the room. */
  room?: string;
  /** Who came; a list only for who has asked for it, and then one's own name may be in it. */
  joined?: string | string[];
  /** Who went; a list as with `joined`. */
  left?: string | string[];
  /** With `left`: somebody has taken them out. */
  kicked?: boolean;
  /** With `kicked`: they are kept out, too. */
  banned?: boolean;
  /** One's own name: one may enter that room. */
  invited?: string;
  /** Whom `muted` or `role` is about. */
  user?: string;
  /** Whether they may not speak from now on. */
  muted?: boolean;
  /** For how long `banned` or `muted` holds; absent if for good. */
  seconds?: number;
  /** What they are from now on. */
  role?: RoomRole;
  /** What the room is about from now on. */
  topic?: string;
  /** Whether only who was invited may enter from now on. */
  private?: boolean;
  /** Whether only owners and moderators speak from now on. */
  moderated?: boolean;
  /** Seconds in which a member may say one thing from now on. */
  slow?: number;
  /** The room is no more. */
  remove?: boolean;
  /** Who did that. */
  by?: string;
  /**
   * With 101, before the server closes: why. One of {@linkcode CLOSE_REASONS}, or what a newer server says. With
   * `kicked`: what the moderator has said.
   */
  reason?: string;
  /** Its number, in a numbered session; only with 100. */
  n?: number;
}

/** A message as its addressee gets it. */
export interface Delivery {
  /** What is asked for. */
  event: "msg";
  /** The server's Unix seconds. */
  time: number;
  /** A name, or a room with `#`. */
  to: string;
  /** The name of the sender. */
  from: string;
  /** The text. */
  message: string;
  /** The request's id. */
  id?: RequestId;
  /** The number of the message that it answers. */
  reply?: number;
  /** How it is meant, if it is not just said. */
  kind?: MessageKind;
  /** The number under which it is kept, if it is. */
  seq?: number;
  /** The number in the mailbox, to be acknowledged with `ack`. */
  stored?: number;
  /** Its number, in a numbered session. */
  n?: number;
}

/** A message has another text, as who may read it learns. */
export interface Edited {
  /** What has happened. */
  event: "edit";
  /** The server's Unix seconds. */
  time: number;
  /** A name, or a room with `#`. */
  to: string;
  /** Who wrote it and has changed it. */
  from: string;
  /** Its number. */
  seq: number;
  /** The text from now on. */
  message: string;
  /** How it is meant, as it was. */
  kind?: MessageKind;
  /** Its own number, in a numbered session. */
  n?: number;
}

/** A message is deleted, as who might read it learns. */
export interface Deleted {
  /** What has happened. */
  event: "delete";
  /** The server's Unix seconds. */
  time: number;
  /** A name, or a room with `#`. */
  to: string;
  /** Who wrote it. */
  from: string;
  /** Who has deleted it. */
  by: string;
  /** Its number. */
  seq: number;
  /** Its own number, in a numbered session. */
  n?: number;
}

/** The server asks whether the client is still there. */
export interface Probe {
  /** What is asked for. */
  event: "probe";
  /** The server's Unix seconds. */
  time: number;
}

/** What a client may receive, told apart by `kind`. */
export type ServerFrame =
  | { kind: "response"; frame: Response }
  | { kind: "notice"; frame: Notice }
  | { kind: "message"; frame: Delivery }
  | { kind: "change"; frame: Edited | Deleted }
  | { kind: "probe"; frame: Probe }
  /** An event of a later protocol: nothing happens. */
  | { kind: "unknown" };

/** The names in `joined` or `left` of a {@linkcode Notice}, be it one or a list. */
export function namesIn(names: string | readonly string[] | undefined): readonly string[] {
  return typeof names === "string" ? [names] : names ?? [];
}

/** Whether an addressee is a room: it begins with `#`. */
export function isRoomAddress(to: string): boolean {
  return to.charCodeAt(0) === 0x23;
}

/** Whether a code says that the request was carried out. */
export function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}

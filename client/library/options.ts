/**
 * What the methods of {@linkcode JimClient} take and give.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";
import type {
  KeptDelivery,
  MessageKind,
  RoomEntry,
  RoomRole,
  Sanction,
  WhoUser,
} from "../../common/wire/protocol.ts";
import type { BackoffOptions } from "./backoff.ts";
import type { NodeAddress } from "./node_address.ts";

/** How a `JimClient` behaves. */
export interface ClientOptions extends BackoffOptions {
  /**
   * Host name or address of the server.
   *
   * @default {"localhost"}
   */
  hostname?: string;
  /**
   * Its port.
   *
   * @default {7777}
   */
  port?: number;
  /**
   * Further nodes of the same server, which are tried when that one cannot be reached, hangs up before the login is
   * answered, or gives no sign of life for 5 s.
   *
   * @default {[]}
   */
  others?: readonly NodeAddress[];
  /** Log in under this name right after connecting. */
  name?: string;
  /** The password that belongs to `name`. */
  password?: string;
  /**
   * Speak TLS.
   *
   * @default {false}
   */
  tls?: boolean;
  /** Further certificates to trust, in PEM. */
  caCerts?: string[];
  /**
   * Whether a connection that is lost after login is made again.
   *
   * @default {true}
   */
  reconnect?: boolean;
  /**
   * Whether to ask the server to keep, for a while after a lost connection, the name, the rooms and what is said, so that
   * the client can go on as if nothing had happened. A server that cannot do that is used as it is.
   *
   * @default {true, if it reconnects}
   */
  resume?: boolean;
  /**
   * How many messages may wait for a consumer before reading is paused, and how many requests for an answer
   * before `send` and the others are refused.
   *
   * @default {10000}
   */
  maxQueued?: number;
  /**
   * How many UTF-16 units they may have, in the same way. If four times as many messages come while an answer is waited
   * for, behind which they stand, the client ends with a `ConnectionLostError` (`overload`).
   *
   * @default {16777216}
   */
  maxQueuedUnits?: number;
  /**
   * How many messages of one conversation are handed out as missed after a lost connection; if there are more, a `gap`
   * says so. With 0 nothing is asked for.
   *
   * @default {10000}
   */
  maxMissed?: number;
  /** Milliseconds of silence before the server is probed. @default {8000} */
  probeIntervalMs?: number;
  /** Milliseconds that it has to answer. @default {5000} */
  probeTimeoutMs?: number;
  /** Closes the client at once. */
  signal?: AbortSignal;
  /** Opens links; for tests and for other transports. @default {dial} */
  dial?: (signal: AbortSignal) => Promise<Link>;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
  /** In [0, 1), for the jitter. @default {Math.random} */
  random?: () => number;
}

/** An `AbortSignal` for one call. The request may have been carried out all the same. */
export interface CallOptions {
  /** Ends the waiting. */
  signal?: AbortSignal | undefined;
}

/** How to log in. */
export interface LoginOptions extends CallOptions {
  /** Without it one goes online as a guest. */
  password?: string | undefined;
  /**
   * Make an account of this name and password.
   *
   * @default {false}
   */
  register?: boolean;
  /** With `register`: the invitation code, where the server asks for one; at most 64 characters. */
  invite?: string | undefined;
  /**
   * Replace the connection from which the account is online, even if it lives; without this, one that does not answer
   * the server is replaced. Counts for this login only, not for those after a lost connection; nothing to a guest.
   *
   * @default {false}
   */
  takeover?: boolean;
  /** At most 100 characters. */
  status?: string | undefined;
  /** Why one does not answer; at most 100 characters. */
  away?: string | undefined;
}

/** How to send a message. */
export interface SendOptions extends CallOptions {
  /**
   * Let the server keep the message if the addressee has an account and is offline.
   *
   * @default {true}
   */
  store?: boolean;
  /** The message's identity: of two with the same id and text the addressee sees one. @default random */
  id?: string;
  /** The number of the message in the same conversation that it answers. */
  reply?: number;
  /** How it is meant: `"action"` for what one does, as in `eve waves`. @default It is just said. */
  kind?: MessageKind | undefined;
}

/** How to enter a room. */
export interface JoinOptions extends CallOptions {
  /** Also ask for kept messages with a higher number, the oldest of these. Not together with `history`. */
  after?: number;
  /** Also ask for so many of the newest messages that are kept, at most 100. */
  history?: number;
}

/** Whether to let somebody in. */
export interface InviteOptions extends CallOptions {
  /** With `false` they may enter no more. @default {true} */
  on?: boolean;
}

/** How to take somebody out of a room. */
export interface KickOptions extends CallOptions {
  /** Why, for all who are in; at most 200 characters. */
  reason?: string;
}

/** For how long somebody may not speak. */
export interface MuteOptions extends CallOptions {
  /** Up to ten years; 0 lifts it. @default for good */
  seconds?: number;
}

/** For how long somebody is kept out, and why. */
export interface BanOptions extends MuteOptions, KickOptions {}

/** Which page of a conversation. */
export interface HistoryOptions extends CallOptions {
  /** Only messages with a lower number; the newest of these. */
  before?: number;
  /** Only messages with a higher number; the oldest of these. Not together with `before`. */
  after?: number;
  /** Messages at most, 1–100. @default {50} */
  limit?: number;
}

/** Which part of a conversation to walk through. */
export interface HistoryPagesOptions extends CallOptions {
  /** Begin below this number, and go back. */
  before?: number;
  /** Begin above this number, and go on to the newest. Not together with `before`. */
  after?: number;
  /** Messages that are asked for at once, 1–100. @default {50} */
  pageSize?: number;
}

/** A page of a conversation. */
export interface HistoryPage {
  /** The oldest first. */
  messages: KeptDelivery[];
  /** Whether there is more in the direction that was asked for. */
  more: boolean;
}

/** Where to search. */
export interface SearchOptions extends CallOptions {
  /** Only in the conversation with that name or room. */
  with?: string;
  /** Only what somebody of that name has said. */
  from?: string;
  /** Hits at most, in all. @default {Infinity} */
  limit?: number;
}

/** Which page of what a search finds. */
export interface SearchPageOptions extends CallOptions {
  /** Only in the conversation with that name or room. */
  with?: string;
  /** Only what somebody of that name has said. */
  from?: string;
  /** Where the page before ended: its `next`. */
  cursor?: string;
  /** Messages at most, 1–100. @default {50} */
  limit?: number;
}

/** A page of what a search finds. */
export interface SearchPage {
  /** The newest first. */
  messages: KeptDelivery[];
  /** The `cursor` of the next page; absent at the end. */
  next?: string;
}

/** A room that was entered. */
export interface JoinAnswer {
  /** Its name as it is shown. */
  room: string;
  /** Its members, one's own name among them. */
  users: string[];
  /** Whether there was no such room before. */
  isNew: boolean;
  /** What it is about; may be empty. */
  topic: string;
  /** Whether it exists without members, too. */
  isLasting: boolean;
  /** What one is there. */
  role: RoomRole;
  /** The number of the newest message that is kept, 0 if none is; absent if the server numbers none. */
  last?: number;
  /** What was asked for with `after` or `history`, the oldest first; else empty. */
  messages: KeptDelivery[];
  /** Whether there are more kept messages in that direction. */
  more: boolean;
}

/** What there is to know of a room. */
export interface RoomAnswer {
  /** The server's Unix seconds, by which its sanctions end. */
  time: number;
  /** Its name as it is shown. */
  room: string;
  /** What it is about; may be empty. */
  topic: string;
  /** Whether it exists without members, too. */
  isLasting: boolean;
  /** Whether only who was invited may enter. */
  isPrivate: boolean;
  /** Whether only owners and moderators speak. */
  isModerated: boolean;
  /** Seconds in which a member may say one thing; 0 is no limit. */
  slow: number;
  /** Names of its owners. */
  owners: string[];
  /** Names of its moderators. */
  moderators: string[];
  /** For those who run the room: names of those who are kept out. */
  banned?: string[];
  /** For those who run the room: names of those who may not speak. */
  muted?: string[];
  /** For those who run the room: names of the accounts that may enter though it is private. */
  invited?: string[];
  /** For those who run the room: the same bans and mutes with all that is known of them. */
  sanctions?: Sanction[];
}

/** Which rooms there are. */
export interface RoomsAnswer {
  /** Sorted by name; at most 1000. */
  rooms: RoomEntry[];
  /** How many there are in all. */
  total: number;
}

/** What there is to know of somebody. */
export interface WhoisAnswer {
  /** The name as they typed it last. */
  name: string;
  /** Whether it is an account's; else it was, or is, a guest's. */
  isAccount: boolean;
  /** Whether they are online. */
  isOnline: boolean;
  /** Unix seconds, to the minute, since which they are online; absent if the server does not tell. */
  since?: number;
  /** Unix seconds, to the minute, at which they were last online, if they are not; absent if the server does not tell. */
  last?: number;
  /** What they say of themselves; may be empty. */
  status: string;
  /** Why they do not answer; absent if they are not away. */
  away?: string;
  /** Names of the rooms that they are in together with whoever asks. */
  rooms: string[];
}

/** Who is online. */
export interface WhoAnswer {
  /** Sorted by name; at most 1000. */
  users: WhoUser[];
  /** How many there are in all. */
  total: number;
}

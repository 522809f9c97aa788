/**
 * What happens to a client, as a tagged union.
 *
 * @module
 */

import type { Deleted, Delivery, Edited, MessageKind, Notice } from "../../common/wire/protocol.ts";
import type { RefusedError, RoomRefusal } from "./errors.ts";
import type { RoomNews } from "./room_news.ts";

/** What became of a message: the server's word, never a guess. */
export type SendOutcome =
  /**
   * Handed to the addressee's connection, or to `delivered` members of the room; kept under `seq`, if it is. `away` is why
   * an addressee does not answer, as long as they are away.
   */
  | {
    state: "sent";
    code: number;
    id: string;
    sentence: string;
    delivered?: number;
    seq?: number;
    away?: string;
  }
  /** On the server's disk until the addressee comes; kept under `seq`, if it is. */
  | { state: "stored"; code: number; id: string; sentence: string; seq?: number; away?: string }
  /** Not sent; `sentence` says why, and `about` if a room has something against it. */
  | { state: "refused"; code: number; id: string; sentence: string; about?: RoomRefusal };

/** Why messages that were missed are not handed out. */
export type GapReason =
  /** They are more than `maxMissed`. */
  | "many"
  /** So much else came meanwhile that it could not be kept waiting. */
  | "busy"
  /** The server refused. */
  | "refused"
  /** The server's answer made no sense. */
  | "wrong"
  /** The conversation is numbered anew: under this name it is another one now. */
  | "renumbered";

/** What happens to a client. */
export type ClientEvent =
  /**
   * A message came; `line` is what stood on the wire. One that was `missed` while the connection was lost has waited for
   * it, or is from the history: as if it had been delivered then, with the text that it has now.
   */
  | { type: "message"; message: Delivery; line: string; missed?: true }
  /**
   * After a lost connection not all was handed out that was missed in a conversation: what is numbered higher than
   * `after` and up to `upTo`, or, without it, lower than what comes next. `historyPages` has it, if anything has.
   */
  | {
    type: "gap";
    with: string;
    after: number;
    upTo?: number;
    reason: GapReason;
    /** The same for a person, or in the server's words; not safe to print. */
    sentence: string;
  }
  /**
   * The server says something unasked; `line` is what stood on the wire, `notice` what of it is new: see
   * `JimClient.notices`. `news` is the same for a program, if it is about what somebody does who runs a room.
   */
  | { type: "notice"; notice: Notice; line: string; news?: RoomNews }
  /** A kept message was edited or deleted; `line` is what stood on the wire. */
  | { type: "change"; change: Edited | Deleted; line: string }
  /** An own message got its answer. */
  | { type: "outcome"; to: string; message: string; kind?: MessageKind; outcome: SendOutcome }
  /**
   * Online; `again` after a lost connection, and if `resumed` it is as if it had not been lost: the server kept all. That is
   * `false` if the server had given a token for the session and has not kept it, and absent if it had given none.
   */
  | { type: "online"; name: string; again: boolean; resumed?: boolean }
  /** The connection is lost, or an attempt to get it back failed; the next one comes in `retryMs`. */
  | { type: "offline"; error: Error; attempt: number; retryMs: number }
  /** After a lost connection whose session is gone the client is in a room again, where these are. */
  | { type: "room-back"; room: string; users: readonly string[] }
  /** After a lost connection the server did not let the client back into a room. */
  | { type: "room-lost"; room: string; error: RefusedError }
  /** The server sent a line that is no frame; it was left out. */
  | { type: "malformed"; reason: string };

/**
 * What happens to a client, as a tagged union.
 *
 * @module
 */

import type { Deleted, Delivery, Edited, Notice } from "../../common/wire/protocol.ts";
import type { RefusedError } from "./errors.ts";

/** What became of a message: the server's word, never a guess. */
export type SendOutcome =
  /** Handed to the addressee's connection, or to `delivered` members of the room. */
  | { state: "sent"; code: number; id: string; sentence: string; delivered?: number }
  /** On the server's disk until the addressee comes. */
  | { state: "stored"; code: number; id: string; sentence: string }
  /** Not sent; `sentence` says why. */
  | { state: "refused"; code: number; id: string; sentence: string };

/** What happens to a client. */
export type ClientEvent =
  /** A message came; `line` is what stood on the wire. */
  | { type: "message"; message: Delivery; line: string }
  /** The server says something unasked; `line` is what stood on the wire. */
  | { type: "notice"; notice: Notice; line: string }
  /** A kept message was edited or deleted; `line` is what stood on the wire. */
  | { type: "change"; change: Edited | Deleted; line: string }
  /** An own message got its answer. */
  | { type: "outcome"; to: string; message: string; outcome: SendOutcome }
  /** Online; `again` after a lost connection. */
  | { type: "online"; name: string; again: boolean }
  /** The connection is lost, or an attempt to get it back failed; the next one comes in `retryMs`. */
  | { type: "offline"; error: Error; attempt: number; retryMs: number }
  /** After a lost connection the server did not let the client back into a room. */
  | { type: "room-lost"; room: string; error: RefusedError }
  /** The server sent a line that is no frame; it was left out. */
  | { type: "malformed"; reason: string };

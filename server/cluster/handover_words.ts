/**
 * What nodes say to each other when a session goes from one to the other, as plain JSON values.
 *
 * @module
 */

import { hasNameShape } from "../../common/names.ts";
import type { Handover } from "../people/handover.ts";
import type { Ticket } from "./name_table.ts";
import { isCount, isFlag, isListOf, isObject, isText } from "./shapes.ts";

/** Asks for a session, with the token's proof. */
export interface HandoverQuestion {
  /** What is asked. */
  readonly ask: "takeOver";
  /** Whose, folded. */
  readonly folded: string;
  /** See `Claim`. */
  readonly usedHash: string;
  /** See `Claim`. */
  readonly seen: number;
  /** See `Claim`. */
  readonly isAccount: boolean;
}

/** What is answered. */
export type HandoverReply =
  /** It is the other node's as soon as that has taken the name. */
  | { readonly handover: Handover; readonly ticket: Ticket }
  /** Nobody of that name is there, or it cannot be given away at the moment: it is to be looked for anew. */
  | { readonly moved: true }
  /** Why not: the token proves nothing; the client has more than was sent; the session has ended. */
  | { readonly refused: "token" | "never-sent" | "over" }
  /** The store of that node has failed. */
  | { readonly failed: string };

/** Whether a node asks for a session. */
export function isHandoverQuestion(value: unknown): value is HandoverQuestion {
  return isObject(value) && value.ask === "takeOver" && isText(value.folded) &&
    isText(value.usedHash) && isCount(value.seen) && isFlag(value.isAccount);
}

/**
 * Reads an answer to a {@linkcode HandoverQuestion}.
 *
 * @throws {TypeError} If it is none.
 */
export function readReply(value: unknown): HandoverReply {
  if (isObject(value)) {
    const isReply = "moved" in value || isText(value.refused) || isText(value.failed) ||
      (isCount(value.ticket) && isHandover(value.handover));
    if (isReply) return value as unknown as HandoverReply;
  }
  throw new TypeError("the answer is not a session");
}

function isHandover(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, session, origin, moves, since, status, away, wantsGathered } = value;
  const { mailbox, tokens, frames } = value;
  return isText(name) && hasNameShape(name) && isText(session) && isText(origin) &&
    isCount(moves) && (since === undefined || isCount(since)) && isText(status) &&
    (away === undefined || isText(away)) &&
    isFlag(wantsGathered) &&
    (mailbox === undefined ||
      (isObject(mailbox) && isCount(mailbox.last) && isListOf(mailbox.behind, isText))) &&
    isObject(tokens) && isListOf(tokens.own, isText) &&
    (tokens.opener === undefined || isText(tokens.opener)) &&
    isObject(frames) && isCount(frames.confirmed) && isListOf(frames.lines, isLine) &&
    isListOf(value.rooms, isRoom);
}

function isLine(value: unknown): boolean {
  return isObject(value) && isText(value.line) &&
    (value.stored === undefined || isCount(value.stored));
}

function isRoom(value: unknown): boolean {
  return isObject(value) && isText(value.name) && isFlag(value.lasts) && isCount(value.last) &&
    isListOf(value.members, isText);
}

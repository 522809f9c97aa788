/**
 * What nodes say to each other about direct messages, as plain JSON values.
 *
 * @module
 */

import { MESSAGE_KINDS, type MessageKind, type MsgRequest } from "../../common/wire/protocol.ts";
import type { DirectOutcome, Kept } from "../delivery/delivery.ts";
import type { RemotePerson } from "../people/remote_user.ts";
import { isPerson } from "./presence_words.ts";
import { isCount, isFlag, isListOf, isObject, isText } from "./shapes.ts";

/** A direct message that goes to another node. */
export type DirectMessage = Pick<MsgRequest, "to" | "message" | "id"> & {
  /** See {@linkcode MsgRequest.store}. */
  readonly store: boolean | undefined;
  /** See {@linkcode MsgRequest.reply}. */
  readonly reply: number | undefined;
  /** See {@linkcode MsgRequest.kind}. */
  readonly kind: MessageKind | undefined;
  /** The sender: an index into {@linkcode DirectQuestion.people}. */
  readonly from: number;
  /** Whether that or another node has said before that its addressee is not there. */
  readonly isAgain: true | undefined;
};

/** Hands messages over to the node of their addressees. */
export interface DirectQuestion {
  /** What is asked. */
  readonly ask: "direct";
  /** Who sends them. */
  readonly people: readonly RemotePerson[];
  /** The messages, in the order in which they were sent. */
  readonly messages: readonly DirectMessage[];
}

/** What has become of a message: what its sender is told, or that its addressee is elsewhere, or that the store has failed. */
export type Told = DirectOutcome | Kept | { readonly moved: true } | { readonly failed: string };

/** What is answered: this, for all of a question's messages. */
export interface DirectReply {
  /** One for each message; `null` where it is not known yet. */
  readonly told: readonly (Told | null)[];
}

/** And one of these for each `null`. */
export interface LateReply {
  /** Which of the messages. */
  readonly index: number;
  /** What has become of it. */
  readonly told: Told;
}

const OUTCOMES: Readonly<Record<DirectOutcome, true>> = {
  delivered: true,
  full: true,
  "too-long": true,
  "catching-up": true,
  behind: true,
  offline: true,
  stored: true,
  guest: true,
  "mailbox-full": true,
  "sender-full": true,
  "guests-full": true,
  "strangers-full": true,
  "no-message": true,
  blocked: true,
  unknown: true,
};

/** Whether a node hands over messages. */
export function isDirectQuestion(value: unknown): value is DirectQuestion {
  if (!isObject(value) || value.ask !== "direct") return false;
  const { people, messages } = value;
  return Array.isArray(people) && people.every(isPerson) &&
    isListOf(messages, (it) => isMessage(it) && it.from < people.length);
}

/**
 * Reads the answer to a {@linkcode DirectQuestion} of so many messages.
 *
 * @returns `undefined` if it is none.
 */
export function readReply(value: unknown, count: number): DirectReply["told"] | undefined {
  if (!isObject(value) || !Array.isArray(value.told) || value.told.length !== count) {
    return undefined;
  }
  return value.told.every((it) => it === null || isTold(it)) ? value.told : undefined;
}

/** Reads a further answer; `undefined` if it is none. */
export function readLate(value: unknown): LateReply | undefined {
  if (!isObject(value) || !isCount(value.index) || !isTold(value.told)) return undefined;
  return { index: value.index, told: value.told };
}

function isMessage(value: unknown): value is DirectMessage {
  if (!isObject(value)) return false;
  const { from, to, message, id, store, reply, kind, isAgain } = value;
  return isCount(from) && isText(to) && isText(message) &&
    (id === undefined || isText(id) || Number.isSafeInteger(id)) &&
    (store === undefined || isFlag(store)) && (reply === undefined || isCount(reply)) &&
    (kind === undefined || MESSAGE_KINDS.some((it) => it === kind)) &&
    (isAgain === undefined || isAgain === true);
}

function isTold(value: unknown): value is Told {
  if (isText(value)) return Object.hasOwn(OUTCOMES, value);
  if (!isObject(value)) return false;
  const { outcome } = value;
  return value.moved === true || isText(value.failed) ||
    isCount(value.seq) && (outcome === "delivered" || outcome === "stored" || outcome === "behind");
}

/**
 * Messages that are delivered at once and kept.
 *
 * @module
 */

import { type Clock, unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import type { MsgRequest } from "../../common/wire/protocol.ts";
import type { User } from "../people/user.ts";
import type { Earlier, Place } from "../store/messages.ts";
import type { Store } from "../store/store.ts";
import { textOf } from "./message.ts";
import { fingerprintOf } from "./repeats.ts";

/** A message that is to be kept. */
export interface Draft {
  /** The sender. */
  readonly from: User;
  /** The addressee's name, as shown: a user's or a room's. */
  readonly to: string;
  /** What was asked for. */
  readonly request: MsgRequest;
  /** Where to keep it; a number is at hand. */
  readonly conversation: number;
  /** See {@linkcode Keeper.fingerprintOf}. */
  readonly fingerprint: string | undefined;
  /** Unix seconds at which it is accepted. */
  readonly time: number;
}

/** What became of a message that was delivered. */
export interface Delivered {
  /** How many connections took it at once; 0 if it had come before, as a letter. */
  readonly delivered: number;
  /** Its number; `undefined` if its conversation ended in that very moment, so that it is not kept. */
  readonly seq: number | undefined;
}

/**
 * Keeps messages that are delivered at once.
 *
 * Guarantees:
 * 1. A message is handed over when it is numbered, and messages of a conversation in the order of their numbers.
 * 2. What came before, or answers a message that is not there, is neither handed over nor kept.
 */
export interface Keeper {
  /**
   * Whether messages are handed over when something was waited for, instead of in the turn of the call. Then a message that
   * is accepted is handed over whatever happens meanwhile: all nodes have it.
   *
   * @default {false}
   */
  readonly isLate?: boolean;
  /** What a message is recognised by when it comes again: an account's, or one of the same session of a guest. */
  fingerprintOf(from: User, request: MsgRequest): string | undefined;
  /** What became of a message, if it came before. */
  findEarlier(conversation: number, fingerprint: string): Earlier | undefined;
  /** Unix seconds from which on a message may have come before. */
  repeatsSince(): number;
  /** Whether a message to that conversation can be numbered; if not, the store opens the conversation first. */
  isAtHand(conversation: number): boolean;
  /**
   * Has a message numbered, handed over and kept, and gives the outcome when it is durable.
   *
   * @param handOver Gives the message to its addressees under its number; says how many took it, or why nothing has
   * happened. Called at most once; before anything is waited for unless the keeper {@linkcode Keeper.isLate}: then it
   * takes the message in any case, and is called also when the outcome was given up.
   * @returns What became of it, or of the same message when it came before; `"no-message"` if it answers none.
   * @throws {StoreError} If the store fails; a `StoreFullError` before anything is handed over.
   */
  keep<Taken extends number | string>(
    draft: Draft,
    handOver: (place: Place) => Taken,
  ): Promise<Delivered | Exclude<Taken, number> | "no-message">;
}

/** Numbers messages, has them handed over in that very turn, and keeps them in this node's own store. */
export class LocalKeeper implements Keeper {
  readonly #store: Store;
  readonly #clock: Clock;

  /** Keeps nothing by itself. */
  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** See {@linkcode Keeper.fingerprintOf}. */
  fingerprintOf(from: User, request: MsgRequest): string | undefined {
    return messageFingerprint(from, request);
  }

  /** See {@linkcode Keeper.isAtHand}. */
  isAtHand(conversation: number): boolean {
    return this.#store.nextSeq(conversation) !== undefined;
  }

  /** See {@linkcode Keeper.findEarlier}. */
  findEarlier(conversation: number, fingerprint: string): Earlier | undefined {
    return this.#store.findEarlier(conversation, fingerprint, this.repeatsSince());
  }

  /** See {@linkcode Keeper.repeatsSince}. */
  repeatsSince(): number {
    return unixSeconds(this.#clock) - LIMITS.repeatSeconds;
  }

  /** See {@linkcode Keeper.keep}: hands over before anything is waited for. */
  async keep<Taken extends number | string>(
    draft: Draft,
    handOver: (place: Place) => Taken,
  ): Promise<Delivered | Exclude<Taken, number> | "no-message"> {
    const { from, to, conversation, fingerprint, time } = draft;
    const { message, id, reply, kind } = draft.request;
    const store = this.#store;
    if (fingerprint !== undefined) {
      const earlier = this.findEarlier(conversation, fingerprint);
      if (earlier !== undefined) return earlier;
    }
    if (reply !== undefined && !store.hasMessage(conversation, reply)) return "no-message";
    store.checkRoom(message.length);
    const seq = store.nextSeq(conversation)!;
    const taken = handOver({ conversation, seq });
    if (typeof taken === "string") return taken as Exclude<Taken, number>;
    const delivered = taken as number;
    const isKept = await store.keepMessage({
      conversation,
      seq,
      from: from.name,
      sender: from.isAccount ? from.folded : undefined,
      guest: from.isAccount ? undefined : from.session,
      to,
      message,
      time,
      id,
      reply,
      kind,
      fingerprint,
      delivered,
    });
    return { delivered, seq: isKept ? seq : undefined };
  }
}

/** See {@linkcode Keeper.fingerprintOf}. */
export function messageFingerprint(from: User, request: MsgRequest): string | undefined {
  const { id, to } = request;
  if (typeof id !== "string") return undefined;
  const sender = from.isAccount ? from.folded : `:${from.session}`; // no name has a colon
  return fingerprintOf({ from: sender, to: foldName(to), id, textJson: textOf(request) });
}
